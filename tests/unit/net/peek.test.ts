// Peek: first bytes collected, bounded, and handed on unchanged.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLatin1, toLatin1 } from "../../../src/net/bytes.ts";
import type { Connection, ConnectionHandler } from "../../../src/net/connection.ts";
import { Deadlines } from "../../../src/net/deadlines.ts";
import { Peek, type PeekOwner } from "../../../src/net/peek.ts";

/** A connection of which only the handler and the end matter. */
function fake() {
  const state = { handler: undefined as ConnectionHandler | undefined, ended: "" };
  const connection = {
    handle: (handler: ConnectionHandler) => void (state.handler = handler),
    reset: () => void (state.ended = "reset"),
    get closed() {
      return state.ended !== "";
    },
  } as unknown as Connection;
  const send = (text: string) => state.handler?.data(fromLatin1(text));
  return { state, connection, send };
}

function recorder() {
  const told: string[] = [];
  const handler: ConnectionHandler = {
    data: (chunk) => void told.push(toLatin1(chunk)),
    drain: () => void told.push("<drain>"),
    end: () => void told.push("<end>"),
    close: () => void told.push("<close>"),
  };
  return { told, handler };
}

function start(owner: Partial<PeekOwner>, limit = 100) {
  let clock = 0;
  const deadlines = new Deadlines(() => clock);
  const { state, connection, send } = fake();
  const nobody: PeekOwner = { look: () => {}, end: () => {}, expire: () => {}, full: () => {}, close: () => {} };
  const peek = new Peek(connection, { deadlines, timeoutMs: 1000, limit }, { ...nobody, ...owner });
  const pass = (ms: number) => {
    clock += ms;
    deadlines.sweep();
  };
  return { deadlines, state, peek, send, pass };
}

test("Peek shows all bytes so far, and hands them on as one", () => {
  const { told, handler } = recorder();
  const shown: string[] = [];
  const { state, send, deadlines } = start({
    look: (peek) => {
      shown.push(toLatin1(peek.bytes));
      if (peek.bytes.length === 4) peek.handTo(handler);
    },
  });
  for (const text of ["a", "b", "cd"]) send(text);
  send("later");
  assert.deepEqual(shown, ["a", "ab", "abcd"]);
  assert.deepEqual(told, ["abcd", "later"]);
  assert.equal(state.handler, handler);
  assert.equal(deadlines.size, 0);
});

test("Peek never writes into a chunk that it was given", () => {
  const { peek } = start({});
  const first = fromLatin1("first");
  peek.data(first);
  peek.data(fromLatin1("second"));
  assert.equal(toLatin1(first), "first");
  assert.equal(toLatin1(peek.bytes), "firstsecond");
  peek.take();
});

test("Peek collects 64 KiB of single bytes", () => {
  const { peek } = start({}, 65537);
  for (let at = 0; at < 65536; at++) peek.data(new Uint8Array([at & 0xff]));
  assert.equal(peek.bytes.length, 65536);
  assert.ok(peek.bytes.every((byte, at) => byte === (at & 0xff)));
  peek.take();
});

test("handTo() passes a FIN on that came before, and a FIN alone", () => {
  for (const text of ["x", ""]) {
    const { told, handler } = recorder();
    const { peek, state } = start({ end: (one) => one.handTo(handler) });
    if (text !== "") peek.data(fromLatin1(text));
    state.handler?.end();
    assert.deepEqual(told, text === "" ? ["<end>"] : ["x", "<end>"]);
  }
});

test("discard() forgets a header, and keeps what follows", () => {
  const { peek } = start({});
  peek.data(fromLatin1("headbody"));
  peek.discard(4);
  peek.data(fromLatin1("more"));
  assert.equal(toLatin1(peek.bytes), "bodymore");
  peek.discard(100);
  assert.equal(peek.bytes.length, 0);
  peek.take();
});

test("expire() comes once, after the deadline, and wait() sets another", () => {
  let count = 0;
  const { peek, pass } = start({ expire: () => void count++ });
  pass(1000);
  assert.equal(count, 0);
  pass(200);
  assert.equal(count, 1);
  pass(5000);
  assert.equal(count, 1);
  peek.wait(100);
  pass(300);
  assert.equal(count, 2);
  peek.take();
});

test("full() comes at the cap, and a connection whose owner does not decide is reset", () => {
  let count = 0;
  const { state, send, peek } = start({ full: () => void count++ }, 4);
  send("abc");
  assert.equal(state.ended, "");
  send("d");
  assert.deepEqual([count, state.ended], [1, "reset"]);
  peek.close();
});

test("close() ends the peek, and nothing is handed on afterwards", () => {
  let closes = 0;
  const { told, handler } = recorder();
  const { peek, state, deadlines } = start({ close: () => void closes++ });
  state.handler?.close();
  peek.handTo(handler);
  assert.deepEqual([closes, told, deadlines.size], [1, [], 0]);
});

test("take() gives the bytes, and stops the clock", () => {
  let count = 0;
  const { peek, pass } = start({ expire: () => void count++ });
  peek.data(fromLatin1("x"));
  assert.equal(toLatin1(peek.take()), "x");
  pass(5000);
  assert.equal(count, 0);
});
