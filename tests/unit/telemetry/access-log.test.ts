// Golden lines of the access log in all three formats, its filters and its buffer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { RequestParts } from "../../../src/http/request.ts";
import type { AccessEntry } from "../../../src/telemetry/access-entry.ts";
import { createAccessLog } from "../../../src/telemetry/access-log.ts";
import type { AccessLogOptions } from "../../../src/telemetry/access-log.ts";
import { sampleRequest } from "./sample-request.ts";

const START = Date.parse("2026-11-20T10:25:27.000Z");
const DURATION = 12.5;

interface Sample extends Partial<AccessEntry> {
  readonly parts?: Partial<RequestParts>;
  readonly retries?: number;
  readonly unrouted?: boolean;
}

function entryOf({ parts = {}, retries = 0, unrouted = false, ...rest }: Sample = {}): AccessEntry {
  const headers = HeaderList.of(
    ["Host", "app.test:8000"],
    ["User-Agent", "curl/8"],
    ["referer", "http://r/"],
    ["Cookie", "sid=1"],
  );
  const request = sampleRequest({ path: "/a", search: "?q=1", authority: "app.test:8000", headers, ...parts });
  const served = { routerName: "r@file", serviceName: "s@file", serverUrl: "http://10.1.1.1:80" };
  const record = { retries, originMs: 10.25, originStatus: 200 };
  if (!unrouted) Object.assign(request.record, served, record);
  return { request, status: 200, requestBytes: 3, responseBytes: 1024, durationMs: DURATION, ...rest };
}

function linesOf(options: AccessLogOptions, ...entries: readonly AccessEntry[]): string {
  let text = "";
  const log = createAccessLog({ now: () => START + DURATION, ...options }, { write: (lines) => text += lines });
  for (const entry of entries) log.log(entry);
  log.flush();
  return text;
}

const keepHeaders = { headers: { defaultMode: "keep" } } as const;
const DATE = "[20/Nov/2026:10:25:27 +0000]";

const golden: readonly (readonly [name: string, AccessLogOptions, Sample, string])[] = [
  [
    "common, headers dropped by default",
    {},
    {},
    `10.0.0.9 - - ${DATE} "GET /a?q=1 HTTP/1.1" 200 1024 "-" "-" 1 "r@file" "http://10.1.1.1:80" 12ms\n`,
  ],
  [
    "common, headers kept",
    { fields: keepHeaders },
    {},
    `10.0.0.9 - - ${DATE} "GET /a?q=1 HTTP/1.1" 200 1024 "http://r/" "curl/8" 1 "r@file" "http://10.1.1.1:80" 12ms\n`,
  ],
  [
    "common, one header redacted, one kept, by name",
    { fields: { headers: { names: { "user-agent": "redact", Referer: "keep" } } } },
    {},
    `10.0.0.9 - - ${DATE} "GET /a?q=1 HTTP/1.1" 200 1024 "http://r/" "REDACTED" 1 "r@file" "http://10.1.1.1:80" 12ms\n`,
  ],
  [
    "common, no router matched",
    {},
    { unrouted: true, status: 404 },
    `10.0.0.9 - - ${DATE} "GET /a?q=1 HTTP/1.1" 404 1024 "-" "-" 1 "-" "-" 12ms\n`,
  ],
  ["genericCLF", { format: "genericCLF" }, {}, `10.0.0.9 - - ${DATE} "GET /a?q=1 HTTP/1.1" 200 1024 "-" "-"\n`],
  [
    "genericCLF with fields dropped",
    { format: "genericCLF", fields: { names: { clienthost: "drop", StartUTC: "drop", StartLocal: "drop" } } },
    {},
    `- - - [-] "GET /a?q=1 HTTP/1.1" 200 1024 "-" "-"\n`,
  ],
  [
    "genericCLF with everything dropped",
    { format: "genericCLF", fields: { defaultMode: "drop", names: { RequestMethod: "keep" } } },
    {},
    `- - - [-] "GET - -" - - "-" "-"\n`,
  ],
  [
    "genericCLF, the whole X-Forwarded-For as client",
    { format: "genericCLF" },
    { forwardedFor: "1.2.3.4, 5.6.7.8" },
    `1.2.3.4, 5.6.7.8 - - ${DATE} "GET /a?q=1 HTTP/1.1" 200 1024 "-" "-"\n`,
  ],
  [
    "genericCLF, absolute target and no query",
    { format: "genericCLF", fields: { query: "drop" } },
    { parts: { rawTarget: "http://app.test/x?secret=1" } },
    `10.0.0.9 - - ${DATE} "GET /x HTTP/1.1" 200 1024 "-" "-"\n`,
  ],
  [
    "genericCLF, forged lines and quotes",
    { format: "genericCLF", fields: keepHeaders },
    {
      forwardedFor: 'x" [y] \n',
      parts: { headers: HeaderList.of(["User-Agent", 'a" 200 "b\\\x1b[2J'], ["Referer", "caf\xc3\xa9"]) },
    },
    `x\\"\\x20\\[y\\]\\x20\\x0a - - ${DATE} "GET /a?q=1 HTTP/1.1" 200 1024 "café" "a\\" 200 \\"b\\\\\\x1b[2J"\n`,
  ],
  [
    "json",
    { format: "json" },
    { originBytes: 2048 },
    '{"ClientAddr":"10.0.0.9:40000","ClientHost":"10.0.0.9","ClientPort":"40000","ClientUsername":"-",' +
    '"DownstreamContentSize":1024,"DownstreamStatus":200,"Duration":12500000,"GzipRatio":2,' +
    '"OriginContentSize":2048,"OriginDuration":10250000,"OriginStatus":200,"Overhead":2250000,' +
    '"RequestAddr":"app.test:8000","RequestContentSize":3,"RequestCount":1,"RequestHost":"app.test",' +
    '"RequestMethod":"GET","RequestPath":"/a?q=1","RequestPort":"8000","RequestProtocol":"HTTP/1.1",' +
    '"RequestScheme":"http","RetryAttempts":0,"RouterName":"r@file","ServiceAddr":"10.1.1.1:80",' +
    '"ServiceName":"s@file","ServiceURL":"http://10.1.1.1:80","StartLocal":"LOCAL",' +
    '"StartUTC":"2026-11-20T10:25:27.000Z","entryPointName":"web","level":"info","msg":"",' +
    '"time":"2026-11-20T10:25:27Z"}\n',
  ],
  [
    "json with headers, credentials redacted unless named",
    {
      format: "json",
      fields: { defaultMode: "drop", headers: { defaultMode: "keep", names: { Host: "drop", "Set-Cookie": "keep" } } },
    },
    { responseHeaders: HeaderList.of(["set-cookie", "a=1"], ["Set-Cookie", "b=2"]) },
    '{"downstream_Set-Cookie":"a=1,b=2","request_User-Agent":"curl/8","request_Referer":"http://r/",' +
    '"request_Cookie":"REDACTED","level":"info","msg":"","time":"2026-11-20T10:25:27Z"}\n',
  ],
  [
    "json, injection",
    { format: "json", fields: { defaultMode: "drop", names: { RequestPath: "keep" } } },
    { parts: { rawTarget: '/"},{"level":"\u2028\x9b' } },
    '{"RequestPath":"/\\"},{\\"level\\":\\"\\u2028\\u009b","level":"info","msg":"","time":"2026-11-20T10:25:27Z"}\n',
  ],
];

for (const [name, options, sample, wanted] of golden) {
  test(`createAccessLog() golden line: ${name}`, () => {
    const line = linesOf(options, entryOf(sample)).replace(/"StartLocal":"[^"]+"/, '"StartLocal":"LOCAL"');
    assert.equal(line, wanted);
  });
}

test("createAccessLog() shows the TLS facts in JSON", () => {
  const tls = { serverName: "a", version: "1.3", cipher: "TLS_AES_128_GCM_SHA256", clientSubject: "CN=x" };
  const line = JSON.parse(linesOf({ format: "json" }, entryOf({ parts: { tls } })));
  assert.deepEqual([line.TLSVersion, line.TLSCipher, line.TLSClientSubject], [tls.version, tls.cipher, "CN=x"]);
});

const filters: readonly (readonly [name: string, AccessLogOptions["filters"], Sample, boolean])[] = [
  ["no filter", {}, {}, true],
  ["status inside", { statusCodes: [[200, 299], [404, 404]] }, { status: 404 }, true],
  ["status outside", { statusCodes: [[200, 299]] }, { status: 404 }, false],
  ["retried", { retryAttempts: true }, { retries: 1 }, true],
  ["not retried", { retryAttempts: true }, {}, false],
  ["slow", { minDurationMs: 10 }, {}, true],
  ["exactly the minimum", { minDurationMs: 12.5 }, {}, false],
  ["any filter is enough", { statusCodes: [[500, 599]], minDurationMs: 10 }, {}, true],
];

for (const [name, filter, sample, logged] of filters) {
  test(`createAccessLog() filters: ${name}`, () => {
    assert.equal(linesOf({ format: "genericCLF", filters: filter }, entryOf(sample)) !== "", logged);
  });
}

test("createAccessLog() counts requests that are filtered out, too", () => {
  const text = linesOf({ filters: { statusCodes: [[500, 599]] } }, entryOf(), entryOf({ status: 502 }));
  assert.match(text, /^[^\n]* 502 1024 "-" "-" 2 "r@file"[^\n]*\n$/);
});

test("createAccessLog() writes buffered lines together, and the rest at flush()", () => {
  const writes: string[] = [];
  const options = { format: "genericCLF", bufferingSize: 2 } as const;
  const log = createAccessLog(options, { write: (lines) => void writes.push(lines) });
  for (let count = 0; count < 3; count++) log.log(entryOf());
  assert.deepEqual(writes.map((text) => text.split("\n").length - 1), [2]);
  log.flush();
  assert.deepEqual(writes.map((text) => text.split("\n").length - 1), [2, 1]);
});

test("createAccessLog() writes buffered lines by itself after a moment", async () => {
  const written = new Promise<string>((resolve) => {
    createAccessLog({ format: "genericCLF", bufferingSize: 100 }, { write: resolve }).log(entryOf());
  });
  assert.match(await written, /GET/);
});

test("createAccessLog() asks for a copy of the headers only when it shows some", () => {
  const sink = { write: () => {} };
  const named = { headers: { names: { "X-Id": "keep" } } } as const;
  const asked = [{}, { fields: keepHeaders }, { fields: named }].map((options) =>
    createAccessLog(options, sink).needsRequestHeaders
  );
  assert.deepEqual(asked, [false, true, true]);
});
