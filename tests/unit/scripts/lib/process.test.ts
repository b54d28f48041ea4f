// Child processes of the scripts: passed through with signals and exit codes, or watched and never left behind.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const node = `${root}node_modules/node24/bin/node`;

/** Runs a module's text on Node, whatever runtime runs the test: the scripts themselves run on Node alone. */
function start(text: string): ChildProcess {
  const lines = `import { passThrough, runPool, watch } from "${root}scripts/lib/process.mjs";\n${text}`;
  return spawn(node, ["--input-type=module", "-e", lines], { stdio: ["ignore", "pipe", "inherit"] });
}

async function finish(child: ChildProcess): Promise<{ output: string; code: number | null }> {
  let output = "";
  child.stdout?.on("data", (chunk) => output += chunk);
  const [code] = await once(child, "close");
  return { output, code };
}

/** A child that prints `ready` once it listens to SIGTERM, and then ends with 7. */
const patient =
  `["-e", "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log('ready')"]`;

test("passThrough() returns the exit code", async () => {
  const { code } = await finish(start(`process.exitCode = await passThrough("/bin/sh", ["-c", "exit 5"]);`));
  assert.equal(code, 5);
});

test("passThrough() returns 128 and the signal's number when a signal ended the child", async () => {
  const { code } = await finish(start(`process.exitCode = await passThrough("/bin/sh", ["-c", "kill -KILL $$"]);`));
  assert.equal(code, 137);
});

test("passThrough() hands SIGTERM on and waits for the child", async () => {
  const child = start(`process.exitCode = await passThrough("${node}", ${patient});`);
  child.stdout?.once("data", () => terminate(child));
  assert.equal((await finish(child)).code, 7);
});

test("passThrough() still hands SIGTERM on after watch() has run", async () => {
  const child = start(
    `await watch("/bin/sh", ["-c", "true"], { timeoutMs: 5000 }); process.exitCode = await passThrough("${node}", ${patient});`,
  );
  child.stdout?.once("data", () => terminate(child));
  assert.equal((await finish(child)).code, 7);
});

test("passThrough() ends the child when npm has gone", async () => {
  const text =
    `import { passThrough } from "${root}scripts/lib/process.mjs"; await passThrough("${node}", ${patient});`;
  const script = `"$0" --input-type=module -e "$1" & wait`;
  const shell = spawn("/bin/sh", ["-c", script, node, text], {
    env: { ...process.env, npm_lifecycle_event: "start" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  shell.stdout.once("data", () => terminate(shell));
  // The shell's output closes only when the last process that holds it has ended.
  await once(shell.stdout, "close");
});

test("passThrough() tells that a program does not start", async () => {
  const text = `await passThrough("/no/such/program", []).catch((error) => console.log(error.name, error.message));`;
  assert.match((await finish(start(text))).output, /^SetUpError \/no\/such\/program does not start: .*ENOENT/);
});

const outcome = "console.log(JSON.stringify(await ";

test("watch() collects both streams and the exit code", async () => {
  const text = `${outcome}watch("/bin/sh", ["-c", "echo out; echo err >&2; exit 3"], { timeoutMs: 5000 })));`;
  const found = JSON.parse((await finish(start(text))).output);
  assert.equal(found.code, 3);
  assert.deepEqual(found.output.trim().split("\n").sort(), ["err", "out"]);
});

test("watch() kills the whole group after its time", async () => {
  const text = `${outcome}watch("/bin/sh", ["-c", "sleep 60 & echo $!; wait"], { timeoutMs: 300 })));`;
  const found = JSON.parse((await finish(start(text))).output);
  assert.equal(found.timedOut, true);
  await assertGone(Number(found.output));
});

test("watch() leaves nothing behind when the program ends", async () => {
  const text = `${outcome}watch("/bin/sh", ["-c", "sleep 60 >/dev/null 2>&1 & echo $!"], { timeoutMs: 5000 })));`;
  const found = JSON.parse((await finish(start(text))).output);
  assert.equal(found.code, 0);
  await assertGone(Number(found.output));
});

test("watch() ends its children when the script is told to end", async () => {
  const child = start(
    `watch("/bin/sh", ["-c", "echo $$; exec sleep 60"], { timeoutMs: 60000, onText: (text) => process.stdout.write(text) });`,
  );
  child.stdout?.once("data", () => terminate(child));
  const { output, code } = await finish(child);
  assert.equal(code, 143);
  await assertGone(Number(output));
});

test("runPool() keeps the order of its jobs, and its width", async () => {
  const text = `
    let running = 0, most = 0;
    const job = (value) => async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      return value;
    };
    console.log(JSON.stringify([await runPool([1, 2, 3, 4, 5].map(job), 2), most]));`;
  assert.deepEqual(JSON.parse((await finish(start(text))).output), [[1, 2, 3, 4, 5], 2]);
});

const DYING_MS = 5_000; // a killed process still has to be scheduled once, which a busy machine may put off

/** A killed process may also wait to be reaped by init; signal 0 then still finds it, so ask /proc for a zombie. */
async function assertGone(pid: number): Promise<void> {
  assert.ok(pid > 1);
  const end = performance.now() + DYING_MS;
  while (!isGone(pid) && performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
  assert.match(stateOf(pid), /^(Z|X|)$/);
}

function isGone(pid: number): boolean {
  return /^(Z|X|)$/.test(stateOf(pid));
}

function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0] ?? "";
  } catch {
    return "";
  }
}

/** Deno's `child.kill` reports the child as killed, even when it goes on and ends with a code of its own. */
function terminate(child: ChildProcess): void {
  if (child.pid !== undefined) process.kill(child.pid, "SIGTERM");
}
