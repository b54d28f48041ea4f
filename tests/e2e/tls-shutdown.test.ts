// TLS handshakes under way when weir stops: those that go on are finished and answered, those that hang hold nothing up.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { connect as connectSecure } from "node:tls";
import { portOf } from "../support/contract.ts";
import { type ProxyProcess, withProxy } from "../support/proxy-process.ts";
import { threeRuntimes } from "../support/runtimes.ts";

/** The grace time is ten seconds, as is the time for a handshake; an idle one may hold up the exit for one of them. */
const MOST_MS = 5_000;

const dynamic = (url: string): string => `
http:
  routers:
    app: {rule: "Host(\`app.test\`)", service: app, tls: {}}
  services:
    app: {loadBalancer: {servers: [{url: "${url}"}]}}
tcp:
  routers:
    db: {rule: "HostSNI(\`db.test\`)", service: db, tls: {}}
  services:
    db: {loadBalancer: {servers: [{address: "127.0.0.1:1"}]}}
`;

for (const runtime of threeRuntimes) {
  test(`a stop finishes the handshakes that go on, and waits for none that hang, on ${runtime.name}`, async () => {
    await withProxy(runtime, { dynamic, flags: ["--log.level=INFO"] }, async (proxy) => {
      const port = proxy.weir.port("web");
      const silent = await open(port);
      const hanging = await Promise.all(["app.test", "db.test"].map((name) => hang(port, name)));
      const lastedMs = await stopWithin(proxy);
      assert.ok(lastedMs < MOST_MS, `the exit took ${lastedMs} ms`);
      for (const socket of [silent, ...hanging]) socket.destroy();
    });
  });
}

/** The second flight of a client is held back until weir stops. @returns milliseconds until the exit */
async function stopWithin({ weir }: ProxyProcess): Promise<number> {
  const relay = createServer();
  const released = Promise.withResolvers<void>();
  const isHeld = Promise.withResolvers<void>();
  relay.on("connection", (client) => {
    const server = connect(weir.port("web"), "127.0.0.1");
    for (const socket of [client, server]) socket.on("error", () => undefined);
    server.pipe(client);
    let isFirst = true;
    client.on("data", (chunk: Uint8Array) => {
      if (isFirst) server.write(chunk);
      else void released.promise.then(() => server.write(chunk));
      if (!isFirst) isHeld.resolve();
      isFirst = false;
    });
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  const socket = connectSecure({
    host: "127.0.0.1",
    port: portOf(relay.address()),
    servername: "app.test",
    rejectUnauthorized: false,
  });
  let text = "";
  socket.on("data", (chunk: Uint8Array) => void (text += String(chunk)));
  await once(socket, "secureConnect");
  socket.write("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");
  await isHeld.promise;
  const stoppedAt = performance.now();
  const code = weir.stop();
  await weir.waitFor(/weir stops/);
  released.resolve();
  await once(socket, "close");
  relay.close();
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  assert.equal(await code, 0);
  return performance.now() - stoppedAt;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** A client that sends its ClientHello and nothing more. Resolves when the server has answered it. */
async function hang(port: number, servername: string): Promise<Socket> {
  const carrier = await open(port);
  const answered = once(carrier, "data");
  const hello = createServer((inner) => void inner.once("data", (bytes: Uint8Array) => carrier.write(bytes)));
  hello.listen(0, "127.0.0.1");
  await once(hello, "listening");
  const client = connectSecure({ host: "127.0.0.1", port: portOf(hello.address()), servername });
  client.on("error", () => undefined);
  await answered;
  client.destroy();
  hello.close();
  return carrier;
}
