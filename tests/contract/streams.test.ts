// Connection.streams: both directions as Web Streams, with backpressure, cancel and abort.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { meet, readAll, ROLES, settle } from "../support/contract.ts";

const MIB = 1024 * 1024;

for (const role of ROLES) {
  test(`${role}: streams carry both directions to their ends`, async () => {
    const { subject, peer, close } = await meet(role);
    const { readable, writable } = subject.streams;
    assert.equal(subject.streams.readable, readable);
    peer.end("question");
    assert.equal(await new Response(readable).text(), "question");
    const answer = readAll(peer);
    const writer = writable.getWriter();
    for (let at = 0; at < 64; at++) await writer.write(new Uint8Array(65536));
    await writer.close();
    assert.equal((await answer).length, 4 * MIB);
    await close();
  });

  test(`${role}: a reader that does not pull stops the peer, a peer that does not read stops the writer`, async () => {
    const { subject, peer, close } = await meet(role);
    const { readable, writable } = subject.streams;
    while (peer.write(new Uint8Array(65536)));
    await settle();
    assert.ok(peer.writableLength > 0 || peer.bytesWritten < 12 * MIB);
    const writer = writable.getWriter();
    let isBlocked = false;
    for (let written = 0; !isBlocked; written += MIB) {
      assert.ok(written < 16 * MIB, "the writer was never stopped");
      const done = writer.write(new Uint8Array(MIB)).then(() => false, () => false);
      isBlocked = await Promise.race([done, settle().then(() => true)]);
    }
    const reader = readable.getReader();
    assert.ok((await reader.read()).value);
    subject.reset();
    await assert.rejects(async () => {
      while (!(await reader.read()).done);
    }, { code: "connection-closed" });
    await assert.rejects(writer.closed, { code: "connection-closed" });
    await close();
  });

  test(`${role}: the peer's RST is an error of both streams`, async () => {
    const { subject, peer, close } = await meet(role);
    const { readable, writable } = subject.streams;
    const reader = readable.getReader();
    const writer = writable.getWriter();
    peer.write("x");
    await reader.read();
    peer.resetAndDestroy();
    await assert.rejects(reader.read(), { code: "connection-reset" });
    await assert.rejects(writer.closed, { code: "connection-reset" });
    await close();
  });

  test(`${role}: abort() of the writable is RST at the peer`, async () => {
    const { subject, peer, close } = await meet(role);
    const { writable } = subject.streams;
    const failed = once(peer.resume(), "error");
    await writable.abort("no more");
    const [error] = await failed;
    assert.equal(error.code, "ECONNRESET");
    await close();
  });

  test(`${role}: cancel() of the readable leaves the writable, and discards what still comes`, async () => {
    const { subject, peer, close } = await meet(role);
    const { readable, writable } = subject.streams;
    await readable.cancel();
    peer.write(new Uint8Array(20 * MIB));
    await once(peer, "drain");
    await settle(); // what comes after our FIN is answered with RST: the last of it must have been read
    const writer = writable.getWriter();
    await writer.write(Buffer.from("answer"));
    const answer = readAll(peer);
    await writer.close();
    assert.equal((await answer).toString(), "answer");
    peer.end();
    await close();
  });
}
