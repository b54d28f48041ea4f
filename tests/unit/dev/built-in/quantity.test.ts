// Unit tests of quantities and times, and of keys that a text gives twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { duplicateFields } from "../../../../src/dev/built-in/duplicate-fields.ts";
import { parseQuantity, quantityNumber } from "../../../../src/dev/built-in/quantity.ts";
import { parseMicroTime, parseTime } from "../../../../src/dev/built-in/time.ts";

const quantities: readonly (readonly [unknown, string])[] = [
  ["0.5", "500m"],
  ["1000m", "1"],
  ["1024Mi", "1Gi"],
  ["1.5Gi", "1536Mi"],
  ["1000", "1k"],
  ["100", "100"],
  ["1e3", "1e3"],
  ["0", "0"],
  ["-5", "-5"],
  ["1Ki", "1Ki"],
  [3, "3"],
  [1.5, "1500m"],
];

for (const [given, stored] of quantities) {
  test(`parseQuantity() writes ${JSON.stringify(given)} as ${stored}`, () => {
    assert.deepEqual(parseQuantity(given), { ok: true, value: stored });
  });
}

for (const given of ["lots", "", "1 Gi", "5X", "--1", true]) {
  test(`parseQuantity() refuses ${JSON.stringify(given)}`, () => {
    assert.equal(parseQuantity(given).ok, false);
  });
}

test("quantityNumber() compares what is written differently", () => {
  assert.equal(quantityNumber("1Gi"), quantityNumber("1024Mi"));
  assert.equal(quantityNumber("500m"), 0.5);
  assert.equal(quantityNumber("-1k"), -1000);
  assert.ok(Number.isNaN(quantityNumber("lots")));
});

test("parseTime() writes UTC and forgets fractions", () => {
  assert.deepEqual(parseTime("2024-01-01T00:00:00.5+02:00"), { ok: true, value: "2023-12-31T22:00:00Z" });
});

const microTimes: readonly (readonly [string, string])[] = [
  ["yesterday", 'cannot parse "yesterday" as "2006"'],
  ["2024-01-01T00:00:00.5Z", 'cannot parse ".5Z" as ".000000"'],
  ["2024-01-01T00:00:00Z", 'cannot parse "Z" as ".000000"'],
  ["2024-13-01T00:00:00.000000Z", 'cannot parse "13-01T00:00:00.000000Z" as "01"'],
];

for (const [text, why] of microTimes) {
  test(`parseMicroTime() refuses ${text}`, () => {
    const read = parseMicroTime(text);
    const title = `parsing time "${text}" as "2006-01-02T15:04:05.000000Z07:00"`;
    assert.deepEqual(read, { ok: false, why: `${title}: ${why}` });
  });
}

test("parseMicroTime() keeps six digits", () => {
  const read = parseMicroTime("2024-01-01T00:00:00.123456+02:00");
  assert.deepEqual(read, { ok: true, value: "2023-12-31T22:00:00.123456Z" });
});

const texts: readonly (readonly [string, readonly string[]])[] = [
  ['{"metadata":{"name":"a","name":"b"}}', ["metadata.name"]],
  ['{"a":[{"b":1},{"b":1,"b":2}],"a":0}', ["a[1].b", "a"]],
  ['{"a":{"x":1},"b":{"x":1}}', []],
  ['{"a":"{\\"b\\":1,\\"b\\":2}","c":[]}', []],
  ['{"a":[],"b":{},"b":{}}', ["b"]],
  ['{"\\u0061":1,"a":2}', ["a"]],
  ["[1,2]", []],
];

for (const [text, found] of texts) {
  test(`duplicateFields() finds ${found.join(", ") || "nothing"} in ${text}`, () => {
    assert.deepEqual(duplicateFields(text), found);
  });
}
