// The options of all middlewares: documented, with Traefik's defaults, and strict about names.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { decodeMiddleware } from "../../../src/config/decode-middleware.ts";
import { middlewareRegistry } from "../../../src/middleware/registry.ts";
import { middlewareSchemas } from "../../../src/middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../../../src/middleware/tcp/schemas.ts";
import { factsOf } from "../../../src/schema/shape.ts";
import { showOptions } from "../../../src/schema/show.ts";

/** Each kind with the least one must write, and what that means. */
const minimal: Readonly<Record<string, readonly [options: unknown, parsed: unknown]>> = {
  addPrefix: [{ prefix: "/a" }, { prefix: "/a" }],
  basicAuth: [{}, { users: [], realm: "traefik", removeHeader: false }],
  buffering: [{}, {
    maxRequestBodyBytes: 0,
    memRequestBodyBytes: 1_048_576,
    maxResponseBodyBytes: 0,
    memResponseBodyBytes: 1_048_576,
    disableRequestBuffer: false,
    disableResponseBuffer: false,
  }],
  chain: [{ middlewares: "a,b" }, { middlewares: ["a", "b"] }],
  circuitBreaker: [{ expression: "NetworkErrorRatio() > 0.5" }, {
    expression: "NetworkErrorRatio() > 0.5",
    checkPeriod: 100,
    fallbackDuration: 10_000,
    recoveryDuration: 10_000,
    responseCode: 503,
  }],
  contentType: [{ autoDetect: true }, { autoDetect: true }],
  digestAuth: [{ users: ["a:b:c"] }, { users: ["a:b:c"], realm: "traefik", removeHeader: false }],
  encodedCharacters: [{ allowEncodedSlash: "true" }, {
    allowEncodedSlash: true,
    allowEncodedBackSlash: false,
    allowEncodedNullCharacter: false,
    allowEncodedSemicolon: false,
    allowEncodedPercent: false,
    allowEncodedQuestionMark: false,
    allowEncodedHash: false,
  }],
  errors: [{ status: ["404,500-599", 418], statusRewrites: { "502-504": 500 }, service: "pages" }, {
    status: [[404, 404], [500, 599], [418, 418]],
    statusRewrites: { "502-504": 500 },
    service: "pages",
    query: "",
  }],
  forwardAuth: [{ address: "http://auth.test", tls: { ca: "ca.pem" } }, {
    address: "http://auth.test",
    tls: { ca: "ca.pem", insecureSkipVerify: false },
    trustForwardHeader: false,
    authResponseHeaders: [],
    authRequestHeaders: [],
    addAuthCookiesToResponse: [],
    forwardBody: false,
    maxBodySize: -1,
    maxResponseBodySize: -1,
    preserveLocationHeader: false,
    preserveRequestMethod: false,
  }],
  grpcWeb: [{ allowOrigins: ["*"] }, { allowOrigins: ["*"] }],
  inFlightReq: [{ amount: 3, sourceCriterion: { requestHost: true } }, {
    amount: 3,
    sourceCriterion: { requestHost: true },
  }],
  ipAllowList: [{ sourceRange: "10.0.0.0/8, ::1", ipStrategy: { excludedIPs: ["10.0.0.1"] } }, {
    sourceRange: ["10.0.0.0/8", "::1"],
    ipStrategy: { depth: 0, excludedIPs: ["10.0.0.1"] },
    rejectStatusCode: 403,
  }],
  ipWhiteList: [{}, { sourceRange: [] }],
  passTLSClientCert: [{ pem: true }, { pem: true }],
  plugin: [{ any: { thing: [1, "x", { deep: true }] } }, { any: { thing: [1, "x", { deep: true }] } }],
  rateLimit: [{ average: 100, redis: {} }, {
    average: 100,
    period: 1_000,
    burst: 1,
    redis: {
      endpoints: ["127.0.0.1:6379"],
      db: 0,
      poolSize: 0,
      minIdleConns: 0,
      maxActiveConns: 0,
      readTimeout: 3_000,
      writeTimeout: 3_000,
      dialTimeout: 5_000,
    },
  }],
  redirectRegex: [{ regex: "^a", replacement: "b" }, { regex: "^a", replacement: "b", permanent: false }],
  redirectScheme: [{ scheme: "https", port: 8443 }, { scheme: "https", port: "8443", permanent: false }],
  replacePath: [{ path: "/x" }, { path: "/x" }],
  replacePathRegex: [{ regex: "^/a" }, { regex: "^/a", replacement: "" }],
  retry: [{ attempts: 2, initialInterval: "100ms" }, {
    attempts: 2,
    initialInterval: 100,
    timeout: 0,
    status: [],
    maxRequestBodyBytes: 2_097_152,
    disableRetryOnNetworkError: false,
    retryNonIdempotentMethod: false,
  }],
  stripPrefixRegex: [{ regex: "^/[0-9]+" }, { regex: ["^/[0-9]+"] }],
};

test("middlewareSchemas has all of Traefik's kinds, the served ones among them", () => {
  const kinds = [...middlewareSchemas.keys()];
  assert.deepEqual(kinds, [...Object.keys(minimal), ...middlewareRegistry.keys()].toSorted());
  for (const [kind, definition] of middlewareRegistry) assert.equal(middlewareSchemas.get(kind), definition);
});

for (const [kind, [options, parsed]] of Object.entries(minimal)) {
  test(`decodeMiddleware() reads ${kind}, with Traefik's defaults`, () => {
    const decoded = decodeMiddleware({ [kind.toLowerCase()]: options }, middlewareSchemas);
    assert.deepEqual(decoded, { middleware: { kind, options: parsed }, problems: [] });
  });
}

for (const [kind, { summary, schema }] of [...middlewareSchemas, ...tcpMiddlewareSchemas]) {
  test(`the options of ${kind} are documented`, () => {
    assert.match(summary, /^[A-Z].*\.$/);
    const { shape } = factsOf(schema);
    if (shape.kind !== "object") return assert.equal(kind, "plugin");
    for (const [name, field] of Object.entries(shape.fields)) {
      assert.match(factsOf(field).description ?? "", /\.$/, `${kind}.${name}`);
    }
    const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    assert.equal(json.additionalProperties, false);
  });
}

const faults: readonly [kind: string, options: unknown, path: readonly (string | number)[], message: RegExp][] = [
  ["basicAuth", { usres: [] }, ["basicAuth", "usres"], /unknown field "usres"/],
  ["basicAuth", { users: [7, { a: 1 }] }, ["basicAuth", "users", 1], /must be a string, got a value that is not shown/],
  ["addPrefix", {}, ["addPrefix", "prefix"], /"prefix" is missing/],
  ["retry", { attempts: 0 }, ["retry", "attempts"], /"attempts" must be a whole number, 1 or more, got 0/],
  ["retry", { attempts: 1, initialInterval: "soon" }, ["retry", "initialInterval"], /must be a duration/],
  ["errors", { status: ["5xx"], service: "s" }, ["errors", "status", 0], /must be a status code/],
  ["ipAllowList", { sourceRange: ["x"] }, ["ipAllowList", "sourceRange", 0], /must be an IP address or a range/],
  ["forwardAuth", { address: "auth:80" }, ["forwardAuth", "address"], /must be a URL/],
  ["redirectScheme", { scheme: "https", port: "x" }, ["redirectScheme", "port"], /must be a port number/],
  [
    "rateLimit",
    { sourceCriterion: { requestHost: true, requestHeaderName: "X" } },
    ["rateLimit", "sourceCriterion"],
    /must be only one of ipStrategy, requestHeaderName and requestHost/,
  ],
];

for (const [kind, options, path, message] of faults) {
  test(`decodeMiddleware() finds the fault in ${kind} ${JSON.stringify(options)}`, () => {
    const { middleware, problems: [problem, ...more] } = decodeMiddleware({ [kind]: options }, middlewareSchemas);
    assert.equal(middleware, undefined);
    assert.deepEqual(more, []);
    assert.deepEqual(problem?.path, path);
    assert.match(problem.message, message);
  });
}

test("decodeMiddleware() suggests the option and the kind that were meant", () => {
  const hint = (input: unknown) => decodeMiddleware(input, middlewareSchemas).problems[0]?.hint;
  assert.equal(hint({ basicAuth: { usres: [] } }), 'did you mean "users"?');
  assert.equal(hint({ basciAuth: {} }), 'did you mean "basicAuth"?');
});

test("showOptions() hides credentials of all middlewares", () => {
  const hidden = (kind: string, options: unknown) => {
    const schema = middlewareSchemas.get(kind)?.schema;
    assert.ok(schema);
    return showOptions(schema, options);
  };
  assert.deepEqual(hidden("basicAuth", { users: ["a:$2y$"], realm: "r" }), { users: ["xxxx"], realm: "r" });
  assert.deepEqual(hidden("digestAuth", { users: ["a:r:1"] }), { users: ["xxxx"] });
  assert.deepEqual(hidden("forwardAuth", { tls: { key: "k", cert: "c" } }), { tls: { key: "xxxx", cert: "c" } });
  assert.deepEqual(hidden("rateLimit", { redis: { password: "p", db: 1 } }), { redis: { password: "xxxx", db: 1 } });
  assert.deepEqual(hidden("plugin", { jwt: { any: "s" } }), { jwt: { any: "xxxx" } });
});
