// The programs that tests and benchmarks need from Debian: found, and told of when missing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeMissing, ensurePrograms, hasProgram, testEnvironment } from "../../../../scripts/lib/debian.mjs";

test("hasProgram() finds what the system has, and nothing else", () => {
  assert.equal(hasProgram("sh"), true);
  assert.equal(hasProgram("no-such-program"), false);
});

test("testEnvironment() adds the folders of daemons to PATH, each once", () => {
  const folders = (testEnvironment()["PATH"] ?? "").split(":");
  assert.ok(folders.includes("/usr/sbin"));
  assert.equal(new Set(folders).size, folders.length);
});

test("ensurePrograms() leaves the system alone when nothing is asked for", async () => {
  assert.deepEqual(await ensurePrograms([]), []);
});

test("describeMissing() names program, package, use and reason, and the command that helps", () => {
  const missing = [{ binary: "kubectl", package: "kubernetes-client", use: "tests of the API", reason: "no network" }];
  assert.equal(
    describeMissing(missing),
    [
      "set-up: these programs are missing, and tests that need them are skipped:",
      "  kubectl (Debian package kubernetes-client; for tests of the API): no network",
      "  help: sudo apt-get install kubernetes-client",
    ].join("\n"),
  );
});

test("describeMissing() tells one package once that brings several programs", () => {
  const of = (binary: string) => ({ binary, package: "postgresql", use: "TCP tests", reason: "no network" });
  const lines = describeMissing([of("postgres"), of("initdb")]).split("\n");
  assert.deepEqual([lines.length, lines.at(-1)], [4, "  help: sudo apt-get install postgresql"]);
});
