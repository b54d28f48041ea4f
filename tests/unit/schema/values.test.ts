// Durations, sizes and status ranges: Go's spellings, read and printed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseDuration } from "../../../src/schema/duration.ts";
import { formatSize, parseSize } from "../../../src/schema/size.ts";
import { matchesStatus, parseStatusRange } from "../../../src/schema/status-range.ts";

const durations: readonly [text: string | number, milliseconds: number | undefined][] = [
  ["1m30s", 90_000],
  ["10", 10_000],
  [10, 10_000],
  ["0", 0],
  ["0s", 0],
  ["1.5s", 1500],
  [".5s", 500],
  ["1h2m3s4ms", 3_723_004],
  ["100us", 1],
  ["5µs", 1],
  ["5μs", 1],
  ["3000000ns", 3],
  ["-5s", -5000],
  ["+5s", 5000],
  ["", undefined],
  ["5 s", undefined],
  ["5sec", undefined],
  ["s", undefined],
  ["-", undefined],
  ["1d", undefined],
  [1.5, undefined],
  [Number.NaN, undefined],
];

for (const [text, milliseconds] of durations) {
  test(`parseDuration() reads ${JSON.stringify(text)} as ${milliseconds}`, () => {
    assert.equal(parseDuration(text), milliseconds);
  });
}

for (
  const [milliseconds, text] of [[0, "0s"], [100, "100ms"], [90_000, "1m30s"], [3_600_000, "1h"], [1500, "1.5s"], [
    -60_000,
    "-1m",
  ]] as const
) {
  test(`formatDuration() prints ${milliseconds} as ${text}, which reads back`, () => {
    assert.equal(formatDuration(milliseconds), text);
    assert.equal(parseDuration(text), milliseconds);
  });
}

const sizes: readonly [text: string | number, bytes: number | undefined][] = [
  [65536, 65536],
  ["65536", 65536],
  ["64KiB", 65536],
  ["64k", 65536],
  ["1 MB", 1_000_000],
  ["1Mi", 1_048_576],
  ["2GiB", 2_147_483_648],
  ["-1", -1],
  ["1.5k", undefined],
  ["k", undefined],
  ["1 furlong", undefined],
  [1.5, undefined],
];

for (const [text, bytes] of sizes) {
  test(`parseSize() reads ${JSON.stringify(text)} as ${bytes}`, () => assert.equal(parseSize(text), bytes));
}

for (const [bytes, text] of [[65536, "64KiB"], [1000, "1000"], [1_048_576, "1MiB"], [0, "0"]] as const) {
  test(`formatSize() prints ${bytes} as ${text}`, () => assert.equal(formatSize(bytes), text));
}

const ranges: readonly [text: string, range: readonly [number, number] | undefined][] = [
  ["404", [404, 404]],
  ["500-599", [500, 599]],
  [" 500 - 599 ", [500, 599]],
  ["599-500", undefined],
  ["40", undefined],
  ["5xx", undefined],
  ["", undefined],
];

for (const [text, range] of ranges) {
  test(`parseStatusRange() reads ${JSON.stringify(text)} as ${JSON.stringify(range)}`, () => {
    assert.deepEqual(parseStatusRange(text), range);
  });
}

test("matchesStatus() includes both ends", () => {
  const wanted = [[404, 404], [500, 502]] as const;
  assert.deepEqual([403, 404, 499, 500, 502, 503].map((status) => matchesStatus(wanted, status)), [
    false,
    true,
    false,
    true,
    true,
    false,
  ]);
});
