// WebSocket of simulated pods: the handshake, frames cut anywhere, and what is no WebSocket.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createEcho } from "../../../../src/dev/cluster/echo.ts";
import { encodeFrame, FrameReader, opcode } from "../../../support/web-socket.ts";
import { get, onBench, settled, type WireBench } from "../../entrypoint/wire-bench.ts";
import type { Peer } from "../../../support/memory-connection.ts";

const handler = createEcho({}, { pod: "pod-1", workload: "app" }, () => undefined);
const wish = ["Connection: Upgrade", "Upgrade: websocket"];
const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="; // RFC 6455 §1.3
const version = "Sec-WebSocket-Version: 13";

async function opened(bench: WireBench): Promise<Peer> {
  const client = bench.connect();
  client.send(get("/", ...wish, key, version));
  while (!client.text.includes("\r\n\r\n")) await new Promise((resolve) => setImmediate(resolve)); // WebCrypto
  assert.match(client.take(), /^HTTP\/1\.1 101 [^]*\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/);
  return client;
}

function framesOf(client: Peer): (readonly [type: number, payload: string])[] {
  const bytes = Buffer.from(client.take(), "latin1");
  return new FrameReader().push(bytes).map((frame) => [frame.opcode, frame.payload.toString()]);
}

test("answerWebSocket() echoes messages of every length form, cut anywhere, and answers pings", () =>
  onBench({ handler }, async (bench) => {
    for (const step of [1, 2, 3, 5, 7, 100, 70_000]) {
      const client = await opened(bench);
      const long = "x".repeat(step < 5 ? 200 : 66_000);
      const sent = Buffer.concat([
        encodeFrame(opcode.text, "a", true),
        encodeFrame(opcode.ping, "p", true),
        encodeFrame(opcode.text, "", true),
        encodeFrame(opcode.pong, "nobody asked", true),
        encodeFrame(opcode.binary, long, true),
      ]).toString("latin1");
      for (let at = 0; at < sent.length; at += step) client.send(sent.slice(at, at + step));
      await settled(100 + 20 * sent.length / step);
      assert.deepEqual(framesOf(client), [
        [opcode.text, "a"],
        [opcode.pong, "p"],
        [opcode.text, ""],
        [opcode.binary, long],
      ]);
      client.connection.destroy();
      await settled();
    }
  }));

test("answerWebSocket() answers a close with the same, and ends", () =>
  onBench({ handler }, async (bench) => {
    const client = await opened(bench);
    client.send(encodeFrame(opcode.close, "\x03\x42", true).toString("latin1"));
    await settled();
    assert.deepEqual(framesOf(client), [[opcode.close, "\x03\x42"]]);
    assert.equal(client.ended, true);
    client.connection.end();
    await settled();
    assert.equal(client.closed, true);
  }));

const wrong: readonly (readonly [name: string, bytes: string])[] = [
  ["an unmasked frame", encodeFrame(opcode.text, "a", false).toString("latin1")],
  ["a reserved bit", "\xc1\x80\0\0\0\0"],
  ["a fragmented ping", "\x09\x80\0\0\0\0"],
  ["a long ping", "\x89\xfe\x00\x7e\0\0\0\0"],
  ["a length beyond all measure", "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0"],
];

for (const [name, bytes] of wrong) {
  test(`answerWebSocket() closes with 1002 for ${name}`, () =>
    onBench({ handler }, async (bench) => {
      const client = await opened(bench);
      client.send(bytes);
      await settled();
      assert.equal(client.text, "\x88\x02\x03\xea");
      assert.equal(client.ended, true);
    }));
}

const refusals: readonly (readonly [status: number, ...lines: readonly string[]])[] = [
  [426, key],
  [426, key, "Sec-WebSocket-Version: 8"],
  [400, version],
];

for (const [status, ...lines] of refusals) {
  test(`answerWebSocket() answers ${status} to ${lines.join(", ")}`, () =>
    onBench({ handler }, async (bench) => {
      const client = bench.connect();
      client.send(get("/", ...wish, ...lines));
      await settled();
      assert.match(client.text, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.equal(client.text.includes("Sec-WebSocket-Version: 13"), status === 426);
    }));
}
