// WebSocket as most applications speak it: client and server of the package `ws`, compression included.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { balance, oneService, withProxy } from "../support/proxy-fixture.ts";
import { threeRuntimes } from "../support/runtimes.ts";

const MESSAGES = 1_000;
const LARGE = "x".repeat(2 * 1024 * 1024);

for (const runtime of threeRuntimes) {
  test(`client and server of ws talk through weir, compressed, with pings and close codes, on ${runtime.name}`, async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: { threshold: 0 } });
    server.on("connection", (socket) => {
      socket.on("message", (data, isBinary) => {
        if (String(data) === "leave") socket.close(4001, "as you wish");
        else socket.send(data, { binary: isBinary });
      });
    });
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const service = balance([`http://127.0.0.1:${address.port}`]);
    try {
      await withProxy(runtime, oneService(service), [], async ({ port }) => {
        const client = new WebSocket(`ws://127.0.0.1:${port}/chat`, { perMessageDeflate: { threshold: 0 } });
        await once(client, "open");
        assert.match(client.extensions, /permessage-deflate/);
        const said = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`);
        const heard: string[] = [];
        const all = Promise.withResolvers<void>();
        client.on("message", (data) => {
          heard.push(String(data));
          if (heard.length === MESSAGES + 1) all.resolve();
        });
        for (const text of said) client.send(text);
        client.send(LARGE);
        await all.promise;
        assert.deepEqual(heard.slice(0, -1), said);
        assert.ok(heard.at(-1) === LARGE, "the large message came back changed");
        const pong = once(client, "pong");
        client.ping("are you there?");
        assert.equal(String((await pong)[0]), "are you there?");
        const closed = once(client, "close");
        client.send("leave");
        const [code, reason] = await closed;
        assert.deepEqual([code, String(reason)], [4001, "as you wish"]);
      });
    } finally {
      for (const socket of server.clients) socket.terminate();
      server.close();
    }
  });
}
