// Every manifest of the seed documents, applied with real kubectl: accepted and refused as by a real API server.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { parse } from "#yaml";
import type { KubernetesVersion } from "../../src/dev/built-in/legacy-kinds.ts";
import { type Manifest, startKubeServer } from "../support/kube-server.ts";
import { createKubectl } from "../support/kubectl.ts";
import { findKubectls, type KubectlBinary } from "../support/kubectl-binaries.ts";
import { projectRoot } from "../support/runtimes.ts";
import { documentsOf, mendSeed004, readSeedBlocks, renderTemplate } from "../support/seed-blocks.ts";
import { temporaryFolder } from "../support/weir.ts";

/** One recorded `kubectl apply`. */
interface Recorded {
  readonly seed: string;
  /** `04`, or a variant of a block: `04-without-n`, `01-fixed-05`. */
  readonly block: string;
  readonly exit: number;
  /** Lines. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

interface Recording {
  readonly kubectl: KubectlBinary;
  readonly kubernetes: KubernetesVersion;
  /** In the folder `kube-golden`, without its ending. */
  readonly file: string;
}

const shared = process.env["WEIR_SHARED"];
const [newest, old] = await findKubectls();
const folder = await temporaryFolder();
after(() => folder.remove());

const recordings: readonly Recording[] = [
  { kubectl: newest, kubernetes: "1.26", file: "v1.26/50-seeds-1.33" },
  { kubectl: old, kubernetes: "1.26", file: "v1.26/50-seeds-1.20" },
  { kubectl: old, kubernetes: "1.20", file: "v1.20/50-seeds-1.20" },
];

for (const { kubectl, kubernetes, file } of recordings) {
  const skip = shared === undefined ? "WEIR_SHARED does not name the folder with kube-golden" : kubectl.skip;
  test(
    `kubectl ${kubectl.name} applies every block of the seeds to the API of ${kubernetes} as to a real server`,
    { skip },
    () => applyAll(kubectl, kubernetes, join(shared ?? "", "kube-golden", file)),
  );
}

async function applyAll({ path }: KubectlBinary, kubernetes: KubernetesVersion, recording: string): Promise<void> {
  const recorded: readonly Recorded[] = JSON.parse(await readFile(`${recording}.summary.json`, "utf8"));
  const texts = await textsOfSteps(join(shared ?? "", "seeds"));
  const commands = await recordedCommands(`${recording}.jsonl`);
  const server = await startKubeServer({ alone: true, kubernetes });
  const kubectl = await createKubectl(server.url, { binary: path, folder: folder.path });
  const addNamespace = (name: string) => server.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  try {
    await server.apply(await serviceApis());
    await addNamespace("test-pod");
    for (const { seed, block, exit, stdout, stderr } of recorded) {
      if (block === "99-rendered-again") await addNamespace("prod"); // it was missing at the first try
      const id = `${seed}-${block}`;
      await folder.write("block.yaml", texts.get(id) ?? "");
      const seen = await kubectl.run(commands.get(id) ?? []);
      const told = { exit: seen.exit, stdout: linesOf(seen.stdout), stderr: linesOf(seen.stderr) };
      assert.deepEqual(told, { exit, stdout, stderr }, id);
    }
  } finally {
    await kubectl.close();
    await server.close();
  }
}

/** What seed 003 tells its readers to install first. */
async function serviceApis(): Promise<Manifest> {
  const object = parse(await readFile(`${projectRoot}fixtures/service-apis/httproutes.yaml`, "utf8"));
  return JSON.parse(JSON.stringify(object));
}

/** Each recorded step's manifest: a block, or what it becomes once it is mended. */
async function textsOfSteps(seeds: string): Promise<ReadonlyMap<string, string>> {
  const blocks = new Map((await readSeedBlocks(seeds)).map(({ seed, block, text }) => [`${seed}-${block}`, text]));
  const of = (id: string) => blocks.get(id) ?? "";
  const values = { "Release.Namespace": "prod", "Values.runtime.network.domainName": "example.com" };
  const rendered = renderTemplate(of("004-02"), values);
  return new Map([
    ...blocks,
    ["002-04-without-n", of("002-04")],
    ["002-06-without-n", of("002-06")],
    ...documentsOf(mendSeed004(of("004-01"))).map((text, index) => [`004-01-fixed-0${index + 1}`, text] as const),
    ["004-02-rendered", rendered],
    ["004-99-rendered-again", rendered],
  ]);
}

/** Arguments by step: some were run in a namespace. */
async function recordedCommands(path: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  return new Map(lines.map((line) => {
    const { id, argv }: { id: string; argv: readonly string[] } = JSON.parse(line);
    return [id, argv];
  }));
}

function linesOf(text: string): string[] {
  return text.trimEnd().split("\n");
}
