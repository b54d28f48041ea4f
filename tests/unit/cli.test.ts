// The command line's first word: what it does, and what is refused.

import { runtime } from "#runtime";
import assert from "node:assert/strict";
import { test } from "node:test";
import { main } from "../../src/cli.ts";

class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** Runs the command line up to its exit. */
async function run(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = "";
  let stderr = "";
  const fake = {
    ...runtime,
    args,
    env: {},
    stdout: (text: string) => void (stdout += text),
    stderr: (text: string) => void (stderr += text),
    exit: (code: number): never => {
      throw new Exit(code);
    },
  };
  try {
    await main(fake);
  } catch (thrown) {
    if (thrown instanceof Exit) return { code: thrown.code, stdout, stderr };
    throw thrown;
  }
  return assert.fail("main() came back");
}

const answers: readonly (readonly [args: string, stdout: RegExp])[] = [
  ["version", /^Version: {2}\S+\nCodename: weir\n/],
  ["--version", /^Version: /],
  ["help", /^weir: a Traefik-compatible[^]*Usage:[^]*--entryPoints\.<name>\.address/],
  ["--help", /Usage:/],
  ["-h", /Usage:/],
  ["dev --help", /Usage:/],
  ["dev k8s/ -h", /Usage:/],
  ["run --help", /Usage:/],
  ["check --help", /^Usage: weir check PATH/],
  ["help check", /^Usage: weir check PATH/],
  ["help crds", /^Usage: weir crds/],
  ["config --help", /Usage:/],
  ["--log.level=DEBUG --help", /Usage:/],
];

for (const [args, stdout] of answers) {
  test(`main() answers ${args}`, async () => {
    const got = await run(args.split(" "));
    assert.match(got.stdout, stdout);
    assert.deepEqual([got.code, got.stderr], [0, ""]);
  });
}

const refusals: readonly (readonly [args: string, stderr: RegExp])[] = [
  ["version --foo", /^weir: version takes no arguments, got "--foo"\n\nUsage:\n/],
  ["--version x", /^weir: version takes no arguments, got "x"\n\nUsage:\n/],
  [
    "help me",
    /^weir: help takes no such argument, got "me": only check, crds, rbac have a help text of their own\n\nUsage:\n/,
  ],
  ["serve", /^weir: "serve" is no command\n\nUsage:\n[^]*weir dev PATH/],
  ["serve --help", /^weir: "serve" is no command/],
];

for (const [args, stderr] of refusals) {
  test(`main() refuses ${args} with the usage`, async () => {
    const got = await run(args.split(" "));
    assert.match(got.stderr, stderr);
    assert.deepEqual([got.code, got.stdout], [2, ""]);
  });
}

test("main() says once of each option that it has no effect yet", async () => {
  const { stdout } = await run(["help"]);
  const twice = stdout.split("\n").filter((line) => line.split("ccepted").length > 2);
  assert.deepEqual(twice, []);
  assert.match(stdout, /Accepted, without effect yet\./);
});
