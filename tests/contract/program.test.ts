// Runtime.run(): arguments, environment, input, output, exit codes and the time limit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProxyError } from "../../src/net/error.ts";
import type { ProgramOptions, ProgramResult } from "../../src/net/runtime.ts";
import { runtime } from "#runtime";

const LIMIT_MS = 20_000;

function sh(script: string, extra: Partial<ProgramOptions> = {}): Promise<ProgramResult> {
  return runtime.run({ command: "sh", args: ["-c", script, "sh"], env: {}, timeoutMs: LIMIT_MS, ...extra });
}

test("run() gives arguments and environment, and keeps the process's own", async () => {
  const result = await runtime.run({
    command: "sh",
    args: ["-c", 'printf "%s|" "$@" "$EXTRA" "${PATH:+path}"', "sh", "a b", "$x", ""],
    env: { EXTRA: "ü 1" },
    timeoutMs: LIMIT_MS,
  });
  assert.deepEqual(result, { code: 0, timedOut: false, stdout: "a b|$x||ü 1|path|", stderr: "" });
});

test("run() writes the input and ends it; without one there is none", async () => {
  assert.equal((await sh("cat", { stdin: "line ü\n" })).stdout, "line ü\n");
  assert.equal((await sh("cat")).stdout, "");
  assert.equal((await sh("exit 0", { stdin: "x".repeat(1_000_000) })).code, 0, "a program that reads nothing");
});

test("run() tells exit code, output and errors apart", async () => {
  assert.deepEqual(await sh("echo out; echo err >&2; exit 3"), {
    code: 3,
    timedOut: false,
    stdout: "out\n",
    stderr: "err\n",
  });
  const killed = await sh("kill -KILL $$");
  assert.deepEqual([killed.code, killed.timedOut], [undefined, false]);
});

test("run() ends a program that takes too long, children and deaf ones too", async () => {
  for (const script of ["exec sleep 60", "sleep 60 & echo started; wait", "trap '' TERM; while :; do sleep 1; done"]) {
    const result = await sh(script, { timeoutMs: 100 });
    assert.deepEqual([result.code, result.timedOut], [undefined, true], script);
  }
});

test("run() keeps no more than a MiB of output", async () => {
  const result = await sh("head -c 3000000 /dev/zero | tr '\\0' x");
  assert.equal(result.code, 0);
  assert.equal(result.stdout.length, 1024 * 1024);
});

test("run() rejects a program that is not there, or is none", async () => {
  for (const command of ["no-such-program-here", "/etc/passwd"]) {
    await assert.rejects(runtime.run({ command, args: [], env: {}, timeoutMs: LIMIT_MS }), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, "run-failed");
      assert.ok(error.message.includes(command));
      return true;
    });
  }
});
