// The canonical path: Traefik's rows, and that it is a fixed point.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalPath } from "../../../src/http/path.ts";

const rows: readonly (readonly [string, string | undefined])[] = [
  ["/", "/"],
  ["/a/b", "/a/b"],
  ["/a/", "/a/"],
  ["//a//b", "/a/b"],
  ["/a/./b", "/a/b"],
  ["/a/../b", "/b"],
  ["/../../b", "/b"],
  ["/a/..", "/"],
  ["/a/%2e%2E/b", "/b"],
  ["/a%2fb", "/a%2Fb"],
  ["/%41%7e", "/A~"],
  ["/a%252e", "/a%252e"],
  ["/a|b", "/a%7Cb"],
  ['/"', "/%22"],
  ["/...", "/..."],
  ["/%", undefined],
  ["/%4", undefined],
  ["/%zz", undefined],
];

for (const [path, wanted] of rows) {
  test(`canonicalPath() makes ${path} into ${wanted}`, () => assert.equal(canonicalPath(path), wanted));
}

test("canonicalPath() is a fixed point of itself", () => {
  const piece = fc.constantFrom("/", ".", "..", "a", "%2e", "%2F", "%5c", "%00", "%25", ";", "//", "|", "%41");
  fc.assert(fc.property(fc.array(piece), (pieces) => {
    const once = canonicalPath(`/${pieces.join("")}`);
    assert.notEqual(once, undefined);
    assert.equal(canonicalPath(once ?? ""), once);
  }));
});

test("canonicalPath() keeps dot segments where asked", () =>
  assert.equal(canonicalPath("/a/..//b", false), "/a/..//b"));
