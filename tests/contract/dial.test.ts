// Runtime.dial: how it fails, its deadline, and giving up.

import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { once } from "node:events";
import { test } from "node:test";
import type { Connection } from "../../src/net/connection.ts";
import type { ProxyError } from "../../src/net/error.ts";
import type { DialOptions } from "../../src/net/runtime.ts";
import { startChild } from "../support/contract-child.ts";
import { dial, portOf, Recorder, settle } from "../support/contract.ts";
import { runtime } from "#runtime";

const HAS_IPV6 = Object.values(networkInterfaces()).flat().some((one) => one?.address === "::1");
const NO_IPV6 = HAS_IPV6 ? false : "this machine has no ::1";

/** @returns how a dial that must fail did, and whether that came after `dial` had returned */
function failure(options: DialOptions): Promise<ProxyError> {
  return new Promise((resolve, reject) => {
    let returned = false;
    runtime.dial(options, {
      open: () => reject(new Error("the dial succeeded")),
      fail: (error) => returned ? resolve(error) : reject(new Error("fail() came from inside dial()")),
    });
    returned = true;
  });
}

const KEEP_ALIVE_TIMER = "02";
const TICKS_PER_SECOND = 100;

/** @returns seconds until the system asks on a connection of 127.0.0.1; undefined: it does not */
function keepAliveSeconds(from: number, to: number): number | undefined {
  const [local, remote] = [from, to].map((port) => `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`);
  const lists = ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFileSync(path, "utf8")).join("\n");
  const rows = lists.split("\n").map((line) => line.trim().split(/\s+/));
  const row = rows.find((cells) => cells[1]?.endsWith(local ?? "?") && cells[2]?.endsWith(remote ?? "?"));
  assert.ok(row !== undefined, "the connection is not in the system's list");
  const [timer, ticks = ""] = row[5]?.split(":") ?? [];
  return timer === KEEP_ALIVE_TIMER ? Number.parseInt(ticks, 16) / TICKS_PER_SECOND : undefined;
}

/** @returns a loopback port that nobody listens on */
async function freePort(): Promise<number> {
  const listener = await runtime.listen({ host: "127.0.0.1", port: 0 }, () => {});
  await listener.close();
  return listener.port;
}

const FAILURES = [
  { name: "a closed port", host: "127.0.0.1", port: 0, code: "connect-refused", status: 502 },
  { name: "a name that does not resolve", host: "no-such-host.invalid", port: 80, code: "dns-failure", status: 502 },
  { name: "a port out of range", host: "127.0.0.1", port: 70000, code: "connect-failed", status: 502 },
] as const;

for (const { name, host, port, code, status } of FAILURES) {
  test(`dial() of ${name} fails with ${code}, unsent, naming the address`, async () => {
    const real = port === 0 ? await freePort() : port;
    const error = await failure({ host, port: real, timeoutMs: 5000 });
    assert.deepEqual(
      { code: error.code, status: error.status, source: error.source, retry: error.retry },
      { code, status, source: "upstream", retry: "unsent" },
    );
    assert.ok(error.message.startsWith(`dial ${host}:${real}: `), error.message);
  });
}

test("dial() of an address that answered before fails the same way", async () => {
  const listener = await runtime.listen({ host: "127.0.0.1", port: 0 }, (one) => one.handle(new Recorder()));
  (await dial("127.0.0.1", listener.port)).destroy();
  (await dial("127.0.0.1", listener.port)).destroy();
  await listener.close();
  const error = await failure({ host: "127.0.0.1", port: listener.port, timeoutMs: 5000 });
  assert.deepEqual([error.code, error.status, error.retry], ["connect-refused", 502, "unsent"]);
});

test("dial() of ::1 works, and a closed port there is refused", { skip: NO_IPV6 }, async () => {
  const listener = await runtime.listen({ host: "::1", port: 0 }, (connection) => connection.handle(new Recorder()));
  const connection = await dial("::1", listener.port);
  assert.deepEqual(connection.remote, { ip: "::1", port: listener.port });
  connection.destroy();
  await listener.close();
  const error = await failure({ host: "::1", port: listener.port, timeoutMs: 5000 });
  assert.equal(error.code, "connect-refused");
  assert.ok(error.message.startsWith(`dial [::1]:${listener.port}: `), error.message);
});

test("dial() of a name tries all its addresses", async () => {
  const listener = await runtime.listen(
    { host: "127.0.0.1", port: 0 },
    (connection) => connection.handle(new Recorder()),
  );
  const connection = await dial("localhost", listener.port); // may resolve to ::1 first
  assert.equal(connection.remote.ip, "127.0.0.1");
  connection.destroy();
  await listener.close();
});

test("dial() fails with dial-timeout when its time is over, and leaves no socket", async () => {
  const { port, close } = await startDeaf();
  const before = countSockets();
  const error = await failure({ host: "127.0.0.1", port, timeoutMs: 50 });
  assert.deepEqual([error.code, error.status, error.retry], ["dial-timeout", 504, "unsent"]);
  assert.match(error.message, /no connection within 50 ms/);
  await settle();
  assert.equal(countSockets(), before);
  await close();
});

test("dial() has the system ask after the silence it was told, and never where it was told none", async () => {
  const listener = await runtime.listen({ host: "127.0.0.1", port: 0 }, (one) => one.handle(new Recorder()));
  const { port } = listener;
  // Twice the same: a runtime may dial an address that has answered in another way.
  for (const keepAliveMs of [0, 60_000, 60_000, undefined]) {
    const opened = Promise.withResolvers<Connection>();
    const options = { host: "127.0.0.1", port, timeoutMs: 5000, ...(keepAliveMs !== undefined && { keepAliveMs }) };
    runtime.dial(options, { open: opened.resolve, fail: opened.reject });
    const connection = await opened.promise;
    const seconds = keepAliveSeconds(connection.local.port, port);
    if (keepAliveMs === undefined || keepAliveMs === 0) assert.equal(seconds, undefined);
    else assert.ok(seconds !== undefined && seconds > 55 && seconds <= 60, `${seconds} s`);
    connection.destroy();
  }
  await listener.close();
});

test("cancel() of a dial in progress calls nobody, and leaves no socket", async () => {
  const { port, close } = await startDeaf();
  const before = countSockets();
  let calls = 0;
  const one = runtime.dial({ host: "127.0.0.1", port, timeoutMs: 1 }, { open: () => calls++, fail: () => calls++ });
  one.cancel();
  one.cancel();
  const other = runtime.dial({ host: "127.0.0.1", port, timeoutMs: 0 }, { open: () => calls++, fail: () => calls++ });
  await settle();
  other.cancel();
  await settle();
  assert.equal(calls, 0);
  assert.equal(countSockets(), before);
  await close();
});

test("cancel() just after dial() of an open port calls nobody, and the server sees the end", async () => {
  const server = createServer((socket) => socket.resume().on("error", () => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  let calls = 0;
  const port = portOf(server.address());
  const cancelled = runtime.dial({ host: "127.0.0.1", port, timeoutMs: 1000 }, {
    open: () => calls++,
    fail: () => calls++,
  });
  cancelled.cancel();
  await settle();
  assert.equal(calls, 0);
  server.close();
  await once(server, "close"); // comes only when no connection is left
});

test("cancel() after open() does nothing", async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const seen = new Recorder();
  const opened = Promise.withResolvers<Connection>();
  const options = { host: "127.0.0.1", port: portOf(server.address()), timeoutMs: 1000 };
  const dialled = runtime.dial(options, {
    open: (connection) => {
      connection.handle(seen);
      connection.write("x");
      opened.resolve(connection);
    },
    fail: opened.reject,
  });
  const connection = await opened.promise;
  dialled.cancel();
  await seen.untilTold("data");
  assert.equal(seen.text, "x");
  connection.destroy();
  server.close();
});

/** Starts a listener that never accepts, and fills its backlog, so that the next dial hangs. */
async function startDeaf(): Promise<{ port: number; close(): Promise<void> }> {
  const child = startChild("contract-deaf.ts");
  const port = Number(await child.line());
  const fillers: Socket[] = [];
  for (let isFull = false; !isFull;) {
    const filler = connect({ host: "127.0.0.1", port });
    filler.on("error", () => {});
    fillers.push(filler);
    const connected = once(filler, "connect").then(() => false);
    isFull = await Promise.race([connected, settle().then(() => true)]);
  }
  const close = async () => {
    for (const filler of fillers) filler.destroy();
    await child.kill();
  };
  return { port, close };
}

/** @returns how many sockets this process has open, as the system counts them */
function countSockets(): number {
  return readdirSync("/proc/self/fd").filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith("socket:");
    } catch {
      return false; // the descriptor of the listing itself
    }
  }).length;
}
