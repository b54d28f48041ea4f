// When npm packages count as stale.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { staleReason } from "../../../../scripts/lib/packages.mjs";

const folder = mkdtempSync(join(tmpdir(), "weir-packages-"));
after(() => rmSync(folder, { recursive: true }));

const wanted = {
  "": { version: "1.0.0" },
  "node_modules/a": { version: "1.2.3" },
  "node_modules/b": { version: "2.0.0", optional: true },
};

const cases: readonly (readonly [name: string, installed: object | undefined, reason: RegExp | undefined])[] = [
  [
    "accepts what is installed",
    { "node_modules/a": { version: "1.2.3" }, "node_modules/b": { version: "2.0.0" } },
    undefined,
  ],
  ["accepts an absent optional package", { "node_modules/a": { version: "1.2.3" } }, undefined],
  ["names a package of another version", { "node_modules/a": { version: "1.2.2" } }, /^a changed/],
  ["names an optional package of another version", {
    "node_modules/a": { version: "1.2.3" },
    "node_modules/b": { version: "1.0.0" },
  }, /^b changed/],
  ["names an absent package", {}, /^a changed/],
  ["sees that nothing is installed", undefined, /nothing is installed/],
];

cases.forEach(([name, installed, reason], at) => {
  test(`staleReason() ${name}`, () => {
    const lock = join(folder, `${at}-lock.json`);
    const hidden = join(folder, `${at}-installed.json`);
    writeFileSync(lock, JSON.stringify({ packages: wanted }));
    if (installed !== undefined) writeFileSync(hidden, JSON.stringify({ packages: installed }));
    const found = staleReason(lock, hidden);
    if (reason === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", reason);
  });
});

test("staleReason() says what to do about a broken lock file", () => {
  const lock = join(folder, "broken.json");
  writeFileSync(lock, "{");
  assert.throws(() => staleReason(lock, lock), { name: "SetUpError", hint: /git checkout/ });
});
