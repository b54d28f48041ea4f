// Runtime: facts, signals, what nobody caught, output, and the file-descriptor limit, in child processes.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { hostname } from "node:os";
import process from "node:process";
import { test } from "node:test";
import type { Signal } from "../../src/net/runtime.ts";
import { startChild } from "../support/contract-child.ts";
import { settle } from "../support/contract.ts";
import { runtime } from "#runtime";

const SCRIPT = "contract-process.ts";
const SIGNALS: readonly Signal[] = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"];

test("name, version, args, env, pid, hostname and residentBytes() are the process's own", async () => {
  const child = startChild(SCRIPT, ["facts", "--flag=a b", "x"], "export WEIR_CONTRACT=yes");
  const facts = JSON.parse(await child.line());
  assert.equal(facts.name, runtime.name);
  assert.match(facts.version, /^\d+\.\d+\.\d+/);
  assert.deepEqual(facts.args, ["facts", "--flag=a b", "x"]);
  assert.equal(facts.own, "yes");
  assert.equal(facts.pid, child.process.pid);
  assert.equal(facts.hostname, hostname());
  assert.ok(facts.rss > 1_000_000);
  assert.equal(await child.ended(), 0);
});

test("fileLimit is the limit in force", async () => {
  const child = startChild(SCRIPT, ["facts"], "ulimit -n 200");
  assert.equal(JSON.parse(await child.line()).fileLimit, 200);
  assert.equal(await child.ended(), 0);
});

for (const signal of SIGNALS) {
  test(`onSignal() hears ${signal}, and the process ends when nobody holds it`, async () => {
    const child = startChild(SCRIPT, ["signal", signal]);
    assert.equal(await child.line(), "ready");
    process.kill(child.process.pid ?? 0, signal); // Deno's child.kill() would report the signal as the end
    assert.equal(await child.line(), `got ${signal}`);
    assert.equal(await child.ended(), 0);
  });
}

test("readStdin() reads everything, in whatever pieces it comes", async () => {
  const child = startChild(SCRIPT, ["stdin"]);
  const [first, second] = [new TextEncoder().encode("é".repeat(100_000)), new TextEncoder().encode("é€!")];
  child.process.stdin?.write(first);
  child.process.stdin?.write(second.subarray(0, 3)); // in the middle of a character
  child.process.stdin?.end(second.subarray(3));
  assert.deepEqual(JSON.parse(await child.line()), { length: 100_003, end: "é€!" });
  assert.equal(await child.ended(), 0);
});

test("readStdin() gives nothing where there is nothing", async () => {
  const child = startChild(SCRIPT, ["stdin"], "exec < /dev/null");
  assert.deepEqual(JSON.parse(await child.line()), { length: 0, end: "" });
  assert.equal(await child.ended(), 0);
});

test("onUncaught() reports exceptions and rejections, and the process goes on", async () => {
  const child = startChild(SCRIPT, ["uncaught"]);
  const lines = [await child.line(), await child.line()].sort();
  assert.deepEqual(lines, ["caught rejected", "caught thrown"]);
  assert.equal(await child.line(), "alive");
  assert.equal(await child.ended(), 0);
});

test("what a connection's handler throws is reported by onUncaught(), and other connections go on", async () => {
  const child = startChild(SCRIPT, ["handler"]);
  const port = Number(await child.line());
  const bad = connect({ host: "127.0.0.1", port });
  bad.on("error", () => {});
  bad.write("throw");
  assert.equal(await child.line(), "caught from data");
  const good = connect({ host: "127.0.0.1", port });
  good.write("ok");
  const [echo] = await once(good, "data");
  assert.equal(String(echo), "ok");
  bad.destroy();
  good.destroy();
  await child.kill();
});

test("exit() ends with its code after all output is out", async () => {
  const child = startChild(SCRIPT, ["output"]);
  assert.equal((await child.line()).length, 1_000_000);
  assert.equal(await child.ended(), 3);
  assert.equal(child.errors(), "error\n");
});

test("at the file-descriptor limit new clients are turned away at once, nothing spins, and it recovers", async () => {
  const child = startChild(SCRIPT, ["descriptors"], "ulimit -n 96");
  const port = Number(await child.line());
  const burst = Array.from({ length: 200 }, () => call(port));
  await Promise.any(burst.map(({ isServed }) => isServed.then((is) => is || Promise.reject(new Error("refused")))));
  for (const { socket } of burst) socket.destroy();
  await settle();
  const held: Socket[] = [];
  for (let isServed = true; isServed;) {
    const one = call(port);
    isServed = await one.isServed;
    if (isServed) held.push(one.socket);
    assert.ok(held.length < 96, "more were served than there are descriptors");
  }
  assert.ok(held.length >= 20, `${held.length} were served`);
  const first = await readCpu(child);
  await new Promise((resolve) => setTimeout(resolve, 500)); // what is measured is time itself
  const spent = await readCpu(child) - first;
  assert.ok(spent < 100, `${spent} ms of CPU in 500 ms`);
  for (const socket of held) socket.destroy();
  for (let isServed = false; !isServed;) {
    const one = call(port);
    isServed = await one.isServed;
    one.socket.destroy();
  }
  await child.kill();
});

/** Connects, sends, and tells whether that was answered or turned away. */
function call(port: number): { readonly socket: Socket; readonly isServed: Promise<boolean> } {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  socket.write("x");
  const isServed = new Promise<boolean>((resolve) => {
    socket.once("data", () => resolve(true));
    socket.once("close", () => resolve(false));
  });
  return { socket, isServed };
}

async function readCpu(child: ReturnType<typeof startChild>): Promise<number> {
  process.kill(child.process.pid ?? 0, "SIGHUP");
  return Number((await child.line()).split(" ")[1]);
}
