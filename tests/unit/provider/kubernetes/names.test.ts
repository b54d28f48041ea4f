// Names as Traefik makes them, and keys that do not collide.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOf, matchHash, normalize, routerName } from "../../../../src/provider/kubernetes/names.ts";

test("normalize() joins runs of letters and digits", () => {
  for (
    const [text, expected] of [["default-app.v2", "default-app-v2"], ["--a__b--", "a-b"], ["größe/1", "größe-1"], [
      "",
      "",
    ]] as const
  ) assert.equal(normalize(text), expected);
});

test("matchHash() and routerName() give Traefik's names", () => {
  assert.equal(matchHash("Host(`whoami.localhost`)"), "db8b5e5f2471fb18f2df");
  assert.equal(matchHash("HostSNI(`*`)"), "673acf455cb2dab0b43a");
  assert.equal(routerName("default", "my.app", matchHash("HostSNI(`*`)")), "default-my-app-673acf455cb2dab0b43a");
});

test("keyOf() keeps a-b/c and a/b-c apart", () => {
  assert.notEqual(keyOf("X", "a-b", "c"), keyOf("X", "a", "b-c"));
});
