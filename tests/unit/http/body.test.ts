// Bodies: order, backpressure, failure and cancelling, for every kind.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Body, BodySink } from "../../../src/http/body.ts";
import { BytesBody, PushBody, readWhole, StreamBody } from "../../../src/http/body.ts";
import { fromLatin1, toLatin1 } from "../../../src/net/bytes.ts";
import { ProxyError } from "../../../src/net/error.ts";

const broken = new ProxyError("broken", { code: "broken", source: "upstream", status: 502 });

function create(length?: number): { body: PushBody; calls: string[] } {
  const calls: string[] = [];
  const owner = {
    pauseBody: () => void calls.push("pause"),
    resumeBody: () => void calls.push("resume"),
    cancelBody: () => void calls.push("cancel"),
  };
  return { body: new PushBody(length, owner), calls };
}

/** A sink that writes down what happens; `credit` chunks are taken before it says stop. */
function sink(log: string[], credit = Infinity): BodySink {
  let left = credit;
  return {
    chunk(bytes) {
      log.push(toLatin1(bytes));
      left--;
      return left > 0;
    },
    end: () => void log.push("END"),
    fail: (error) => void log.push(`FAIL ${error.code}`),
  };
}

function push(body: PushBody, ...pieces: readonly string[]): void {
  for (const piece of pieces) body.push(fromLatin1(piece));
}

test("PushBody keeps what comes before its reader, and pauses its owner", () => {
  const { body, calls } = create();
  push(body, "a", "b");
  assert.deepEqual(calls, ["pause", "pause"]);
  const log: string[] = [];
  body.start(sink(log));
  push(body, "c");
  body.finish();
  assert.deepEqual(log, ["a", "b", "c", "END"]);
  assert.deepEqual(calls, ["pause", "pause", "resume"]);
});

test("PushBody stops when its reader says so, and keeps order", () => {
  const { body, calls } = create();
  const log: string[] = [];
  body.start(sink(log, 1));
  push(body, "a", "b");
  body.finish();
  assert.deepEqual(log, ["a"]);
  body.resume();
  assert.deepEqual(log, ["a", "b"]);
  body.resume();
  assert.deepEqual(log, ["a", "b", "END"]);
  assert.deepEqual(calls.slice(0, 2), ["resume", "pause"]);
});

test("PushBody keeps order when bytes come, or it ends, while it is being emptied", () => {
  const { body } = create();
  push(body, "a", "b");
  const log: string[] = [];
  const plain = sink(log);
  body.start({
    ...plain,
    chunk: (bytes) => {
      if (log.length === 0) {
        push(body, "c");
        body.finish();
      }
      return plain.chunk(bytes);
    },
  });
  assert.deepEqual(log, ["a", "b", "c", "END"]);
});

test("PushBody is taken as a whole only when it is complete, once, and not after a failure", () => {
  const { body } = create();
  push(body, "a", "b");
  assert.equal(body.takeWhole(), undefined);
  body.finish();
  assert.equal(toLatin1(body.takeWhole() ?? new Uint8Array()), "ab");
  assert.equal(body.takeWhole(), undefined);
  assert.throws(() => body.start(sink([])), TypeError);
  const failed = create();
  push(failed.body, "a");
  failed.body.finish();
  failed.body.fail(broken);
  assert.equal(failed.body.takeWhole(), undefined);
});

test("PushBody tells of a failure at once, or to whoever comes later, and drops what it kept", () => {
  const log: string[] = [];
  const read = create();
  read.body.start(sink(log, 1));
  push(read.body, "a", "b");
  read.body.fail(broken);
  read.body.fail(broken);
  read.body.resume();
  assert.deepEqual(log, ["a", "FAIL broken"]);
  const late: string[] = [];
  const unread = create();
  push(unread.body, "a");
  unread.body.fail(broken);
  unread.body.start(sink(late));
  assert.deepEqual(late, ["FAIL broken"]);
});

test("PushBody says nothing more after cancel, and tells its owner once", () => {
  const { body, calls } = create();
  const log: string[] = [];
  body.start(sink(log));
  push(body, "a");
  body.cancel();
  body.cancel();
  push(body, "b");
  body.finish();
  body.fail(broken);
  body.resume();
  assert.deepEqual(log, ["a"]);
  assert.deepEqual(calls, ["resume", "cancel"]);
});

test("PushBody does not call its owner once it is complete", () => {
  const { body, calls } = create();
  push(body, "a");
  body.finish();
  body.start(sink([], 1));
  body.cancel();
  assert.deepEqual(calls, ["pause"]);
});

test("BytesBody waits after its only chunk when told to, and ends once", () => {
  const log: string[] = [];
  const body = new BytesBody(fromLatin1("abc"));
  body.start(sink(log, 1));
  assert.deepEqual(log, ["abc"]);
  body.resume();
  body.resume();
  assert.deepEqual(log, ["abc", "END"]);
  const empty: string[] = [];
  new BytesBody(new Uint8Array()).start(sink(empty));
  assert.deepEqual(empty, ["END"]);
});

const sources: readonly (readonly [string, () => Body])[] = [
  ["BytesBody", () => new BytesBody(fromLatin1("abcd"))],
  ["PushBody", () => {
    const { body } = create();
    push(body, "ab", "cd");
    body.finish();
    return body;
  }],
  ["PushBody, half of it here", () => {
    const { body } = create();
    push(body, "ab");
    queueMicrotask(() => {
      push(body, "cd");
      body.finish();
    });
    return body;
  }],
  ["StreamBody", () => new StreamBody(new Blob(["abcd"]).stream())],
];

for (const [name, make] of sources) {
  test(`readWhole() reads a ${name} up to its limit`, async () => {
    assert.equal(toLatin1((await readWhole(make(), 4)) ?? new Uint8Array()), "abcd");
    assert.equal(await readWhole(make(), 3), undefined);
  });

  test(`toStream() delivers a ${name}`, async () => {
    assert.equal(await new Response(make().stream).text(), "abcd");
  });
}

test("StreamBody fails with what its source throws, and cancels it", async () => {
  const source = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("oops")) });
  await assert.rejects(readWhole(new StreamBody(source), 9), { code: "internal" });
  let isCancelled = false;
  const body = new StreamBody(new ReadableStream({ cancel: () => void (isCancelled = true) }));
  body.start(sink([]));
  body.cancel();
  await Promise.resolve();
  assert.equal(isCancelled, true);
});
