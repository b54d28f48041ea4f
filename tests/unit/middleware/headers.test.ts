// headers: custom headers, CORS, security headers, and what is refused when it is built.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { RequestParts } from "../../../src/http/request.ts";
import { headers } from "../../../src/middleware/headers.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { sampleRequest } from "../telemetry/sample-request.ts";
import { build, origin, testContext } from "./context.ts";

type Pair = readonly [string, string];

async function exchange(
  options: unknown,
  sent: readonly Pair[],
  answered: readonly Pair[],
  parts: Partial<RequestParts> = {},
) {
  const { handler, seen } = origin(...answered);
  const request = sampleRequest({ headers: HeaderList.of(...sent), ...parts });
  const response = await build(headers, options, handler)(request);
  return { forwarded: seen[0], response, lines: [...response.headers].map(([name, value]) => `${name}: ${value}`) };
}

test("headers sets, replaces and deletes request headers", async () => {
  const customRequestHeaders = { "X-New": "1", "x-old": "2", "X-Gone": "" };
  const { forwarded } = await exchange({ customRequestHeaders }, [["X-Old", "a"], ["X-Gone", "b"], ["X-Old", "c"]], []);
  assert.deepEqual([...forwarded?.headers ?? []], [["x-old", "2"], ["X-New", "1"]]);
});

test("headers sets, replaces and deletes response headers", async () => {
  const customResponseHeaders = { Server: "", "X-Frame-Options": "SAMEORIGIN" };
  const { lines } = await exchange({ customResponseHeaders }, [], [["Server", "nginx"], ["X-A", "1"]]);
  assert.deepEqual(lines, ["X-A: 1", "X-Frame-Options: SAMEORIGIN"]);
});

test("headers overrides the Host that goes on", async () => {
  const { forwarded } = await exchange({ customRequestHeaders: { host: "b.test:81" } }, [["Host", "a.test"]], []);
  assert.equal(forwarded?.headers.get("Host"), "b.test:81");
});

test("headers sends text beyond ASCII as UTF-8", async () => {
  const { forwarded } = await exchange({ customRequestHeaders: { "X-A": "é✓" } }, [], []);
  assert.equal(forwarded?.headers.get("X-A"), "\xc3\xa9\xe2\x9c\x93");
});

test("headers leaves framing and connection headers alone, and says so", async () => {
  const log: string[] = [];
  const { handler, seen } = origin();
  const customRequestHeaders = { "Content-Length": "0", "transfer-encoding": "", Connection: "close", Host: "" };
  const sent = HeaderList.of(["Host", "a"], ["Content-Length", "5"]);
  await build(headers, { customRequestHeaders }, handler, testContext(log))(sampleRequest({ headers: sent }));
  assert.deepEqual([...seen[0]?.headers ?? []], [["Host", "a"], ["Content-Length", "5"]]);
  assert.equal(log.filter((line) => line.includes("is ignored")).length, 4);
});

const broken: readonly (readonly [options: unknown, message: RegExp])[] = [
  [{ customRequestHeaders: { "X-A": "a\r\nX-B: b" } }, /^headers\.customRequestHeaders\.X-A: holds a line break/],
  [{ customResponseHeaders: { "X-A": "a\nb" } }, /^headers\.customResponseHeaders\.X-A/],
  [{ customResponseHeaders: { "X A": "1" } }, /"X A" is not a header name/],
  [{ customRequestHeaders: { Host: "a/b" } }, /Host: "a\/b" is not "host" or "host:port"/],
  [{ accessControlAllowHeaders: ["a\r\nb"] }, /^headers\.accessControlAllowHeaders/],
  [{ accessControlAllowOriginListRegex: ["ok", "(?=x)"] }, /^headers\.accessControlAllowOriginListRegex\[1\]/],
  [{ accessControlAllowOriginListRegex: ["a".repeat(4097)] }, /wanted 4096 at most/],
  [{ contentSecurityPolicy: "a\0" }, /^headers\.contentSecurityPolicy/],
];

for (const [options, message] of broken) {
  test(`headers can't be built from ${JSON.stringify(options).slice(0, 60)}`, () => {
    assert.throws(
      () => build(headers, options, origin().handler),
      (error) => error instanceof ProxyError && message.test(error.message),
    );
  });
}

test("headers accepts Traefik 2's removed options with a note", () => {
  const log: string[] = [];
  const options = { sslRedirect: true, sslTemporaryRedirect: false, sslHost: "", featurePolicy: "x" };
  build(headers, options, origin().handler, testContext(log));
  assert.equal(log.length, 2);
  assert.match(log.join(""), /sslRedirect is deprecated and without effect; use entryPoints/);
  assert.match(log.join(""), /featurePolicy is deprecated and without effect; use permissionsPolicy/);
});

test("headers without options is the next handler itself", () => {
  const { handler } = origin();
  assert.equal(build(headers, {}, handler), handler);
});

const preflight: readonly Pair[] = [["Origin", "https://a.test"], ["Access-Control-Request-Method", "PUT"]];
const cors = {
  accessControlAllowMethods: ["GET", "PUT"],
  accessControlAllowHeaders: ["X-A", "X-B"],
  accessControlAllowOriginList: ["https://a.test"],
  accessControlMaxAge: 100,
};

const preflights:
  readonly (readonly [name: string, options: object, sent: readonly Pair[], lines: readonly string[]])[] = [
    ["all options", { ...cors, accessControlAllowCredentials: true, addVaryHeader: true }, preflight, [
      "Access-Control-Allow-Credentials: true",
      "Access-Control-Allow-Headers: X-A,X-B",
      "Access-Control-Allow-Methods: GET,PUT",
      "Access-Control-Allow-Origin: https://a.test",
      "Access-Control-Max-Age: 100",
      "Vary: Origin",
    ]],
    ["another origin", cors, [["Origin", "https://b.test"], ["Access-Control-Request-Method", "PUT"]], [
      "Access-Control-Allow-Headers: X-A,X-B",
      "Access-Control-Allow-Methods: GET,PUT",
      "Access-Control-Max-Age: 100",
    ]],
    ["any origin", { accessControlAllowOriginList: ["*"] }, preflight, [
      "Access-Control-Allow-Origin: *",
      "Access-Control-Max-Age: 0",
    ]],
    ["origin by pattern", { accessControlAllowOriginListRegex: ["^https://[a-z]\\.test$"] }, preflight, [
      "Access-Control-Allow-Origin: https://a.test",
      "Access-Control-Max-Age: 0",
    ]],
  ];

for (const [name, options, sent, lines] of preflights) {
  test(`headers answers a preflight without the backend: ${name}`, async () => {
    const result = await exchange(options, sent, [], { method: "OPTIONS" });
    assert.equal(result.forwarded, undefined);
    assert.equal(result.response.status, 200);
    assert.deepEqual(result.lines, lines);
  });
}

test("headers passes an OPTIONS request that is no preflight", async () => {
  const { forwarded } = await exchange(cors, [["Origin", "https://a.test"]], [], { method: "OPTIONS" });
  assert.ok(forwarded);
});

const marks:
  readonly (readonly [name: string, options: object, sent: readonly Pair[], back: readonly Pair[], string[]])[] = [
    ["allowed origin", cors, [["Origin", "https://a.test"]], [], ["Access-Control-Allow-Origin: https://a.test"]],
    ["other origin", cors, [["Origin", "https://b.test"]], [], []],
    ["no origin", cors, [], [], []],
    [
      "no origin, any allowed",
      { accessControlAllowOriginList: ["*"] },
      [],
      [["Access-Control-Allow-Origin", "https://backend"]],
      ["Access-Control-Allow-Origin: *"],
    ],
    [
      "credentials, exposed headers, vary added to the backend's",
      { ...cors, accessControlAllowCredentials: true, accessControlExposeHeaders: ["A", "B"], addVaryHeader: true },
      [["Origin", "https://a.test"]],
      [["Vary", "Accept"]],
      [
        "Vary: Accept, Origin",
        "Access-Control-Allow-Origin: https://a.test",
        "Access-Control-Allow-Credentials: true",
        "Access-Control-Expose-Headers: A,B",
      ],
    ],
    ["vary there already", { addVaryHeader: true }, [], [["Vary", "origin"]], ["Vary: origin"]],
    ["vary on everything", { addVaryHeader: true }, [], [["Vary", "*"]], ["Vary: *"]],
  ];

for (const [name, options, sent, back, lines] of marks) {
  test(`headers marks an answer for CORS: ${name}`, async () => {
    assert.deepEqual((await exchange(options, sent, back)).lines, lines);
  });
}

test("headers keeps the Origin for CORS when it is not sent on", async () => {
  const options = { ...cors, customRequestHeaders: { Origin: "" } };
  const { forwarded, lines } = await exchange(options, [["Origin", "https://a.test"]], []);
  assert.equal(forwarded?.headers.has("Origin"), false);
  assert.deepEqual(lines, ["Access-Control-Allow-Origin: https://a.test"]);
});

const failures: readonly (readonly [name: string, source: "upstream" | "downstream", handled: boolean])[] = [
  ["a failure of the backend", "upstream", true],
  ["a failure of the client", "downstream", false],
];

for (const [name, source, handled] of failures) {
  for (const late of [false, true]) {
    test(`headers ${handled ? "marks the answer to" : "passes on"} ${name}${late ? ", told later" : ""}`, async () => {
      const error = new ProxyError("x", { code: "connect-refused", source, status: 502 });
      const request = sampleRequest({ headers: HeaderList.of(["Origin", "https://a.test"]) });
      const handler = build(headers, { ...cors, frameDeny: true }, () => {
        if (late) return Promise.reject(error);
        throw error;
      });
      const answer = (async () => await handler(request))();
      if (!handled) return await assert.rejects(answer, error);
      const response = await answer;
      assert.equal(response.status, 502);
      assert.equal(response.headers.get("Access-Control-Allow-Origin"), "https://a.test");
      assert.equal(response.headers.get("X-Frame-Options"), "DENY");
      assert.equal(request.record.errorCode, "connect-refused");
    });
  }
}

const tls = { serverName: "a", version: "1.3", cipher: "x", clientSubject: undefined };
const sts = { stsSeconds: 60, stsIncludeSubdomains: true, stsPreload: true };
const STS = "Strict-Transport-Security: max-age=60; includeSubDomains; preload";

const secure:
  readonly (readonly [name: string, object, sent: readonly Pair[], parts: Partial<RequestParts>, string[]])[] = [
    ["STS over TLS", sts, [], { tls }, [STS]],
    ["no STS without TLS", sts, [], {}, []],
    ["STS forced", { ...sts, forceSTSHeader: true }, [], {}, [STS]],
    ["no STS in development", { ...sts, forceSTSHeader: true, isDevelopment: true }, [], { tls }, []],
    [
      "STS behind a proxy that ended TLS",
      { stsSeconds: 1, sslProxyHeaders: { "x-forwarded-proto": "https" } },
      [["X-Forwarded-Proto", "https"]],
      {},
      ["Strict-Transport-Security: max-age=1"],
    ],
    [
      "no STS when that proxy says otherwise",
      { stsSeconds: 1, sslProxyHeaders: { "X-Forwarded-Proto": "https" } },
      [["X-Forwarded-Proto", "http"]],
      {},
      [],
    ],
    ["frame options", { frameDeny: true }, [], {}, ["X-Frame-Options: DENY"]],
    ["own frame options", { frameDeny: true, customFrameOptionsValue: "SAMEORIGIN" }, [], {}, [
      "X-Frame-Options: SAMEORIGIN",
    ]],
    ["nosniff", { contentTypeNosniff: true }, [], {}, ["X-Content-Type-Options: nosniff"]],
    ["XSS filter", { browserXssFilter: true }, [], {}, ["X-XSS-Protection: 1; mode=block"]],
    ["own XSS filter", { browserXssFilter: true, customBrowserXSSValue: "0" }, [], {}, ["X-XSS-Protection: 0"]],
    [
      "policies",
      {
        contentSecurityPolicy: "default-src 'self'",
        contentSecurityPolicyReportOnly: "default-src 'none'",
        referrerPolicy: "same-origin",
        permissionsPolicy: "camera=()",
      },
      [],
      {},
      [
        "Content-Security-Policy: default-src 'self'",
        "Content-Security-Policy-Report-Only: default-src 'none'",
        "Referrer-Policy: same-origin",
        "Permissions-Policy: camera=()",
      ],
    ],
    ["public key over TLS", { publicKey: "pin" }, [], { tls }, ["Public-Key-Pins: pin"]],
    ["no public key without TLS", { publicKey: "pin" }, [], {}, []],
  ];

for (const [name, options, sent, parts, lines] of secure) {
  test(`headers sends security headers: ${name}`, async () => {
    assert.deepEqual((await exchange(options, sent, [], parts)).lines, lines);
  });
}

test("headers: security headers win over the backend's, custom headers over both", async () => {
  const options = {
    frameDeny: true,
    contentTypeNosniff: true,
    customResponseHeaders: { "X-Content-Type-Options": "" },
  };
  const { lines } = await exchange(options, [], [["x-frame-options", "SAMEORIGIN"]]);
  assert.deepEqual(lines, ["X-Frame-Options: DENY"]);
});

const hosts: readonly (readonly [name: string, options: object, sent: readonly Pair[], status: number])[] = [
  ["allowed", { allowedHosts: ["A.test"] }, [["Host", "a.TEST"]], 200],
  ["not allowed", { allowedHosts: ["a.test"] }, [["Host", "b.test"]], 500],
  ["the authority, when there is no Host", { allowedHosts: ["app.test"] }, [], 200],
  [
    "told by a proxy",
    { allowedHosts: ["a.test"], hostsProxyHeaders: ["X-Forwarded-Host"] },
    [["Host", "b.test"], ["X-Forwarded-Host", "a.test"]],
    200,
  ],
  ["not checked in development", { allowedHosts: ["a.test"], isDevelopment: true }, [["Host", "b.test"]], 200],
];

for (const [name, options, sent, status] of hosts) {
  test(`headers checks the host: ${name}`, async () => {
    const { response, forwarded } = await exchange(options, sent, []);
    assert.equal(response.status, status);
    assert.equal(forwarded !== undefined, status === 200);
  });
}
