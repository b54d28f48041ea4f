// Dynamic configuration files: what is read, and what a wrong part takes with it, which is nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readDynamicFile } from "../../../src/config/dynamic-file.ts";
import { describeSource } from "../../../src/schema/problem-text.ts";

function read(text: string, file = "d.yml") {
  const { configuration: { http }, problems, broken } = readDynamicFile(file, text);
  const codes = problems.map(({ code, source }) => `${code} ${source === undefined ? "" : describeSource(source)}`);
  return { http, problems, codes, broken };
}

const FULL = `http:
  routers:
    web:
      entryPoints: [web]
      rule: Host(\`a\`)
      ruleSyntax: V2
      priority: 7
      middlewares: strip
      service: app
      tls: {certResolver: le, domains: [{main: a, sans: [b]}]}
      observability: {accessLogs: false, traceVerbosity: minimal}
  services:
    app:
      loadBalancer:
        servers:
          - {url: "http://127.0.0.1:80", weight: 2, preservePath: true}
          - url: h2c://127.0.0.1:81
            fenced: true
        strategy: P2C
        sticky: {cookie: {name: s, sameSite: Lax, maxAge: 60}}
        healthCheck: {path: /h, interval: 10, unhealthyInterval: 1s, headers: {X-Check: yes}}
        passiveHealthCheck: {}
        passHostHeader: false
        responseForwarding: {flushInterval: 1ms}
        serversTransport: slow
    split:
      weighted: {services: [{name: app, weight: 0}, {name: app2}], sticky: {cookie: {}}, healthCheck: {}}
    hash:
      highestRandomWeight: {services: [{name: app}]}
    mirror:
      mirroring: {service: app, mirrors: [{name: m, percent: 10}], maxBodySize: 1KiB}
    spare:
      failover: {service: app, fallback: app2, errors: {status: ["500-599", 429]}}
  middlewares:
    strip:
      stripPrefix: {prefixes: /a}
  serversTransports:
    slow:
      forwardingTimeouts: {dialTimeout: 1m}
`;

const expected: Readonly<Record<string, unknown>> = {
  routers: {
    web: {
      entryPoints: ["web"],
      rule: "Host(`a`)",
      ruleSyntax: "v2",
      priority: 7,
      middlewares: ["strip"],
      service: "app",
      tls: { certResolver: "le", domains: [{ main: "a", sans: ["b"] }] },
      observability: { accessLogs: false },
    },
  },
  services: {
    app: {
      kind: "loadBalancer",
      servers: [
        { url: "http://127.0.0.1:80", weight: 2, preservePath: true },
        { url: "h2c://127.0.0.1:81", weight: 1, preservePath: false, fenced: true },
      ],
      strategy: "p2c",
      sticky: { name: "s", secure: false, httpOnly: false, sameSite: "lax", maxAge: 60, path: "/" },
      healthCheck: {
        mode: "http",
        path: "/h",
        method: "GET",
        status: 0,
        port: 0,
        intervalMs: 10_000,
        unhealthyIntervalMs: 1000,
        timeoutMs: 5000,
        followRedirects: true,
        headers: { "X-Check": "yes" },
      },
      passiveHealthCheck: { failureWindowMs: 10_000, maxFailedAttempts: 1 },
      passHostHeader: false,
      serversTransport: "slow",
    },
    split: {
      kind: "weighted",
      services: [{ name: "app", weight: 0 }, { name: "app2", weight: 1 }],
      sticky: { secure: false, httpOnly: false, maxAge: 0, path: "/" },
    },
    hash: { kind: "highestRandomWeight", services: [{ name: "app", weight: 1 }] },
    mirror: {
      kind: "mirroring",
      service: "app",
      mirrors: [{ name: "m", percent: 10 }],
      mirrorBody: true,
      maxBodySize: 1024,
    },
    spare: {
      kind: "failover",
      service: "app",
      fallback: "app2",
      errors: { status: [[500, 599], [429, 429]], maxRequestBodyBytes: -1 },
    },
  },
  middlewares: { strip: { kind: "stripPrefix", options: { prefixes: ["/a"], forceSlash: true } } },
  serversTransports: {
    slow: {
      insecureSkipVerify: false,
      rootCAs: [],
      maxIdleConnsPerHost: 200,
      disableHTTP2: false,
      forwardingTimeouts: {
        dialTimeoutMs: 60_000,
        responseHeaderTimeoutMs: 60_000,
        idleConnTimeoutMs: 60_000,
        readIdleTimeoutMs: 0,
        pingTimeoutMs: 15_000,
      },
    },
  },
};

for (const [section, parts] of Object.entries(expected)) {
  test(`readDynamicFile() reads all ${section}, with defaults`, () => {
    const { http, problems } = read(FULL);
    assert.deepEqual(problems, []);
    const withoutSource = JSON.parse(
      JSON.stringify(http, (name, value) => name === "source" || name === "rulePath" ? undefined : value),
    );
    assert.deepEqual(withoutSource[section], parts);
  });
}

test("readDynamicFile() gives every part its place", () => {
  const { http } = read(FULL);
  assert.deepEqual(http.routers["web"]?.source, { type: "file", file: "d.yml", line: 3, column: 5 });
  assert.deepEqual(http.routers["web"]?.rulePath, ["http", "routers", "web", "rule"]);
  assert.deepEqual(http.services["spare"]?.source, { type: "file", file: "d.yml", line: 32, column: 5 });
});

test("readDynamicFile() reads the same out of TOML and JSON", () => {
  const toml =
    '[http.routers.web]\nrule = "x"\nservice = "y"\n[http.services.y.loadBalancer]\n[[http.services.y.loadBalancer.servers]]\nurl = "http://a"\n';
  const json =
    '{"http": {"routers": {"web": {"rule": "x", "service": "y"}},\n\t"services": {"y": {"loadBalancer": {"servers": [{"url": "http://a"}]}}}}}';
  for (const [file, text] of [["d.toml", toml], ["d.json", json]] as const) {
    const { http, problems } = read(text, file);
    assert.deepEqual(problems, []);
    assert.equal(http.routers["web"]?.service, "y");
    const service = http.services["y"];
    assert.ok(service?.kind === "loadBalancer");
    assert.equal(service.servers[0]?.url, "http://a");
  }
});

const ROUTER = "{rule: x, service: y}";
const refusals: readonly [title: string, yaml: string, code: string, message: RegExp][] = [
  [
    "an unknown field of a router",
    "routers: {bad: {rule: x, service: y, rul: z}}",
    "unknown-field",
    /unknown field "rul"/,
  ],
  ["a router without rule", "routers: {bad: {service: y}}", "missing-field", /"rule" is missing/],
  ["a router that is a text", "routers: {bad: x}", "invalid-value", /a router must be a mapping, got "x"/],
  [
    "parent references",
    "routers: {bad: {rule: x, service: y, parentRefs: [p]}}",
    "invalid-value",
    /"parentRefs" is not supported yet/,
  ],
  ["a name with @", `routers: {"a@b": ${ROUTER}}`, "invalid-name", /must not contain "@"/],
  [
    "a service of two kinds",
    "services: {bad: {loadBalancer: {}, weighted: {}}}",
    "one-of",
    /exactly one kind, got loadBalancer and weighted/,
  ],
  ["a service of no kind", "services: {bad: {}}", "one-of", /got none/],
  [
    "a percentage with a comma",
    'services: {bad: {mirroring: {service: a, mirrors: [{name: b, percent: "10,"}]}}}',
    "invalid-value",
    /"percent" must be a whole number from 0 to 100, got "10,"/,
  ],
  [
    "a server without scheme",
    "services: {bad: {loadBalancer: {servers: [{url: a:80}]}}}",
    "invalid-value",
    /"url" must be a URL/,
  ],
  ["an unknown middleware", "middlewares: {bad: {stripPrefx: {}}}", "unknown-field", /unknown middleware "stripPrefx"/],
  [
    "an unknown option of a middleware that weir does not serve yet",
    "middlewares: {bad: {basicauth: {userz: [a]}}}",
    "unknown-field",
    /unknown field "userz"/,
  ],
  [
    "a middleware of two kinds",
    "middlewares: {bad: {stripPrefix: {prefixes: [/]}, compress: {}}}",
    "one-of",
    /exactly one kind/,
  ],
  [
    "an unknown option of a middleware",
    "middlewares: {bad: {stripPrefix: {prefixs: [/]}}}",
    "unknown-field",
    /unknown field "prefixs"/,
  ],
  [
    "a transport with a wrong duration",
    "serversTransports: {bad: {forwardingTimeouts: {dialTimeout: soon}}}",
    "invalid-value",
    /"dialTimeout" must be a duration/,
  ],
  ["an unknown section", "router: {}", "unknown-field", /unknown field "router"/],
  ["a section that is a list", "routers: []", "invalid-value", /"routers" must be a mapping of names/],
];

for (const [title, yaml, code, message] of refusals) {
  test(`readDynamicFile() refuses ${title}, and that part only`, () => {
    const good = `---\nhttp: {routers: {good: ${ROUTER}}, services: {good: {loadBalancer: {}}}}\n`;
    const { http, problems, broken } = read(`http: {${yaml}}\n${good}`);
    assert.deepEqual(Object.keys(http.routers), ["good"]);
    assert.deepEqual(Object.keys(http.services), ["good"]);
    assert.deepEqual([http.middlewares, http.serversTransports], [{}, {}]);
    const [problem] = problems;
    assert.equal(problem?.code, code);
    assert.match(problem?.message ?? "", message);
    assert.equal(problem?.severity, "error");
    assert.ok(problem?.source?.type === "file" && problem.source.line === 1, JSON.stringify(problem));
    assert.equal(broken, false);
  });
}

test("readDynamicFile() reads the TLS of transports", () => {
  const { http, codes } = read("http: {serversTransports: {t: {serverName: a, minVersion: VersionTLS12}}}");
  const { serverName, minVersion } = http.serversTransports["t"] ?? {};
  assert.deepEqual([serverName, minVersion], ["a", "VersionTLS12"]);
  assert.deepEqual(codes, []);
});

test("readDynamicFile() reports a broken document and reads the others", () => {
  const { http, codes, broken } = read(
    `http: {routers: {one: ${ROUTER}}}\n---\nhttp: [\n---\nhttp: {routers: {two: ${ROUTER}, one: ${ROUTER}}}\n`,
  );
  assert.deepEqual(Object.keys(http.routers), ["one", "two"]);
  assert.equal(codes.length, 2);
  assert.match(codes[0] ?? "", /^syntax d\.yml:[34]/);
  assert.equal(codes[1], "duplicate-name d.yml:5:46");
  assert.equal(broken, true);
});

test("readDynamicFile() explains that templates are not supported", () => {
  const { problems } = read("http:\n  {{ range }}\n  x: [\n");
  assert.match(problems[0]?.hint ?? "", /templates .* are not supported/);
});

for (const text of ["", "# nothing\n", "http:\n", "http: {routers: , services: }\n", "---\n---\n"]) {
  test(`readDynamicFile() reads ${JSON.stringify(text)} as nothing`, () => {
    const { http, problems } = read(text);
    assert.deepEqual(http, { routers: {}, services: {}, middlewares: {}, serversTransports: {} });
    assert.deepEqual(problems, []);
  });
}

test("readDynamicFile() survives hostile names", () => {
  const { http, problems } = read(`http: {routers: {__proto__: ${ROUTER}, constructor: ${ROUTER}}}`);
  assert.deepEqual(Object.keys(http.routers).toSorted(), ["__proto__", "constructor"]);
  assert.equal(Reflect.get({}, "rule"), undefined);
  assert.deepEqual(problems, []);
});

test("readDynamicFile() refuses a priority beyond exact numbers once, and does not quote another number", () => {
  for (
    const [number, wanted] of [["9223372036854775807", "at most 9007"], ["-9223372036854775807", "at least -9007"]]
  ) {
    const text = `http: {routers: {r: {rule: x, service: y, priority: ${number}}}}`;
    const { configuration, problems } = readDynamicFile("d.yml", text);
    assert.deepEqual(configuration.http.routers, {});
    assert.equal(problems.length, 1);
    assert.match(
      problems[0]?.message ?? "",
      new RegExp(`^"priority" must be ${wanted}199254740991, got about -?9.22e`),
    );
  }
});
