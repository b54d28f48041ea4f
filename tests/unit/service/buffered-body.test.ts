// Reading a body's beginning: the whole of a short one, and nothing lost of a long one.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Body } from "../../../src/http/body.ts";
import { BytesBody } from "../../../src/http/body.ts";
import { bufferBody } from "../../../src/service/buffered-body.ts";
import { failure, FedBody, Reader } from "./fakes.ts";

/** A body of which more than the limit of 3 bytes was read. */
async function long(): Promise<{ readonly fed: FedBody; readonly rest: Body }> {
  const fed = new FedBody(9);
  const pending = bufferBody(fed.body, 3);
  fed.push("12");
  fed.push("34");
  const buffered = await pending;
  assert.ok("rest" in buffered);
  return { fed, rest: buffered.rest };
}

for (const text of ["", "1", "123"]) {
  test(`bufferBody() gives the whole of "${text}"`, async () => {
    const fed = new FedBody();
    const pending = bufferBody(fed.body, 3);
    for (const letter of text) fed.push(letter);
    fed.body.finish();
    const buffered = await pending;
    assert.equal("whole" in buffered && new TextDecoder().decode(buffered.whole), text);
  });
}

test("bufferBody() delivers a longer body to its end, whenever the reader comes", async () => {
  const early = await long();
  assert.equal(early.rest.length, 9);
  const reader = new Reader(early.rest).start();
  early.fed.push("567");
  early.fed.push("89");
  early.fed.body.finish();
  assert.deepEqual([reader.text, reader.ending], ["123456789", "end"]);
  const late = await long();
  late.fed.push("56789");
  late.fed.body.finish();
  const other = new Reader(late.rest).start();
  assert.deepEqual([other.text, other.ending], ["123456789", "end"]);
});

test("bufferBody() holds the source back while the rest has no reader, or a slow one", async () => {
  const { fed, rest } = await long();
  assert.deepEqual(fed.calls, ["resume", "pause"]);
  const reader = new Reader(rest, 2).start();
  assert.deepEqual([reader.text, fed.calls.length], ["1234", 2]);
  reader.credit = 1;
  rest.resume();
  assert.deepEqual(fed.calls, ["resume", "pause", "resume"]);
  fed.push("5");
  assert.deepEqual(fed.calls, ["resume", "pause", "resume", "pause"]);
  reader.credit = Infinity;
  rest.resume();
  fed.push("6789");
  fed.body.finish();
  assert.deepEqual([reader.text, reader.ending], ["123456789", "end"]);
});

test("bufferBody() splits a body that is in memory, too", async () => {
  const buffered = await bufferBody(new BytesBody(new TextEncoder().encode("12345")), 3);
  assert.ok("rest" in buffered);
  assert.equal(buffered.rest.length, 5);
  const reader = new Reader(buffered.rest).start();
  assert.deepEqual([reader.text, reader.ending], ["12345", "end"]);
});

test("bufferBody() rejects when the body breaks off while it is buffered", async () => {
  const fed = new FedBody();
  const pending = bufferBody(fed.body, 3);
  fed.push("1");
  fed.body.fail(failure("never"));
  await assert.rejects(pending, { code: "fake-never" });
});

test("bufferBody() passes a later break on, before and after the reader came", async () => {
  const before = await long();
  before.fed.body.fail(failure("never"));
  assert.equal(new Reader(before.rest).start().ending, "fail");
  const after = await long();
  const reader = new Reader(after.rest).start();
  after.fed.body.fail(failure("never"));
  assert.deepEqual([reader.text, reader.ending], ["1234", "fail"]);
});

test("bufferBody() passes a cancel on", async () => {
  const { fed, rest } = await long();
  rest.cancel();
  assert.equal(rest.used, true);
  assert.equal(fed.calls.at(-1), "cancel");
});

test("bufferBody() gives a rest that is readable as a Web Stream, once", async () => {
  const { fed, rest } = await long();
  const text = new Response(rest.stream).text();
  fed.push("56789");
  fed.body.finish();
  assert.equal(await text, "123456789");
  assert.throws(() => new Reader(rest).start(), TypeError);
});
