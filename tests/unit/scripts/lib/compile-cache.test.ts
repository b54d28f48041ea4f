// The cache of compiled modules does not grow for ever.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { compileCache } from "../../../../scripts/lib/compile-cache.mjs";

for (const [entries, stays] of [[0, true], [10, true], [5001, false]] as const) {
  test(`compileCache() ${stays ? "keeps" : "empties"} a folder of ${entries} entries`, () => {
    const folder = join(mkdtempSync(join(tmpdir(), "weir-compiled-")), "compiled");
    try {
      mkdirSync(join(folder, "v24"), { recursive: true });
      for (let entry = 0; entry < entries; entry++) writeFileSync(join(folder, "v24", String(entry)), "");
      assert.deepEqual(compileCache(folder), { NODE_COMPILE_CACHE: folder });
      assert.equal(existsSync(folder), stays);
    } finally {
      rmSync(join(folder, ".."), { recursive: true });
    }
  });
}

test("compileCache() names a folder that is not there yet", () => {
  assert.deepEqual(compileCache("/nonexistent/compiled"), { NODE_COMPILE_CACHE: "/nonexistent/compiled" });
});
