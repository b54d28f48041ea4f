// What is read of h2load's report.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseH2load } from "../../../../scripts/bench/h2load.ts";

const report = (protocol: string) =>
  `starting benchmark...
Application protocol: ${protocol}

finished in 3.01s, 8902.33 req/s, 810.55KB/s
requests: 26707 total, 26771 started, 26707 done, 26700 succeeded, 7 failed, 2 errored, 1 timeout
status codes: 26700 2xx, 1 3xx, 2 4xx, 4 5xx
traffic: 2.37MB (2489996) total
`;

const times = Array.from({ length: 200 }, (_, index) => `1000\t200\t${(200 - index) * 1000}`).join("\n");

test("parseH2load() reads counts, time and percentiles", () => {
  assert.deepEqual(parseH2load(report("h2"), `${times}\n`), {
    requests: 26707,
    seconds: 3.01,
    p50Ms: 101,
    p99Ms: 199,
    badStatuses: 6,
    socketErrors: 3,
  });
});

test("parseH2load() takes neither another protocol nor another text for a report", () => {
  assert.equal(parseH2load(report("http/1.1"), times), undefined);
  assert.equal(parseH2load("h2load: command not found", times), undefined);
});
