// The option table: complete, described, and true.

import assert from "node:assert/strict";
import { test } from "node:test";
import { flagTable } from "../../../src/config/flag-table.ts";
import { resolveOptionName } from "../../../src/config/option-name.ts";
import { staticSchema } from "../../../src/config/static.ts";
import { isUnused, unusedOptions } from "../../../src/config/unused-options.ts";

const rows = new Map(flagTable().map((row) => [row.name, row]));

const samples: readonly [name: string, type: string, defaultValue: string, effective: boolean][] = [
  ["entryPoints.<name>.address", "string", "", true],
  ["entryPoints.<name>.transport.lifeCycle.graceTimeOut", "duration", "10s", true],
  ["entryPoints.<name>.http.maxHeaderBytes", "size", "64KiB", true],
  ["entryPoints.<name>.forwardedHeaders.trustedIPs", "list of cidrs", "", true],
  ["entryPoints.<name>.http.tls.domains[n].main", "string", "", false],
  ["metrics.prometheus", "block", "", true],
  ["metrics.prometheus.buckets", "list of numbers", "0.1,0.3,1.2,5", true],
  ["log.level", "TRACE|DEBUG|INFO|WARN|ERROR|FATAL|PANIC", "ERROR", true],
  ["api.dashboard", "true|false", "true", true],
  ["accessLog.fields.names.<name>", "keep|drop", "", true],
  ["providers.docker", "block", "", false],
];

for (const [name, type, defaultValue, effective] of samples) {
  test(`flagTable() lists ${name}`, () => {
    const { description: _, ...row } = rows.get(name) ?? assert.fail(`${name} is missing`);
    assert.deepEqual(row, { name, type, defaultValue, effective });
  });
}

test("flagTable() describes every option, once", () => {
  const table = flagTable();
  assert.equal(rows.size, table.length);
  assert.deepEqual(table.filter(({ description }) => description === ""), []);
});

test("flagTable() lists names that flags can have", () => {
  for (const name of rows.keys()) {
    if (name === "configFile") continue;
    const flag = name.replaceAll("<name>", "x").replaceAll("[n]", "[0]");
    assert.equal(resolveOptionName(staticSchema, flag).found, true, flag);
  }
});

test("unusedOptions names options that exist, sorted by block", () => {
  for (const name of unusedOptions) {
    assert.equal(resolveOptionName(staticSchema, name.replaceAll("*", "x")).found, true, name);
  }
  assert.equal(new Set(unusedOptions).size, unusedOptions.length);
});

test("isUnused() covers what lies below", () => {
  assert.equal(isUnused(["entryPoints", "web", "http3", "advertisedPort"]), true);
  assert.equal(isUnused(["entryPoints", "web", "http"]), false);
  assert.equal(isUnused(["entryPoints", "web"]), false);
});
