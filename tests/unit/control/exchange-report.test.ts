// Who hears of finished, failed and refused exchanges, and what.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createExchangeReport } from "../../../src/control/exchange-report.ts";
import type { RequestSample } from "../../../src/http/sample.ts";
import { ProxyError } from "../../../src/net/error.ts";
import type { ErrorSource } from "../../../src/net/error.ts";
import { MemoryLogger, request } from "../service/fakes.ts";

/** A report whose targets remember. */
class Bench {
  readonly logger = new MemoryLogger();
  readonly counted: string[] = [];
  readonly retries: string[] = [];
  logged = 0;

  meter(name: string) {
    return {
      observe: ({ status, protocol }: RequestSample) => void this.counted.push(`${name} ${status} ${protocol}`),
      observeTls: (version: string, cipher: string) => void this.counted.push(`${name} TLS ${version} ${cipher}`),
    };
  }

  report(internals = { metrics: false, accessLog: false }, isOn = true) {
    return createExchangeReport({
      logger: this.logger,
      accessLog: isOn
        ? { needsRequestHeaders: false, log: () => void this.logged++, flush: () => undefined }
        : undefined,
      meter: this.meter("entry"),
      retries: isOn ? (service, count) => void this.retries.push(`${service} ${count}`) : undefined,
      internals,
    });
  }
}

const end = { status: 200, headers: undefined, requestBytes: 0, responseBytes: 0 };

test("createExchangeReport() counts entry point, router and service, tells protocols apart, and logs", () => {
  const bench = new Bench();
  const asked = request({ headers: [["Accept", "text/event-stream"]] });
  asked.record.serviceName = "s@file";
  asked.record.routerMeter = bench.meter("router");
  asked.record.serviceMeter = bench.meter("service");
  asked.record.retries = 2;
  bench.report().finished(asked, end);
  assert.deepEqual(bench.counted, ["entry 200 sse", "router 200 sse", "service 200 sse"]);
  assert.deepEqual([bench.retries, bench.logged], [["s@file 2"], 1]);
  const upgrade = request();
  upgrade.upgrade = "websocket";
  bench.report().finished(upgrade, { ...end, status: 101 });
  assert.equal(bench.counted.at(-1), "entry 101 websocket");
});

test("createExchangeReport() counts requests over TLS besides", () => {
  const bench = new Bench();
  const tls = { serverName: "a.test", version: "1.3", cipher: "TLS_AES_128_GCM_SHA256", clientSubject: undefined };
  const asked = request({ tls });
  asked.record.routerMeter = bench.meter("router");
  bench.report().finished(asked, end);
  assert.deepEqual(bench.counted.slice(2), [
    "entry TLS 1.3 TLS_AES_128_GCM_SHA256",
    "router TLS 1.3 TLS_AES_128_GCM_SHA256",
  ]);
});

const internals: readonly (readonly [metrics: boolean, accessLog: boolean, counted: number, logged: number])[] = [
  [false, false, 0, 0],
  [true, false, 1, 0],
  [false, true, 0, 1],
];

for (const [metrics, accessLog, counted, logged] of internals) {
  test(`createExchangeReport() counts ${counted} and logs ${logged} requests to itself with addInternals ${metrics}, ${accessLog}`, () => {
    const bench = new Bench();
    const asked = request();
    asked.record.serviceName = "api@internal";
    bench.report({ metrics, accessLog }).finished(asked, end);
    assert.deepEqual([bench.counted.length, bench.logged], [counted, logged]);
  });
}

test("createExchangeReport() does nothing where neither metrics nor access log are on", () => {
  const bench = new Bench();
  bench.report(undefined, false).finished(request(), end);
  assert.deepEqual([bench.counted, bench.logged], [[], 0]);
});

const failures: readonly (readonly [source: ErrorSource, level: string])[] = [
  ["internal", "error"],
  ["upstream", "debug"],
  ["downstream", "debug"],
];

for (const [source, level] of failures) {
  test(`createExchangeReport() logs a failure of the ${source} side as ${level}`, () => {
    const bench = new Bench();
    const error = new ProxyError("it failed", { code: "failed", source, status: 502 });
    bench.report().failed(error, request());
    bench.report().failed(error, undefined);
    assert.deepEqual(bench.logger.lines.map((line) => [line.level, line.message]), Array(2).fill([level, "it failed"]));
    bench.report().refused(error, { ip: "::1", port: 7 }, undefined);
    assert.equal(bench.logger.lines.at(-1)?.fields?.["clientAddr"], "::1:7");
  });
}
