// Every manifest of the seed documents, applied with real kubectl: accepted and refused as by a real API server.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { parse } from "#yaml";
import type { KubernetesVersion } from "../../src/dev/built-in/legacy-kinds.ts";
import { eventually } from "../support/ask.ts";
import { countBlocks, type DevSession, repeat, startDev } from "../support/dev-session.ts";
import { type Manifest, startKubeServer } from "../support/kube-server.ts";
import { createKubectl } from "../support/kubectl.ts";
import { findKubectls, type KubectlBinary } from "../support/kubectl-binaries.ts";
import { projectRoot, threeRuntimes } from "../support/runtimes.ts";
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

for (const runtime of threeRuntimes) {
  const skip = shared === undefined ? "WEIR_SHARED does not name the folder with the seeds" : newest.skip;
  test(`blocks that kubectl applies are served as their seeds show on ${runtime.name}`, { skip }, async () => {
    const nothing = await temporaryFolder();
    const session = await startDev(runtime, [nothing.path]);
    try {
      const texts = await textsOfSteps(join(shared ?? "", "seeds"));
      for (const play of [playSeed001, playSeed002, playSeed003, playSeed000]) {
        await play(session, async (...ids) => {
          const text = ids.map((id) => texts.get(id) ?? "").join("---\n");
          await session.kubectl.ok(["apply", "-f", "-"], text);
        });
      }
    } finally {
      await session.stop();
      await nothing.remove();
    }
  });
}

type Apply = (...ids: readonly string[]) => Promise<void>;

const notYet = /^(?:404 page not found|no available server|Service Unavailable)\s*$/;

/** What a host answers once its objects have all arrived. */
async function served(session: DevSession, host: string, ...args: readonly string[]): Promise<string> {
  return await eventually(() => session.curl(host, ...args), (text) => !notYet.test(text));
}

async function playSeed001(session: DevSession, apply: Apply): Promise<void> {
  await apply("001-01", "001-02", "001-03");
  assert.match(await served(session, "traefikservice-wrr.kubesre.lc"), /^Hello app-v[12]$/m);
  const answers = await repeat(9, () => session.curl("traefikservice-wrr.kubesre.lc"));
  assert.deepEqual(countBlocks(answers, 9), [{ "Hello app-v1": 3, "Hello app-v2": 6 }]);
  await apply("001-04", "001-05");
  for (const version of ["v1", "v2"]) {
    const cookie = ["-b", `cookie=default-app-${version}-80`];
    await served(session, "traefikservice-cokie.kubesre.lc", ...cookie);
    const sticky = await repeat(5, () => session.curl("traefikservice-cokie.kubesre.lc", ...cookie));
    assert.deepEqual(sticky, Array(5).fill(`Hello app-${version}`));
  }
  assert.equal(await served(session, "traefikservice-copy.kubesre.lc"), "Hello app-v1\n");
}

async function playSeed002(session: DevSession, apply: Apply): Promise<void> {
  await apply("002-01", "002-02", "002-03", "002-04");
  await served(session, "wrr.xinn.cc");
  const answers = await repeat(8, () => session.curl("wrr.xinn.cc"));
  const apps = answers.map((answer) => /appv[12]/.exec(answer)?.[0] ?? answer);
  assert.deepEqual(countBlocks(apps, 8), [{ appv1: 6, appv2: 2 }]);
  await apply("002-05", "002-06");
  const log = async () => (await session.kubectl.ok(["logs", "--tail=-1", "-l", "app=v2"])).split("\n").length - 1;
  await served(session, "mirror.xinn.cc");
  const before = await log();
  await repeat(4, () => session.curl("mirror.xinn.cc"));
  assert.equal(await eventually(log, (lines) => lines === before + 2), before + 2);
  // TCP and UDP: read, and kept for the entry points that serve them.
  await apply("002-07", "002-08", "002-09", "002-10", "002-11");
}

/** The seed routes by the Gateway API, which comes later: an Ingress of the same host and path stands in. */
async function playSeed003(session: DevSession, apply: Apply): Promise<void> {
  await apply("003-01", "003-04");
  await session.kubectl.ok(["apply", "-f", `${projectRoot}fixtures/seeds/003/ingress.yaml`]);
  const answer = (await served(session, "whoami")).replaceAll("\r", "");
  for (
    const line of [
      /^Hostname: whoami-/m,
      /^GET \/ HTTP\/1\.1$/m,
      /^Host: whoami$/m,
      /^User-Agent: curl\//m,
      /^Accept: \*\/\*$/m,
      /^X-Forwarded-For: 127\.0\.0\.1$/m,
      /^X-Forwarded-Host: whoami$/m,
      /^X-Forwarded-Port: \d+$/m,
      /^X-Forwarded-Proto: http$/m,
      /^X-Forwarded-Server: ./m,
      /^X-Real-Ip: 127\.0\.0\.1$/m,
    ]
  ) assert.match(answer, line);
  const refused = await session.kubectl.run(
    ["apply", "-f", "-"],
    (await textsOfSteps(join(shared ?? "", "seeds"))).get("003-05"),
  );
  assert.match(refused.stderr, /`selector` does not match template `labels`/);
  assert.match(refused.stdout, /^service\/whoami configured$/m);
}

async function playSeed000(session: DevSession, apply: Apply): Promise<void> {
  await session.kubectl.ok(["apply", "-f", `${projectRoot}fixtures/seeds/000/apps.yaml`]);
  await apply("000-01");
  // Seed 001 has a TraefikService of the same name, which is another one from now on.
  await eventually(() => session.curl("myapp.test.com"), (text) => text.includes("MyApp"));
  const answers = await repeat(9, () => session.curl("myapp.test.com"));
  const versions = answers.map((answer) => /^Hello MyApp \| Version: (v[12]) \| /.exec(answer)?.[1] ?? answer);
  assert.deepEqual(countBlocks(versions, 9), [{ v1: 3, v2: 6 }]);
  await session.kubectl.ok(["delete", "ingressroutes.traefik.containo.us", "ingressroutewrr"]);
  await apply("000-02");
  const cookie = ["-b", "test-cookie=default-myapp2-80"];
  await served(session, "myapp.test.com", ...cookie);
  const held = await repeat(5, () => session.curl("myapp.test.com", ...cookie));
  for (const text of held) assert.match(text, /Version: v2/);
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
