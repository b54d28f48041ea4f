// `weir check` as a process: folders of faulty and of sound files, the seeds' manifests, formats and exit codes.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { runCommand } from "../support/command.ts";
import { briefly, checkTexts, readFaulty } from "../support/checked.ts";
import { projectRoot, type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";
import { documentsOf, mendSeed004, readSeedBlocks, renderTemplate } from "../support/seed-blocks.ts";

const BROKEN = "fixtures/check/broken";
const shared = process.env["WEIR_SHARED"];
const withoutSeeds = shared === undefined ? "the seeds are read from the folder that WEIR_SHARED names" : false;

interface Listed {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
}

/** Runs weir with a text on its standard input. */
function pipe(
  runtime: RuntimeCommand,
  args: readonly string[],
  text: string,
): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(runtime.command, [...runtime.args, ...args], {
      cwd: projectRoot,
      stdio: ["pipe", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.on("data", (chunk) => stdout += String(chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout }));
    child.stdin.end(text);
  });
}

for (const runtime of threeRuntimes) {
  test(`check finds each fault of a folder at its place, and nothing else, on ${runtime.name}`, async () => {
    const faulty = await readFaulty();
    const { code, stdout, stderr } = await runCommand(runtime, ["check", BROKEN, "--format", "json"]);
    const { findings }: { findings: readonly Listed[] } = JSON.parse(stdout);
    const found = findings.map(({ file, line, column, code: each }) => `${file}:${line}:${column} ${each}`);
    assert.deepEqual(found.sort(), faulty.flatMap(({ expected }) => expected).sort());
    assert.deepEqual([code, stderr], [1, ""]);
  });

  test(`check says nothing of sound files on ${runtime.name}`, async () => {
    const { code, stdout, stderr } = await runCommand(runtime, ["check", "--strict", "fixtures/check/fine"]);
    assert.match(stdout, /^nothing is wrong \(9 files, \d+ objects; 1 object of kinds weir does not know\)\n$/);
    assert.deepEqual([code, stderr], [0, ""]);
  });

  test(`check reads standard input on ${runtime.name}`, async () => {
    const text = await readFile(`${projectRoot}${BROKEN}/unknown-field.yaml`, "utf8");
    const { code, stdout } = await pipe(runtime, ["check", "-", "--format", "github"], text);
    assert.equal(
      stdout,
      "::error file=<stdin>,line=12,col=7,title=unknown-field::" +
        'unknown field "middleware" (did you mean "middlewares"?)\n',
    );
    assert.equal(code, 1);
  });

  test(`check shows the line with a mark, and tells wrong usage from faults, on ${runtime.name}`, async () => {
    const rule = await runCommand(runtime, ["check", `${BROKEN}/bad-rule.yaml`]);
    assert.equal(
      rule.stdout,
      'error[bad-rule]: the rule "Host(`bad-rule.example`) && PathPrefx(`/api`)": unknown matcher PathPrefx\n' +
        " --> fixtures/check/broken/bad-rule.yaml:9:42, IngressRoute default/bad-rule (spec.routes[0].match)\n" +
        "  |\n" +
        "9 |     - match: Host(`bad-rule.example`) && PathPrefx(`/api`)\n" +
        "  |                                          ^\n" +
        "  = help: did you mean PathPrefix?\n\n" +
        "1 error (1 file, 1 object)\n",
    );
    const missing = await runCommand(runtime, ["check", "no/such/folder"]);
    assert.equal(missing.stderr, 'weir check: can\'t read "no/such/folder": there is no such file or folder\n');
    assert.deepEqual([rule.code, missing.code], [1, 2]);
  });
}

/** One run of kubectl with one block of a seed, as it was recorded. */
interface Applied {
  readonly seed: string;
  readonly block: string;
  readonly exit: number;
}

/** What was given to kubectl under the name of a block. @returns undefined for runs that are about something else */
async function readApplied(): Promise<readonly { readonly run: Applied; readonly text: string }[]> {
  const folder = shared ?? "";
  const summary = join(folder, "kube-golden/v1.26/50-seeds-1.33.summary.json");
  const runs: readonly Applied[] = JSON.parse(await readFile(summary, "utf8"));
  const blocks = await readSeedBlocks(join(folder, "seeds"));
  return runs.flatMap((run) => {
    const [number, how, part] = run.block.split("-");
    const text = blocks.find(({ seed, block }) => seed === run.seed && block === number)?.text;
    if (text === undefined) return [];
    if (how === "fixed") return [{ run, text: documentsOf(mendSeed004(text))[Number(part) - 1] ?? "" }];
    if (how === "rendered") return [{ run, text: renderTemplate(text, { "Release.Namespace": "prod" }) }];
    return [{ run, text }];
  });
}

/** Refused by kubectl for the namespace on its command line, which no file holds. */
const otherReasons = ["002 04", "002 06"];

test(
  "check finds errors in those manifests of the seeds that a real server refuses",
  { skip: withoutSeeds },
  async () => {
    const applied = await readApplied();
    assert.ok(applied.length > 30, `${applied.length} runs`);
    for (const { run, text } of applied) {
      const name = `${run.seed} ${run.block}`;
      const errors = checkTexts({ [name]: text }).findings.filter(({ severity }) => severity === "error");
      const isRefused = run.exit !== 0 && !otherReasons.includes(name);
      assert.equal(errors.length > 0, isRefused, `${name}: ${errors.map(briefly).join(", ")}`);
    }
  },
);

test(
  "check finds errors in those documents of the seeds that a real server refuses",
  { skip: withoutSeeds },
  async () => {
    const blocks = await readSeedBlocks(join(shared ?? "", "seeds"));
    const bySeed = Map.groupBy(blocks, ({ seed }) => seed);
    const errors = [...bySeed].flatMap(([seed, list]) => {
      const texts = Object.fromEntries(list.map(({ block, text }) => [`${seed}-${block}`, text]));
      return checkTexts(texts).findings.filter(({ severity }) => severity === "error").map(briefly);
    });
    assert.deepEqual(errors, [
      "000-03:29:18 error invalid-value",
      "003-05:14:7 error invalid-value",
      "004-01:2:13 error unknown-kind",
      "004-01:26:13 error unknown-kind",
      "004-01:73:7 error syntax", // the lost "volumes:"
      "004-01:114:1 error duplicate-key", // the lost "---"
      "004-01:126:13 error unknown-kind",
      "004-01:142:13 error unknown-kind",
      "004-02:5:16 error template",
      "004-02:26:15 error template",
    ]);
  },
);

test("check finds no errors in the fixtures of the seeds, but for what their readers wrote wrong", async () => {
  const [runtime] = threeRuntimes;
  if (runtime === undefined) return;
  const sound = ["001", "002", "002-tls", "003", "004"].map((seed) => `fixtures/seeds/${seed}`);
  assert.equal((await runCommand(runtime, ["check", ...sound])).code, 0);
  const { stdout, code } = await runCommand(runtime, ["check", "--quiet", "--format=github", "fixtures/seeds/000"]);
  assert.match(
    stdout,
    /^::error file=fixtures\/seeds\/000\/mirror\.yaml,line=31,col=18,title=invalid-value::[^\n]*\n$/,
  );
  assert.equal(code, 1);
});
