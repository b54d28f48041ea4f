// What the benchmark reads from wrk and /proc, and what it reports.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cases, hostNames, requestHost, SMALL_BODY } from "../../../../scripts/bench/cases.ts";
import type { Sample } from "../../../../scripts/bench/measure.ts";
import { readOptions } from "../../../../scripts/bench/options.ts";
import { median, toRows, toTable } from "../../../../scripts/bench/report.ts";
import { familyOf, parseStat } from "../../../../scripts/bench/usage.ts";
import { parseWrk } from "../../../../scripts/bench/wrk.ts";

const wrk = (extra = "") =>
  `Running 2s test @ http://127.0.0.1:8000/small
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    19.34ms   12.47ms  92.42ms   80.35%
  Latency Distribution
     50%  500.00us
     75%   25.07ms
     90%   33.84ms
     99%    1.15s 
  2423 requests in 2.01s, 2.37GB read
${extra}Requests/sec:   1205.47
Transfer/sec:      2.18GB
`;

test("parseWrk() reads counts and percentiles in every unit", () => {
  assert.deepEqual(parseWrk(wrk()), {
    requests: 2423,
    seconds: 2.01,
    p50Ms: 0.5,
    p99Ms: 1150,
    badStatuses: 0,
    socketErrors: 0,
  });
});

test("parseWrk() counts failures", () => {
  const extra = "  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\n";
  const report = parseWrk(wrk(extra));
  assert.equal(report?.socketErrors, 10);
  assert.equal(report?.badStatuses, 5);
});

test("parseWrk() refuses other text", () => assert.equal(parseWrk("unable to connect to 127.0.0.1:1"), undefined));

const stat = (pid: number, parent: number, ticks: number) =>
  `${pid} (a (b) c) S ${parent} 1 1 0 -1 4194560 1 0 0 0 ${ticks} ${ticks + 1} 0 0 20 0 1 0`;

test("parseStat() survives a name with brackets and spaces", () => {
  assert.deepEqual(parseStat(stat(7, 3, 10)), { pid: 7, parent: 3, ticks: 21 });
});

test("parseStat() refuses an empty file", () => assert.equal(parseStat(""), undefined));

test("familyOf() finds children of children, and no others", () => {
  const stats = [[1, 0], [10, 1], [11, 10], [12, 11], [20, 1]].map(([pid, parent]) => ({
    pid: pid ?? 0,
    parent: parent ?? 0,
    ticks: 0,
  }));
  assert.deepEqual(familyOf(10, stats).map((each) => each.pid), [10, 11, 12]);
});

test("median() of an odd and an even number of values", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([1, 2, 3, 10]), 2.5);
});

const sample = (proxy: string, runtime: string, cpu: number, extra: Partial<Sample> = {}): Sample => ({
  contender: { proxy, runtime, prepare: () => ({ command: "", args: [] }) },
  requestsPerSecond: 1000,
  p50Ms: 1,
  p99Ms: 2,
  cpuMicrosPerRequest: cpu,
  residentMiB: 10,
  failed: 0,
  ...extra,
});

test("toRows() takes medians of rounds, and ratios of medians", () => {
  const rows = toRows("get-small", [
    sample("nginx", "native", 10),
    sample("weir", "bun", 30),
    sample("nginx", "native", 12),
    sample("weir", "bun", 18),
    sample("nginx", "native", 11),
    sample("weir", "bun", 22),
  ]);
  assert.deepEqual(
    rows.map((row) => [row.proxy, row.runtime, row.cpuMicrosPerRequest, row.ratioToNginx, row.ratioToCaddy]),
    [
      ["nginx", "native", 11, 1, null],
      ["weir", "bun", 22, 2, null],
    ],
  );
});

test("toTable() shows idle memory where it was measured, and a dash for an absent peer", () => {
  const rows = toRows("idle-1000", [sample("weir", "bun", 30, { idleKiBPerConnection: 7.5 })]);
  const table = toTable(rows);
  assert.match(table, /KiB\/connection/);
  assert.match(table, /weir \(bun\) .* - .* 7\.5$/);
});

test("toTable() has columns of one width", () => {
  const lines = toTable(toRows("get-small", [sample("nginx", "native", 10), sample("weir", "deno", 30)])).split("\n")
    .slice(1);
  assert.equal(new Set(lines.map((line) => line.length)).size, 1);
});

test("readOptions() narrows cases, proxies and runtimes", () => {
  const options = readOptions(["--case", "get-10k", "--proxy=weir,nginx", "--runtime", "node", "--seconds", "1"]);
  assert.deepEqual(options.cases.map((each) => each.name), ["get-10k"]);
  assert.deepEqual(options.contenders.map((each) => [each.proxy, each.runtime]), [["nginx", "native"], [
    "weir",
    "node24",
  ]]);
  assert.equal(options.seconds, 1);
});

test("readOptions() measures everything by default", () => {
  const options = readOptions([]);
  assert.equal(options.cases.length, cases.length);
  assert.equal(options.contenders.length, 6);
});

const refused: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["--case", "get-huge"], /--case "get-huge": wanted get-small/],
  [["--runtime", "php"], /--runtime "php": wanted node22/],
  [["--seconds", "0"], /--seconds "0": wanted a whole number from 1/],
  [["--rounds", "many"], /--rounds "many"/],
];
for (const [args, message] of refused) {
  test(`readOptions() refuses ${args.join(" ")}`, () =>
    assert.throws(() => readOptions(args), { name: "RangeError", message }));
}

test("cases ask for a host in the middle, and a small body of 43 bytes", () => {
  for (const each of cases) assert.ok(hostNames(each).includes(requestHost(each)));
  assert.equal(SMALL_BODY.length, 43);
});
