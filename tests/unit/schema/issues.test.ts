// zod's issues as problems: the words a user reads.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { toProblems } from "../../../src/schema/issues.ts";
import {
  cidr,
  duration,
  integer,
  nonEmptyString,
  oneOf,
  port,
  size,
  statusRange,
  url,
} from "../../../src/schema/primitives.ts";

const schema = z.strictObject({
  name: nonEmptyString.optional(),
  weight: integer({ min: 0 }).optional(),
  port: port.optional(),
  interval: duration.optional(),
  limit: size.optional(),
  from: cidr.optional(),
  status: z.array(statusRange).optional(),
  mode: oneOf(["http", "grpc"]).optional(),
  enabled: z.boolean().optional(),
  url: url(["http", "https"]).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  servers: z.array(z.strictObject({ url: z.string() })).optional(),
  token: z.string().optional(),
  either: z.union([z.number(), z.boolean()]).optional(),
  both: z.union([z.strictObject({ a: z.number() }), z.string()]).optional(),
});

const cases: readonly [input: unknown, message: string, hint?: string][] = [
  [{ wieght: 1 }, 'unknown field "wieght"', 'did you mean "weight"?'],
  [
    { weight: "10," },
    '"weight" must be a whole number, 0 or more, got "10,"',
    "did you mean 10, without quotes and commas?",
  ],
  [{ weight: -1 }, '"weight" must be a whole number, 0 or more, got -1'],
  [{ weight: 1.5 }, '"weight" must be a whole number, 0 or more, got 1.5'],
  [{ port: 70000 }, '"port" must be a whole number from 0 to 65535, got 70000'],
  [{ interval: "3sec" }, '"interval" must be a duration such as "1m30s" or a whole number of seconds, got "3sec"'],
  [{ interval: "-3s" }, '"interval" must be 0 or more, got "-3s"'],
  [{ interval: [] }, '"interval" must be a duration such as "1m30s" or a whole number of seconds, got an empty list'],
  [{ limit: "big" }, '"limit" must be a size in bytes, or with a unit such as "64KiB", got "big"'],
  [{ from: "10.0.0.0/99" }, '"from" must be an IP address or a range such as "10.0.0.0/8", got "10.0.0.0/99"'],
  [
    { status: ["404", "5xx"] },
    '"status[1]" must be a status code such as "404" or a range such as "500-599", got "5xx"',
  ],
  [{ mode: "htp" }, '"mode" must be "http" or "grpc", got "htp"', 'did you mean "http"?'],
  [{ enabled: "maybe" }, '"enabled" must be true or false, got "maybe"'],
  [{ url: "10.0.0.1:80" }, '"url" must be a URL such as "http://10.0.0.5:8080", got "10.0.0.1:80"'],
  [{ labels: ["a"] }, '"labels" must be a mapping, got a list'],
  [{ servers: [{}] }, '"url" is missing: it must be a string'],
  [{ servers: {} }, '"servers" must be a list, got a mapping'],
  [{ servers: ["http://x"] }, '"servers[0]" must be a mapping, got "http://x"'],
  [{ name: "" }, '"name" must not be empty, got ""'],
  [{ token: 7 }, '"token" must be a string, got a value that is not shown here'],
  [{ either: "x" }, '"either" must be a number or true or false, got "x"'],
  [{ both: { a: "x" } }, '"a" must be a number, got "x"'],
  [7, "the document must be a mapping, got 7"],
];

for (const [input, message, hint] of cases) {
  test(`toProblems() words ${JSON.stringify(input)}`, () => {
    const parsed = schema.safeParse(input);
    assert.ok(parsed.error !== undefined);
    const [problem, ...more] = toProblems(parsed.error, { input, schema });
    assert.deepEqual(more, []);
    assert.equal(problem?.message, message);
    assert.equal(problem?.hint, hint);
    assert.equal(problem?.severity, "error");
  });
}

test("toProblems() puts the given path before every path", () => {
  const input = { servers: [{ url: 1 }] };
  const parsed = schema.safeParse(input);
  assert.ok(parsed.error !== undefined);
  const [problem] = toProblems(parsed.error, {
    input,
    path: ["http", "services", "app"],
    source: { type: "flag", flag: "-x" },
  });
  assert.deepEqual(problem?.path, ["http", "services", "app", "servers", 0, "url"]);
  assert.deepEqual(problem?.source, { type: "flag", flag: "-x" });
});
