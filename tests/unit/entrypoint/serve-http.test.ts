// A handler on an address: HTTP goes to it, other connections elsewhere, and closing leaves none of them behind.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createServeHttp } from "../../../src/entrypoint/serve-http.ts";
import { textResponse } from "../../../src/http/response.ts";
import { toLatin1 } from "../../../src/net/bytes.ts";
import type { Connection } from "../../../src/net/connection.ts";
import { MemoryConnection, Peer, settled } from "../../support/memory-connection.ts";

async function scene() {
  const accepting: ((connection: Connection) => void)[] = [];
  const serve = createServeHttp({
    hostname: "test",
    listen: (options, accept) => {
      accepting.push(accept);
      return Promise.resolve({ ...options, connections: 0, close: () => Promise.resolve() });
    },
  }, (error) => assert.fail(error));
  const others: string[] = [];
  const server = await serve({
    host: "127.0.0.1",
    port: 80,
    otherwise: (session) => {
      others.push(toLatin1(session.first ?? new Uint8Array(0)));
      session.client.handle({
        ...{ data: () => undefined, drain: () => undefined, end: () => undefined },
        close: () => session.over(),
      });
    },
  }, () => textResponse(200, "served"));
  const connect = (...pieces: readonly string[]): Peer => {
    const ours = new MemoryConnection();
    const client = new Peer(ours.pair());
    accepting[0]?.(ours);
    for (const piece of pieces) client.send(piece);
    return client;
  };
  return { server, others, connect };
}

test("createServeHttp() gives what does not begin as a request to others", async () => {
  const { server, others, connect } = await scene();
  const [http, other] = [connect("GE", "T / HTTP/1.1\r\nHost: a.test\r\n\r\n"), connect("GELLO")];
  await settled();
  assert.match(http.text, /^HTTP\/1\.1 200 OK\r\n[^]*served$/);
  assert.deepEqual(others, ["GELLO"]);
  http.connection.end();
  await server.close();
  await settled();
  assert.deepEqual([http, other].map(({ connection }) => connection.closed), [true, true]);
});

test("createServeHttp() cuts connections that have not said what they are when it closes", async () => {
  const { server, others, connect } = await scene();
  const clients = [connect(), connect("GE"), connect("PING")];
  await settled();
  await server.close();
  await settled();
  assert.deepEqual(others, ["PING"]);
  assert.deepEqual(clients.map(({ connection }) => connection.closed), [true, true, true]);
});
