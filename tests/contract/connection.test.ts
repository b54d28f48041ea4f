// Connection: bytes, order, handler swap, half-close and reset, for accepted and for dialled connections.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { meet, readAll, Recorder, ROLES, settle } from "../support/contract.ts";

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/**
 * Reads until the socket fails. Node 22 reports bytes followed by RST as bytes and FIN; the first write then tells.
 * @returns the code of the failure
 */
async function failure(peer: Socket): Promise<string> {
  const failed = once(peer, "error");
  if (peer.readableEnded) peer.write("so that it looks");
  else peer.once("end", () => peer.write("so that it looks"));
  peer.resume();
  const [error] = await failed;
  return error.code;
}

for (const role of ROLES) {
  test(`${role}: write() sends a string as latin1, every byte from 0x00 to 0xFF`, async () => {
    const { subject, peer, close } = await meet(role);
    subject.handle(new Recorder());
    subject.write(ALL_BYTES.toString("latin1"));
    subject.write(ALL_BYTES);
    subject.end();
    assert.deepEqual(await readAll(peer), Buffer.concat([ALL_BYTES, ALL_BYTES]));
    await close();
  });

  test(`${role}: data() delivers bytes unchanged, in chunks the receiver may keep`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    subject.handle(seen);
    const sent = Buffer.alloc(300_000, ALL_BYTES);
    peer.end(sent);
    await seen.untilTold("end");
    assert.ok(Buffer.concat(seen.chunks).equals(sent));
    await close();
  });

  for (const size of [0, 10, 2048, 2049, 8192, 8193, 300_000]) {
    test(`${role}: writeTogether() keeps head, body of ${size} bytes and neighbours in order`, async () => {
      const { subject, peer, close } = await meet(role);
      subject.handle(new Recorder());
      const body = Buffer.alloc(size, ALL_BYTES);
      subject.write("before;");
      subject.writeTogether("head\xff;", body);
      subject.write(";after");
      subject.end();
      const expected = Buffer.concat([Buffer.from("before;head\xff;", "latin1"), body, Buffer.from(";after")]);
      assert.ok((await readAll(peer)).equals(expected));
      await close();
    });
  }

  test(`${role}: handle() swaps the owner in the middle, from inside data()`, async () => {
    const { subject, peer, close } = await meet(role);
    const peeking = new Recorder();
    const owner = new Recorder();
    peeking.onData = () => subject.handle(owner);
    subject.handle(peeking);
    peer.write("first");
    await peeking.untilTold("data");
    peer.end("second");
    await owner.untilTold("end");
    assert.deepEqual([peeking.text, owner.text], ["first", "second"]);
    assert.deepEqual(peeking.told, ["data"]);
    await close();
  });

  test(`${role}: the peer's FIN is end(), and writing goes on until our own`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    subject.handle(seen);
    peer.end("question");
    await seen.untilTold("end");
    await settle();
    assert.equal(subject.closed, false);
    const answer = readAll(peer);
    subject.write("late ");
    subject.write(Buffer.from("answer"));
    subject.end();
    assert.equal((await answer).toString(), "late answer");
    await seen.untilTold("close");
    assert.equal(seen.error, undefined);
    assert.deepEqual(seen.told.filter((what) => what !== "drain"), ["data", "end", "close"]);
    await close();
  });

  test(`${role}: our end() sends FIN after everything written, and reading goes on`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    subject.handle(seen);
    const big = Buffer.alloc(20_000_000, 7);
    subject.write(big);
    subject.end();
    assert.equal((await readAll(peer)).length, big.length);
    peer.write("still ");
    await seen.untilTold("data");
    peer.end("read");
    await seen.untilTold("close");
    assert.equal(seen.text, "still read");
    assert.deepEqual(seen.told.slice(-2), ["end", "close"]);
    assert.equal(seen.error, undefined);
    await close();
  });

  test(`${role}: end() from inside data() and end() calls nobody before it returned`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    let depth = 0;
    const order: string[] = [];
    const enter = (name: string, act: () => void) => {
      assert.equal(depth, 0, `${name} overlaps`);
      depth++;
      act();
      order.push(name);
      depth--;
    };
    subject.handle({
      data: (chunk) => enter("data", () => seen.data(chunk)),
      drain: () => enter("drain", () => seen.drain()),
      end: () => enter("end", () => subject.end()),
      close: () => enter("close", () => seen.close()),
    });
    peer.end("x");
    await seen.untilTold("close");
    assert.deepEqual(order.filter((name) => name !== "drain"), ["data", "end", "close"]);
    await close();
  });

  for (const act of ["reset", "destroy"] as const) {
    test(`${role}: ${act}() from inside data() reports close() once, later, without an error`, async () => {
      const { subject, peer, close } = await meet(role);
      const seen = new Recorder();
      let inside = true;
      seen.onData = () => {
        subject[act]();
        assert.equal(subject.closed, true);
        assert.equal(seen.told.includes("close"), false);
        inside = false;
      };
      subject.handle(seen);
      peer.write("x");
      await seen.untilTold("close");
      assert.equal(inside, false);
      subject[act]();
      await settle();
      assert.deepEqual(seen.told, ["data", "close"]);
      assert.equal(seen.error, undefined);
      await close();
    });
  }

  test(`${role}: reset() is ECONNRESET at the peer, also with bytes unsent`, async () => {
    for (const unsent of [0, 20_000_000]) {
      const { subject, peer, close } = await meet(role);
      subject.handle(new Recorder());
      if (unsent > 0) subject.write(Buffer.alloc(unsent));
      subject.reset();
      assert.equal(await failure(peer), "ECONNRESET");
      assert.ok(peer.bytesRead < 20_000_000);
      await close();
    }
  });

  test(`${role}: reset() after our end() is ECONNRESET at the peer, with and without bytes unsent`, async () => {
    for (const unsent of [0, 20_000_000]) {
      const { subject, peer, close } = await meet(role);
      const seen = new Recorder();
      subject.handle(seen);
      if (unsent > 0) subject.write(Buffer.alloc(unsent));
      subject.end();
      if (unsent === 0) await once(peer.resume(), "end");
      subject.reset();
      assert.match(await failure(peer), unsent === 0 ? /ECONNRESET|EPIPE/ : /ECONNRESET/);
      assert.ok(peer.bytesRead < 20_000_000);
      await seen.untilTold("close");
      await close();
    }
  });

  test(`${role}: reset() with bytes unsent does not wait for a peer that stalls`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    subject.handle(seen);
    subject.write(Buffer.alloc(20_000_000));
    subject.reset();
    await seen.untilTold("close");
    assert.equal(seen.error, undefined);
    peer.destroy();
    await close();
  });

  test(`${role}: reset() after the peer's FIN is ECONNRESET at the peer`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    subject.handle(seen);
    peer.end("x");
    await seen.untilTold("end");
    subject.reset();
    assert.equal(await failure(peer), "ECONNRESET");
    await close();
  });

  test(`${role}: the peer's RST is close() with connection-reset and the right fault`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    subject.handle(seen);
    peer.write("x");
    await seen.untilTold("data");
    peer.resetAndDestroy();
    await seen.untilTold("close");
    const expected = role.startsWith("accepted")
      ? { code: "connection-reset", source: "downstream", status: 499, retry: "never" }
      : { code: "connection-reset", source: "upstream", status: 502, retry: "idempotent" };
    const { code, source, status, retry } = seen.error ?? {};
    assert.deepEqual({ code, source, status, retry }, expected);
    assert.equal(subject.closed, true);
    assert.deepEqual(seen.told, ["data", "close"]);
    await close();
  });

  for (const size of [1, 10_000, 100_000]) {
    test(`${role}: ${size} bytes and then RST are never data and end(), which would be a complete message`, async () => {
      const { subject, peer, close } = await meet(role);
      const seen = new Recorder();
      subject.pause();
      subject.handle(seen);
      peer.write(Buffer.alloc(size));
      await settle();
      peer.resetAndDestroy();
      await settle();
      subject.resume();
      await seen.untilTold("close");
      assert.equal(seen.told.includes("end"), false);
      assert.equal(seen.error?.code, "connection-reset");
      await close();
    });
  }

  test(`${role}: writing into a peer that is gone ends in connection-reset, not in a throw`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    subject.handle(seen);
    peer.destroy();
    await seen.until(() => seen.told.includes("end") || seen.told.includes("close")); // RST when TLS left bytes unread
    while (!seen.told.includes("close")) {
      subject.write("more");
      await new Promise(setImmediate);
    }
    assert.equal(seen.error?.code, "connection-reset");
    await close();
  });

  test(`${role}: calls after close() and end() do nothing`, async () => {
    const { subject, peer, close } = await meet(role);
    const seen = new Recorder();
    subject.handle(seen);
    subject.end();
    subject.end();
    assert.equal(subject.write("not sent"), true);
    assert.equal(subject.writeTogether("not", Buffer.from("sent")), true);
    assert.equal((await readAll(peer)).length, 0);
    peer.end();
    await seen.untilTold("close");
    subject.write("x");
    subject.writeTogether("x", Buffer.from("y"));
    subject.pause();
    subject.resume();
    subject.end();
    subject.reset();
    subject.destroy();
    await settle();
    assert.deepEqual(seen.told.filter((what) => what !== "drain"), ["end", "close"]);
    assert.equal(subject.pending, 0);
    await close();
  });

  test(`${role}: a connection that was lost before handle() reports close() to its first handler`, async () => {
    const { subject, peer, close } = await meet(role);
    subject.destroy();
    await once(peer.resume(), "end");
    await settle();
    const seen = new Recorder();
    subject.handle(seen);
    assert.deepEqual(seen.told, []);
    await seen.untilTold("close");
    await close();
  });

  test(`${role}: remote and local are the two ends, and stay known after close()`, async () => {
    const { subject, peer, close } = await meet(role);
    const { remoteAddress, remotePort, localPort } = peer;
    assert.deepEqual(subject.local, { ip: remoteAddress, port: remotePort });
    subject.destroy();
    assert.deepEqual(subject.remote, { ip: "127.0.0.1", port: localPort });
    await close();
  });
}

test("accepted: reads nothing before its first handler", async () => {
  const { subject, peer, close } = await meet("accepted");
  const chunk = Buffer.alloc(65536);
  while (peer.write(chunk));
  await settle();
  const before = peer.bytesWritten;
  assert.ok(before > 0);
  const seen = new Recorder();
  subject.handle(seen);
  await seen.untilTold("data");
  peer.end();
  await seen.untilTold("end");
  assert.equal(seen.bytes, peer.bytesWritten);
  await close();
});
