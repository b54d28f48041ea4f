// Dials over TLS: whom they trust, what they show, what they send before, and how they end.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import type { ConnectionHandler } from "../../src/net/connection.ts";
import type { ProxyError } from "../../src/net/error.ts";
import type { DialTls } from "../../src/net/tls.ts";
import { portOf } from "../support/contract.ts";
import { dialSecure, listenSecure, settingsFor, tlsWorld } from "../support/tls-meeting.ts";
import { runtime } from "#runtime";

const QUIET: ConnectionHandler = { data: () => {}, drain: () => {}, end: () => {}, close: () => {} };

const DIALS: readonly [string, Partial<DialTls> | "trusting", string][] = [
  ["a server of a trusted authority", "trusting", "open"],
  ["another name than the certificate's", { serverName: "b.test" }, "tls-certificate-refused"],
  ["a name that only a wildcard covers", { serverName: "x.wild.test" }, "open"],
  ["two labels below a wildcard", { serverName: "x.y.wild.test" }, "tls-certificate-refused"],
  ["no name, by its address", { serverName: "" }, "open"],
  ["an unknown authority", { ca: undefined }, "tls-certificate-refused"],
  ["an unknown authority, checking nothing", { ca: undefined, serverName: "b.test", skipVerify: true }, "open"],
  [
    "a SPIFFE id that is there",
    { verify: ({ names }) => names.uri.includes("spiffe://cluster.local/ns/a/sa/b") ? undefined : "no id" },
    "open",
  ],
  ["a SPIFFE id that is not there", { verify: () => "no such id" }, "tls-certificate-refused"],
  ["authorities that are none", { ca: "nonsense" }, "tls-handshake-failed"],
];

for (const [what, more, expected] of DIALS) {
  test(`dial() with TLS, ${what}: ${expected}`, async () => {
    const { identity, authority } = await tlsWorld();
    const secure = await listenSecure(runtime.secureServer(settingsFor(identity, { alpn: ["h2"] })));
    const options = { ca: authority.ca, alpn: ["h2", "http/1.1"], ...(more === "trusting" ? {} : more) };
    const result = await dialSecure(secure.port, options).then(({ connection, facts }) => {
      assert.equal(facts?.alpn, "h2");
      assert.equal(facts?.version, "1.3");
      connection.handle(QUIET);
      connection.destroy();
      return "open";
    }, (error: ProxyError) => {
      assert.deepEqual([error.source, error.status, error.retry], ["upstream", 502, "unsent"]);
      assert.match(error.message, /^dial 127\.0\.0\.1:\d+: /);
      return error.code;
    });
    assert.equal(result, expected);
    await secure.listener.close();
  });
}

test("dial() shows its certificate when the server asks for one", async () => {
  const { identity, client, authority } = await tlsWorld();
  const settings = settingsFor(identity, { clientAuth: "RequireAndVerifyClientCert", clientCa: authority.ca });
  const secure = await listenSecure(runtime.secureServer(settings));
  const [outcome, { connection }] = await Promise.all([
    secure.next(),
    dialSecure(secure.port, { ca: authority.ca, identity: client }),
  ]);
  assert.ok(!("error" in outcome));
  assert.equal(outcome.facts.peer?.authorized, true);
  assert.deepEqual(Buffer.from(outcome.facts.peer?.chain[0] ?? []), Buffer.from(client.leaf.der));
  connection.destroy();
  outcome.connection.destroy();
  await secure.listener.close();
});

test("dial() sends its preamble in clear, then the ClientHello", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const failed = dialSecure(portOf(server.address()), { preamble: Buffer.from("PROXY UNKNOWN\r\n") }).then(
    () => assert.fail("it succeeded"),
    (error: ProxyError) => error.code,
  );
  const [socket] = await once(server, "connection");
  const received: Buffer[] = [];
  while (Buffer.concat(received).length < 100) received.push((await once(socket, "data"))[0]);
  const all = Buffer.concat(received);
  assert.equal(all.subarray(0, 15).toString(), "PROXY UNKNOWN\r\n");
  assert.deepEqual([...all.subarray(15, 17)], [22, 3]);
  socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  assert.equal(await failed, "tls-handshake-failed");
  server.close();
});

test("dial() with TLS ends by its deadline when the server says nothing, and by cancel() tells nobody", async () => {
  const server = createServer((socket) => void socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server.address());
  const error = await dialSecure(port, {}, 100).then(() => assert.fail("it succeeded"), (reason: ProxyError) => reason);
  assert.equal(error.code, "dial-timeout");
  const arrived = once(server, "connection");
  const dialled = runtime.dial({ host: "127.0.0.1", port, timeoutMs: 0, tls: { serverName: "" } }, {
    open: () => assert.fail("open"),
    fail: (reason) => assert.fail(reason),
  });
  const [socket] = await arrived;
  dialled.cancel();
  await once(socket.resume(), "close");
  server.close();
});
