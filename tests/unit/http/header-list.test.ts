// Header lists: byte-exact through parsing and writing, and the same as a plain list.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HeaderList } from "../../../src/http/header-list.ts";
import { headerName } from "../../../src/http/header-name.ts";
import { parseHeaderBlock } from "../../../src/http1/header-block.ts";
import { requestLimits } from "../../../src/http1/limits.ts";

const letters = "abXY-_.1!~".split("");
const token = fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 12 }).map((all) => all.join(""));
const name = fc.oneof(token, fc.constantFrom("Accept", "X-A", "x-a", "Cookie", "__proto__", "constructor"))
  .filter((each) => headerName(each).roles === 0 || headerName(each).roles === headerName("a_b").roles);
const inner = fc.array(fc.constantFrom("a", " ", "\t", ":", "\xff", "\x80", '"', ";"), { maxLength: 10 })
  .map((all) => all.join("").trim());
const value = inner.filter((text) => text === text.replace(/^[ \t]+|[ \t]+$/g, ""));
const lines = fc.array(fc.tuple(name, value), { maxLength: 12 });
const blank = fc.constantFrom("", " ", "  ", "\t");

function textOf(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([each, content]) => `${each}: ${content}\r\n`).join("");
}

test("HeaderList survives parsing, writing and parsing again, byte by byte", () =>
  fc.assert(fc.property(lines, blank, blank, (pairs, before, after) => {
    const sent = pairs.map(([each, content]) => `${each}:${before}${content}${after}\r\n`).join("");
    const once = parseHeaderBlock(sent, 0, "downstream", requestLimits).headers;
    assert.equal(once.toText(), textOf(pairs));
    const twice = parseHeaderBlock(once.toText(), 0, "downstream", requestLimits).headers;
    assert.deepEqual([...twice], pairs);
    assert.equal(twice.toText(), once.toText());
  })));

/** The same list in the plainest form there is. */
class Model {
  pairs: (readonly [string, string])[];

  constructor(pairs: readonly (readonly [string, string])[]) {
    this.pairs = [...pairs];
  }

  set(wanted: string, content: string): void {
    const first = this.pairs.findIndex(([each]) => each.toLowerCase() === wanted.toLowerCase());
    if (first === -1) this.pairs.push([wanted, content]);
    else {
      this.pairs[first] = [wanted, content];
      this.pairs = this.pairs.filter(([each], at) => at <= first || each.toLowerCase() !== wanted.toLowerCase());
    }
  }

  delete(unwanted: string): void {
    this.pairs = this.pairs.filter(([each]) => each.toLowerCase() !== unwanted.toLowerCase());
  }
}

test("HeaderList does what a plain list does, whatever was done to it before", () => {
  const step = fc.record({
    kind: fc.constantFrom("append", "appendText", "set", "delete", "deleteWhere", "read", "clone"),
    name,
    value,
  });
  fc.assert(fc.property(lines, fc.array(step, { maxLength: 8 }), (pairs, steps) => {
    let list = parseHeaderBlock(textOf(pairs), 0, "downstream", requestLimits).headers;
    const model = new Model(pairs);
    for (const { kind, name: each, value: content } of steps) {
      if (kind === "append" || kind === "appendText") {
        if (kind === "append") list.append(each, content);
        else list.appendText(`${each}: ${content}\r\n`, 0);
        model.pairs.push([each, content]);
      } else if (kind === "set") {
        list.set(each, content);
        model.set(each, content);
      } else if (kind === "delete") {
        list.delete(each);
        model.delete(each);
      } else if (kind === "deleteWhere") {
        list.deleteWhere((_key, other) => other === content);
        model.pairs = model.pairs.filter(([, other]) => other !== content);
      } else if (kind === "clone") {
        const copy = list.clone();
        list.append("X-Only-In-The-Original", "1");
        list = copy;
      } else {
        const found = model.pairs.filter(([other]) => other.toLowerCase() === each.toLowerCase());
        assert.deepEqual(list.all(each.toLowerCase()), found.map(([, other]) => other));
      }
      assert.equal(list.toText(), textOf(model.pairs));
    }
    assert.deepEqual([...list], model.pairs);
    assert.equal(list.size, model.pairs.length);
  }));
});

test("HeaderList.get() joins cookies with semicolons and everything else with commas", () => {
  const list = HeaderList.of(["Cookie", "a=1"], ["cookie", "b=2"], ["Accept", "x"], ["accept", "y"]);
  assert.equal(list.get("cookie"), "a=1; b=2");
  assert.equal(list.get("ACCEPT"), "x, y");
  assert.equal(list.get("none"), undefined);
  assert.equal(list.has("Cookie"), true);
  assert.equal(list.first("accept"), "x");
  assert.equal(list.toHeaders().get("accept"), "x, y");
});
