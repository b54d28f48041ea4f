// What the benchmark reports of bytes through TCP routes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contenders } from "../../../../scripts/bench/contenders.ts";
import { toTransferRows, toTransferTable, type TransferSample } from "../../../../scripts/bench/transfer.ts";

function sample(proxy: string, runtime: string, mibPerSecond: number, cpuMillisPerGib: number): TransferSample {
  return { contender: { proxy, runtime }, mibPerSecond, cpuMillisPerGib, residentMiB: 20, failed: 0 };
}

test("toTransferRows() takes medians of rounds, and the ratio of throughput to HAProxy's", () => {
  const rows = toTransferRows("tcp-throughput", [
    ...[900, 1_000, 4_000].map((speed) => sample("haproxy", "native", speed, 800)),
    ...[600, 500, 100].map((speed, at) => sample("weir", "bun", speed, 900 + at)),
  ]);
  assert.deepEqual(rows.map(({ proxy, mibPerSecond, ratioToHaproxy }) => [proxy, mibPerSecond, ratioToHaproxy]), [
    ["haproxy", 1_000, 1],
    ["weir", 500, 0.5],
  ]);
  assert.equal(rows[1]?.cpuMillisPerGib, 901);
});

test("toTransferRows() has no ratio without HAProxy", () => {
  assert.equal(toTransferRows("tcp-throughput", [sample("weir", "bun", 500, 900)])[0]?.ratioToHaproxy, null);
});

test("toTransferTable() has a line for each proxy", () => {
  const rows = toTransferRows("tcp-throughput", [
    sample("haproxy", "native", 1_000, 800),
    sample("weir", "deno", 1, 2),
  ]);
  const [title, head, ...lines] = toTransferTable(rows).split("\n");
  assert.equal(title, "tcp-throughput");
  assert.match(head ?? "", /MiB\/s +\/ haproxy +CPU ms\/GiB/);
  assert.deepEqual(lines.map((line) => line.slice(0, 16).trim()), ["haproxy", "weir (deno)"]);
});

test("contenders() that carry TCP are HAProxy and weir", () => {
  const all = contenders(["weir", "nginx", "haproxy", "caddy"], ["bun"]);
  assert.deepEqual(all.filter(({ prepareTcp }) => prepareTcp !== undefined).map(({ proxy }) => proxy), [
    "haproxy",
    "weir",
  ]);
});
