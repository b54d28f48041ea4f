// Sticky cookies: Traefik's names and values, and every form accepted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createStickyTable, stickyCookieName, stickyValue } from "../../../src/balancer/sticky.ts";

const names: readonly (readonly [configured: string | undefined, service: string, name: string])[] = [
  [undefined, "default-app-wrr@kubernetescrd", "_094b8"],
  ["", "app@file", "_fb0b0"],
  ["test-cookie", "app@file", "test-cookie"],
  ["a b;c=d/é", "app@file", "a_b_c_d__"],
];

for (const [configured, service, name] of names) {
  test(`stickyCookieName(${configured}, ${service}) is ${name}`, () => {
    assert.equal(stickyCookieName(configured, service), name);
  });
}

const values: readonly (readonly [child: string, value: string])[] = [
  ["default-myapp1-80", "9c95d45b96623357"],
  ["default-myapp2-80", "063d8603bfb44904"],
  ["http://10.42.0.5:80", "bef67460d38c7acf"],
];

for (const [child, value] of values) {
  test(`stickyValue(${child}) is ${value}`, () => assert.equal(stickyValue(child), value));
}

test("createStickyTable() knows every form Traefik wrote", () => {
  const table = createStickyTable([{ name: "default-myapp1-80", item: 1 }, { name: "default-myapp2-80", item: 2 }]);
  assert.equal(table.find("9c95d45b96623357"), 1);
  assert.equal(table.find("default-myapp1-80"), 1);
  assert.equal(table.find("db346c121b16677a"), 1);
  assert.equal(table.find("default-myapp2-80"), 2);
  assert.equal(table.find("063d8603bfb44904"), 2);
  assert.equal(table.find("unknown"), undefined);
  assert.equal(table.find(""), undefined);
  assert.equal(table.valueOf("default-myapp1-80"), "9c95d45b96623357");
});

test("createStickyTable() prefers today's form, then the first child", () => {
  const table = createStickyTable([{ name: stickyValue("b"), item: "named like b's value" }, { name: "b", item: "b" }]);
  assert.equal(table.find(stickyValue("b")), "b");
  assert.equal(createStickyTable([{ name: "a", item: 1 }, { name: "a", item: 2 }]).find("a"), 1);
});
