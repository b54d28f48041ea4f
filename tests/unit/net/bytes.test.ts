// Text and bytes: latin1 both ways, joining, and copies that stand alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, detach, fromLatin1, toLatin1 } from "../../../src/net/bytes.ts";

const every = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));

test("toLatin1() gives back what fromLatin1() took, byte for byte", () => {
  assert.equal(toLatin1(fromLatin1(every)), every);
  assert.equal(toLatin1(fromLatin1(every.repeat(64)), 256, 512), every);
});

test("concat() joins chunks, and returns a single one as it is", () => {
  const chunk = fromLatin1("ab");
  assert.equal(concat([chunk]), chunk);
  assert.equal(toLatin1(concat([chunk, fromLatin1("c")])), "abc");
});

test("detach() keeps the text", () => {
  assert.equal(detach(`x${every}`.slice(1)), every);
  assert.equal(detach(""), "");
});
