// State over builds: what is taken stays, what is not is disposed, and a build that failed changes nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { StateStore } from "../../../src/net/state.ts";

/** Values that tell when they are disposed. */
class Thing {
  readonly name: string;
  readonly #log: string[];

  constructor(name: string, log: string[]) {
    this.name = name;
    this.#log = log;
  }

  dispose(): void {
    this.#log.push(this.name);
  }
}

function isThing(value: unknown): value is Thing {
  return value instanceof Thing;
}

function isNamed(name: string): (value: unknown) => value is Thing {
  return (value): value is Thing => isThing(value) && value.name === name;
}

function setUp() {
  const state = new StateStore();
  const disposed: string[] = [];
  const take = (key: string, name = key) => state.take(key, isThing, () => new Thing(name, disposed));
  const build = (...keys: string[]) => {
    state.begin();
    const things = keys.map((key) => take(key));
    state.commit();
    return things;
  };
  return { state, disposed, take, build };
}

test("StateStore keeps what each build takes, and disposes the rest", () => {
  const { state, disposed, build } = setUp();
  const [a] = build("a", "b");
  const [again] = build("a", "c");
  assert.equal(again, a);
  assert.deepEqual(disposed, ["b"]);
  assert.equal(state.size, 2);
  build();
  assert.deepEqual(disposed, ["b", "a", "c"]);
});

test("StateStore replaces a value of another type, and disposes it with the build", () => {
  const { state, disposed, take } = setUp();
  state.begin();
  take("k", "old");
  state.commit();
  state.begin();
  const next = state.take("k", isNamed("new"), () => new Thing("new", disposed));
  assert.deepEqual(disposed, []);
  state.commit();
  assert.equal(next.name, "new");
  assert.deepEqual(disposed, ["old"]);
  assert.equal(state.size, 1);
});

test("StateStore.rollback() brings back everything, and disposes what only that build had made", () => {
  const { state, disposed, take, build } = setUp();
  const [a] = build("a", "b");
  state.begin();
  take("c");
  state.take("a", isNamed("x"), () => new Thing("x", disposed));
  state.take("a", isNamed("y"), () => new Thing("y", disposed));
  state.rollback();
  assert.deepEqual(disposed.toSorted(), ["c", "x", "y"]);
  const [again] = build("a", "b");
  assert.equal(again, a);
  assert.equal(state.size, 2);
});

test("StateStore.keep() takes again what a record took, without what other records took", () => {
  const { state, disposed, take } = setUp();
  state.begin();
  let inner = state.record(() => take("none"));
  const outer = state.record(() => {
    take("a");
    inner = state.record(() => take("i"));
    take("b");
  });
  state.commit();
  disposed.length = 0;
  state.begin();
  assert.equal(state.keep(outer.taken), true);
  state.commit();
  assert.deepEqual(disposed.toSorted(), ["i", "none"]);
  assert.equal(state.size, 2);
  state.begin();
  assert.equal(state.keep(inner.taken), false, "it is gone: the part must be made again");
  state.commit();
  assert.equal(state.size, 0);
});

test("StateStore.keep() refuses what a rolled back build had made", () => {
  const { state, take } = setUp();
  state.begin();
  const { taken } = state.record(() => take("a"));
  state.rollback();
  state.begin();
  assert.equal(state.keep(taken), false);
  state.commit();
});

test("StateStore.record() passes errors on and ends the record", () => {
  const { state, take } = setUp();
  state.begin();
  assert.throws(() =>
    state.record(() => {
      throw new RangeError("no");
    }), RangeError);
  const { taken } = state.record(() => take("a"));
  assert.equal(taken.entries.length, 1);
  state.commit();
});

test("StateStore serves values outside of builds, too", () => {
  const { state, take } = setUp();
  const one = take("a");
  assert.equal(take("a"), one);
  state.begin();
  assert.equal(take("a"), one);
  state.commit();
  assert.equal(state.size, 1);
});
