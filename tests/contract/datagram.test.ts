// UDP: many clients on one port, answers from the address they wrote to, and channels to one server.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import type { Address } from "../../src/net/connection.ts";
import type { DatagramSocket } from "../../src/net/datagram.ts";
import { ProxyError } from "../../src/net/error.ts";
import { runtime } from "#runtime";

const HAS_IPV6 = Object.values(networkInterfaces()).flat().some((one) => one?.address === "::1");
const NO_IPV6 = HAS_IPV6 ? false : "this machine has no ::1";
const REFUSED_GAP = runtime.gaps.find(({ feature }) => feature === "datagram-refused")?.reason ?? false;

/** Datagrams: seven times what the system's usual buffer holds, and a third of what weir asks for. */
const BURST = 2_000;
const SMALL_BUFFERS = Number(readFileSync("/proc/sys/net/core/rmem_max", "utf8")) >= 2 * 1024 * 1024
  ? false
  : "net.core.rmem_max is below 2 MiB";

/** Opens a port that answers each datagram with itself, from where it was sent to. */
async function openEcho(host: string): Promise<DatagramSocket> {
  const socket: DatagramSocket = await runtime.openDatagrams({ host, port: 0 }, {
    message: (bytes, remote, local) => socket.send(bytes, remote, local),
    fail: (error) => assert.fail(error),
  });
  return socket;
}

async function openClient(type: "udp4" | "udp6" = "udp4"): Promise<Socket> {
  const socket = createSocket(type);
  socket.bind(0, type === "udp4" ? "127.0.0.1" : "::1");
  await once(socket, "listening");
  return socket;
}

for (const size of [0, 1, 1472, 9000, 60_000]) {
  test(`openDatagrams() passes ${size} bytes unchanged, both ways`, async () => {
    const echo = await openEcho("127.0.0.1");
    const client = await openClient();
    const sent = Buffer.alloc(size, "abc");
    const answered = once(client, "message");
    client.send(sent, echo.port, "127.0.0.1");
    const [bytes, from] = await answered;
    assert.ok(sent.equals(bytes));
    assert.deepEqual([from.address, from.port], ["127.0.0.1", echo.port]);
    client.close();
    await echo.close();
  });
}

test("openDatagrams() loses nothing of what comes while JavaScript is busy", { skip: SMALL_BUFFERS }, async () => {
  let received = 0;
  const all = Promise.withResolvers<void>();
  const message = () => void (++received === BURST && all.resolve());
  const socket = await runtime.openDatagrams({ host: "127.0.0.1", port: 0 }, { message, fail: all.reject });
  // Another process sends, and this one waits for its end.
  const script = `exec 3>/dev/udp/127.0.0.1/${socket.port}; for ((i = 0; i < ${BURST}; i++)); do echo $i >&3; done`;
  execFileSync("bash", ["-c", script]);
  await all.promise;
  await socket.close();
});

test("openDatagrams() on no host answers from the address that each client wrote to", async () => {
  const echo = await openEcho("");
  const own = Object.values(networkInterfaces()).flat().filter((one) => one?.family === "IPv4");
  assert.ok(own.length > 0);
  for (const one of own) {
    const client = createSocket("udp4");
    client.bind(0, "0.0.0.0");
    await once(client, "listening");
    const answered = once(client, "message");
    client.send("x", echo.port, one?.address);
    const [, from] = await answered;
    assert.deepEqual([from.address, from.port], [one?.address, echo.port]);
    client.close();
  }
  assert.ok(echo.locals.every(({ port }) => port === echo.port));
  await echo.close();
});

test("openDatagrams() on ::1 serves IPv6", { skip: NO_IPV6 }, async () => {
  const echo = await openEcho("::1");
  const client = await openClient("udp6");
  const answered = once(client, "message");
  client.send("x", echo.port, "::1");
  const [, from] = await answered;
  assert.deepEqual([from.address, from.port], ["::1", echo.port]);
  client.close();
  await echo.close();
});

for (const host of ["127.0.0.1", ""]) {
  test(`openDatagrams() on a port in use (host "${host}") rejects with listen-failed, and leaves nothing open`, async () => {
    const first = await openEcho(host);
    await assert.rejects(openAgain(host, first.port), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, "listen-failed");
      assert.match(error.message, new RegExp(`:${first.port}: .*EADDRINUSE.*; another process`));
      return true;
    });
    const { port } = first;
    await first.close();
    await (await openAgain(host, port)).close(); // the port is free at once
  });
}

function openAgain(host: string, port: number): Promise<DatagramSocket> {
  return runtime.openDatagrams({ host, port }, { message: () => {}, fail: () => {} });
}

test("send() after close(), to port 0 and of too many bytes throws nothing", async () => {
  const echo = await openEcho("127.0.0.1");
  const to: Address = { ip: "127.0.0.1", port: 9 };
  echo.send(new Uint8Array(70_000), to);
  echo.send(new Uint8Array(1), { ip: "127.0.0.1", port: 0 });
  echo.send(new Uint8Array(1), { ip: "::1", port: 9 });
  await echo.close();
  echo.send(new Uint8Array(1), to);
});

test("100 clients with a channel each get 5 answers each, and no others'", async () => {
  const echo = await openEcho("127.0.0.1");
  const wrong: string[] = [];
  await Promise.all(Array.from({ length: 100 }, async (_, index) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let count = 0;
    const channel = runtime.dialDatagrams({ host: "127.0.0.1", port: echo.port }, {
      message: (bytes) => {
        if (String(Buffer.from(bytes)) !== `client ${index}`) wrong.push(String(bytes));
        if (++count === 5) resolve();
        else channel.send(Buffer.from(`client ${index}`));
      },
      fail: reject,
    });
    channel.send(Buffer.from(`client ${index}`)); // before it is connected
    await promise;
    channel.close();
    channel.close();
    channel.send(new Uint8Array(1));
  }));
  assert.deepEqual(wrong, []);
  await echo.close();
});

test("dialDatagrams() to a port where nobody listens fails with connect-refused", { skip: REFUSED_GAP }, async () => {
  const echo = await openEcho("127.0.0.1");
  await echo.close();
  const error = await new Promise<ProxyError>((resolve) => {
    const channel = runtime.dialDatagrams({ host: "127.0.0.1", port: echo.port }, { message: () => {}, fail: resolve });
    channel.send(new Uint8Array(1));
  });
  assert.deepEqual([error.code, error.source, error.retry], ["connect-refused", "upstream", "unsent"]);
});

test("dialDatagrams() of a name that does not resolve fails with dns-failure, later", async () => {
  let returned = false;
  const error = await new Promise<ProxyError>((resolve, reject) => {
    const options = { host: "no-such-host.invalid", port: 53 };
    const fail = (problem: ProxyError) => returned ? resolve(problem) : reject(new Error("from inside"));
    runtime.dialDatagrams(options, { message: () => {}, fail });
    returned = true;
  });
  assert.equal(error.code, "dns-failure");
});

test("close() of a channel before it is connected tells nobody", async () => {
  const channel = runtime.dialDatagrams({ host: "127.0.0.1", port: 9 }, {
    message: () => assert.fail("a message"),
    fail: (error) => assert.fail(error),
  });
  channel.close();
  const echo = await openEcho("127.0.0.1");
  await echo.close();
});
