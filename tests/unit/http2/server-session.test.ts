// The server's side, frame by frame: what is served, what resets a stream, what ends the connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCode } from "../../../src/http2/protocol.ts";
import { bytes, codeOf, get, headers, hello, PREFACE, type } from "../../support/h2-frames.ts";
import { fieldRows, frameRows } from "../../support/h2-rows.ts";
import { HeardServer } from "../../support/h2-sessions.ts";

function outcomeOf(server: HeardServer): unknown {
  const goAway = server.frames.find((found) => found.type === type.goAway);
  if (goAway !== undefined) return { goAway: codeOf(goAway) };
  const found = server.frames.find((each) => each.type === type.reset);
  if (found !== undefined) return { reset: codeOf(found) };
  const refusal = server.refusals[0];
  if (refusal !== undefined) return { status: refusal.status };
  return server.requests[0]?.dispatched === true ? "served" : "nothing";
}

for (const [name, fields, wanted] of fieldRows) {
  test(`ServerSession judges ${name}`, () => {
    const server = new HeardServer({ maxFrameSize: 65_536 });
    server.session.receive(bytes(hello, headers(1, fields)));
    assert.deepEqual(outcomeOf(server), wanted);
    if (wanted !== "served") assert.equal(server.requests.length, 0);
  });
}

for (const [name, frames, wanted] of frameRows) {
  test(`ServerSession judges ${name}`, () => {
    const server = new HeardServer();
    server.session.receive(bytes(hello, ...frames));
    assert.deepEqual(outcomeOf(server), wanted);
    const isOver = typeof wanted === "object" && "goAway" in wanted;
    assert.equal(server.isOver, isOver);
    if (isOver) assert.equal(server.requests.filter((each) => each.dispatched).length, 0);
  });
}

test("ServerSession refuses a first frame that is not SETTINGS", () => {
  const server = new HeardServer();
  server.session.receive(bytes(PREFACE, headers(1, get)));
  assert.deepEqual(outcomeOf(server), { goAway: errorCode.protocol });
});
