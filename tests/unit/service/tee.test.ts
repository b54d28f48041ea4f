// One body for several readers: the main one sets the pace, nobody else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BytesBody } from "../../../src/http/body.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { Tee } from "../../../src/service/tee.ts";
import { FedBody, Reader } from "./fakes.ts";

const gone = new ProxyError("the client is gone", { code: "client-gone", source: "downstream", status: 499 });

test("Tee gives the main reader and its branches the same bytes", () => {
  const fed = new FedBody();
  fed.push("early ");
  const tee = new Tee(fed.body, -1);
  const [one, two] = [new Reader(tee.branch()).start(), new Reader(tee.branch())];
  const main = new Reader(tee).start();
  fed.push("late");
  two.start();
  fed.body.finish();
  for (const reader of [main, one, two]) assert.deepEqual([reader.text, reader.ending], ["early late", "end"]);
});

test("Tee keeps the length and tells whether the body is used", () => {
  const tee = new Tee(new FedBody(7).body, -1);
  assert.equal(tee.length, 7);
  assert.equal(tee.branch().length, 7);
  assert.equal(tee.used, false);
  new Reader(tee).start();
  assert.equal(tee.used, true);
});

test("Tee passes the main reader's backpressure on, and not a branch's", () => {
  const fed = new FedBody();
  const tee = new Tee(fed.body, -1);
  const slow = new Reader(tee.branch(), 1).start();
  const main = new Reader(tee, 2).start();
  fed.push("a");
  fed.push("b");
  assert.deepEqual(fed.calls, ["resume", "pause"]);
  main.credit = Infinity;
  tee.resume();
  fed.push("c");
  assert.deepEqual(fed.calls, ["resume", "pause", "resume"]);
  assert.equal(main.text, "abc");
  assert.equal(slow.text, "a");
  slow.credit = Infinity;
  slow.body.resume();
  fed.body.finish();
  assert.deepEqual([slow.text, slow.ending], ["abc", "end"]);
});

test("Tee drops a branch that falls behind its limit, and only that one", () => {
  const fed = new FedBody();
  const tee = new Tee(fed.body, -1);
  const stuck = tee.branch(4);
  const dropped: string[] = [];
  stuck.onDrop = (reason) => {
    dropped.push(reason.code);
  };
  const good = new Reader(tee.branch(4)).start();
  const main = new Reader(tee).start();
  fed.push("12");
  fed.push("34");
  assert.deepEqual(dropped, []);
  fed.push("5");
  assert.deepEqual(dropped, ["mirror-too-slow"]);
  fed.body.finish();
  assert.deepEqual([main.text, main.ending], ["12345", "end"]);
  assert.deepEqual([good.text, good.ending], ["12345", "end"]);
  const late = new Reader(stuck).start();
  assert.deepEqual([late.text, late.ending, late.error?.code], ["", "fail", "mirror-too-slow"]);
});

test("Tee gives a branch that caught up its whole limit again", () => {
  const fed = new FedBody();
  const tee = new Tee(fed.body, -1);
  const slow = new Reader(tee.branch(4), 1).start();
  new Reader(tee).start();
  for (const [now, later] of [["1", "234"], ["5", "678"]] as const) {
    fed.push(now);
    fed.push(later);
    slow.credit = 2;
    slow.body.resume();
    slow.credit = 1;
  }
  fed.push("9");
  fed.body.finish();
  assert.deepEqual([slow.text, slow.ending], ["123456789", "end"]);
});

test("Tee takes one chunk that is larger than a branch's limit", () => {
  const fed = new FedBody();
  const tee = new Tee(fed.body, -1);
  const branch = tee.branch(4);
  new Reader(tee).start();
  fed.push("123456789");
  fed.body.finish();
  assert.equal(new Reader(branch).start().text, "123456789");
});

test("Tee cuts branches off when the body is longer than they may get", () => {
  const fed = new FedBody();
  const tee = new Tee(fed.body, 3);
  const branch = new Reader(tee.branch()).start();
  const main = new Reader(tee).start();
  fed.push("12");
  fed.push("34");
  fed.body.finish();
  assert.deepEqual([branch.text, branch.ending, branch.error?.code], ["12", "fail", "tee-body-too-large"]);
  assert.deepEqual([main.text, main.ending], ["1234", "end"]);
});

test("Tee hands a body that is there as a whole to everybody", () => {
  const tee = new Tee(new BytesBody(new TextEncoder().encode("whole")), -1);
  const branch = tee.branch();
  assert.equal(new TextDecoder().decode(tee.takeWhole()), "whole");
  assert.equal(new TextDecoder().decode(branch.takeWhole()), "whole");
  assert.equal(branch.takeWhole(), undefined);
});

test("Tee tells branches when the body breaks off", () => {
  const fed = new FedBody();
  const tee = new Tee(fed.body, -1);
  const branch = new Reader(tee.branch()).start();
  const main = new Reader(tee).start();
  fed.push("a");
  fed.body.fail(gone);
  assert.deepEqual([main.ending, branch.ending, branch.error], ["fail", "fail", gone]);
});

test("Tee cancels the source when the main reader does, and cuts the branches off", () => {
  const fed = new FedBody();
  const tee = new Tee(fed.body, -1);
  const branch = new Reader(tee.branch()).start();
  tee.cancel();
  assert.deepEqual(fed.calls, ["cancel"]);
  assert.equal(branch.error?.code, "tee-main-cancelled");
});

test("Tee leaves branches alone that have everything when the exchange is given up", () => {
  const fed = new FedBody();
  const tee = new Tee(fed.body, -1);
  const branch = tee.branch();
  new Reader(tee).start();
  fed.push("all");
  fed.body.finish();
  tee.abandon(gone);
  const reader = new Reader(branch).start();
  assert.deepEqual([reader.text, reader.ending], ["all", "end"]);
});

test("Tee goes on when a branch's reader throws or has cancelled", () => {
  const fed = new FedBody();
  const tee = new Tee(fed.body, -1);
  tee.branch().start({
    chunk: () => {
      throw new TypeError("a mirror's bug");
    },
    end: () => undefined,
    fail: () => undefined,
  });
  const cancelled = tee.branch();
  cancelled.cancel();
  const main = new Reader(tee).start();
  fed.push("a");
  fed.push("b");
  fed.body.finish();
  assert.deepEqual([main.text, main.ending], ["ab", "end"]);
  assert.equal(cancelled.used, true);
});

test("TeeBranch can't be read twice", () => {
  const branch = new Tee(new FedBody().body, -1).branch();
  new Reader(branch).start();
  assert.throws(() => new Reader(branch).start(), TypeError);
});

test("Tee and its branches are readable as Web Streams", async () => {
  const fed = new FedBody();
  const tee = new Tee(fed.body, -1);
  const branch = tee.branch();
  const [main, copy] = [new Response(tee.stream).text(), new Response(branch.stream).text()];
  fed.push("one ");
  fed.push("two");
  fed.body.finish();
  assert.deepEqual(await Promise.all([main, copy]), ["one two", "one two"]);
});
