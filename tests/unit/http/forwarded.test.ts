// Forwarded and hop-by-hop headers, row by row, and that no spelling of a claim gets through.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ForwardedPolicy, Peer } from "../../../src/http/forwarded.ts";
import { appendForwardedFor, ForwardedHeaders } from "../../../src/http/forwarded.ts";
import { foldName, ownedHeaders } from "../../../src/http/header-name.ts";
import { requestLimits } from "../../../src/http1/limits.ts";
import { parseRequestHead } from "../../../src/http1/request-head.ts";

const stranger: Peer = { ip: "192.0.2.7", trusted: false, secure: false };
const policy: ForwardedPolicy = { underscore: "keep", serverName: "weir", addSchemeHeaders: false };

interface Asked {
  readonly lines?: readonly string[];
  readonly target?: string;
  readonly protocol?: string;
  readonly peer?: Partial<Peer>;
  readonly policy?: Partial<ForwardedPolicy>;
  readonly kept?: readonly string[];
}

/** The headers that handlers get of a request with these lines. */
function received(
  { lines = ["Host: a.test"], target = "/", protocol = "HTTP/1.1", ...asked }: Asked,
): [string, string][] {
  const head = [`GET ${target} ${protocol}`, ...lines, ""].join("\r\n");
  const parsed = parseRequestHead(head, {
    scheme: asked.peer?.secure === true ? "https" : "http",
    limits: requestLimits,
    sanitizePath: true,
    encodedFilter: undefined,
    kept: new Set(asked.kept ?? []),
  });
  const forwarded = new ForwardedHeaders({ ...stranger, ...asked.peer }, { ...policy, ...asked.policy });
  forwarded.apply(parsed.headers, parsed.authority, parsed.upgrade);
  return [...parsed.headers];
}

/** Only weir's own headers, as one line each. */
function owned(asked: Asked): string[] {
  return received(asked).filter(([name]) => ownedHeaders.has(foldName(name))).map((pair) => pair.join(": "));
}

const ours = [
  "X-Forwarded-Host: a.test",
  "X-Forwarded-Port: 80",
  "X-Forwarded-Proto: http",
  "X-Forwarded-Server: weir",
];
const host = "Host: a.test";

const rows: readonly (readonly [name: string, asked: Asked, wanted: readonly string[]])[] = [
  ["a stranger", {}, [...ours, "X-Real-Ip: 192.0.2.7"]],
  [
    "a stranger with claims of every kind",
    { lines: [host, ...[...ownedHeaders].map((name) => `${name}: claim`)] },
    [...ours, "X-Real-Ip: 192.0.2.7"],
  ],
  ["a stranger over TLS", { peer: { secure: true } }, [
    ...["X-Forwarded-Host: a.test", "X-Forwarded-Port: 443", "X-Forwarded-Proto: https", "X-Forwarded-Server: weir"],
    "X-Real-Ip: 192.0.2.7",
  ]],
  ["a port in Host", { lines: ["Host: a.test:8080"] }, [
    ...["X-Forwarded-Host: a.test:8080", "X-Forwarded-Port: 8080", "X-Forwarded-Proto: http"],
    ...["X-Forwarded-Server: weir", "X-Real-Ip: 192.0.2.7"],
  ]],
  ["an IPv6 Host", { lines: ["Host: [::1]"] }, ["X-Forwarded-Host: [::1]", ...ours.slice(1), "X-Real-Ip: 192.0.2.7"]],
  ["a WebSocket", { lines: [host, "Connection: Upgrade", "Upgrade: websocket"] }, [
    ...["X-Forwarded-Host: a.test", "X-Forwarded-Port: 80", "X-Forwarded-Proto: ws", "X-Forwarded-Server: weir"],
    "X-Real-Ip: 192.0.2.7",
  ]],
  ["an HTTP/1.0 client that names no host", { lines: [], protocol: "HTTP/1.0" }, [
    ...ours.slice(1),
    "X-Real-Ip: 192.0.2.7",
  ]],
  ["a trusted peer without claims", { peer: { trusted: true } }, [...ours, "X-Real-Ip: 192.0.2.7"]],
  [
    "a trusted peer with claims",
    {
      lines: [
        host,
        "X-Forwarded-Host: b.test",
        "X-Real-Ip: 198.51.100.1",
        "X-Forwarded-For: 198.51.100.1",
        "Forwarded: for=x",
      ],
      peer: { trusted: true },
    },
    [
      ...["X-Forwarded-Host: b.test", "X-Real-Ip: 198.51.100.1", "X-Forwarded-For: 198.51.100.1", "Forwarded: for=x"],
      ...["X-Forwarded-Port: 80", "X-Forwarded-Proto: http", "X-Forwarded-Server: weir"],
    ],
  ],
  ["a trusted peer that ends TLS", { lines: [host, "X-Forwarded-Proto: https"], peer: { trusted: true } }, [
    ...["X-Forwarded-Proto: https", "X-Forwarded-Host: a.test", "X-Forwarded-Port: 443", "X-Forwarded-Server: weir"],
    "X-Real-Ip: 192.0.2.7",
  ]],
  ["a trusted peer's empty claim", { lines: [host, "X-Forwarded-Proto:"], peer: { trusted: true } }, [
    ...["X-Forwarded-Proto: http", "X-Forwarded-Host: a.test", "X-Forwarded-Port: 80", "X-Forwarded-Server: weir"],
    "X-Real-Ip: 192.0.2.7",
  ]],
  ["a trusted peer's server name", { lines: [host, "X-Forwarded-Server: x"], peer: { trusted: true } }, [
    ...["X-Forwarded-Server: weir", "X-Forwarded-Host: a.test", "X-Forwarded-Port: 80", "X-Forwarded-Proto: http"],
    "X-Real-Ip: 192.0.2.7",
  ]],
  ["a trusted peer's other spelling", { lines: [host, "X_Real_Ip: 1", "X-Real.Ip: 2"], peer: { trusted: true } }, [
    ...ours,
    "X-Real-Ip: 192.0.2.7",
  ]],
  ["scheme headers", { policy: { addSchemeHeaders: true } }, [
    ...[...ours, "X-Real-Ip: 192.0.2.7"],
    ...["X-Forwarded-Scheme: http", "X-Scheme: http"],
  ]],
  ["a trusted peer's Connection that names them", {
    lines: [host, "X-Real-Ip: 1", "X-Scheme: s", "Connection: X-Real-Ip, X-Scheme"],
    peer: { trusted: true },
  }, ["X-Real-Ip: 1", "X-Scheme: s", ...ours]],
];

for (const [name, asked, wanted] of rows) {
  test(`ForwardedHeaders.apply() for ${name}`, () => assert.deepEqual(owned(asked), wanted));
}

test("ForwardedHeaders.apply() lets no spelling of an owned name survive from a stranger", () => {
  const spelling = fc.constantFrom(...ownedHeaders).chain((name) =>
    fc.array(fc.tuple(fc.boolean(), fc.constantFrom("-", "_", ".")), { minLength: name.length, maxLength: name.length })
      .map((choices) =>
        name.split("").map((letter, at) => {
          const [isUpper, dash] = choices[at] ?? [false, "-"];
          if (letter === "-") return dash;
          return isUpper ? letter.toUpperCase() : letter;
        }).join("")
      )
  );
  fc.assert(fc.property(fc.array(spelling, { maxLength: 8 }), (spellings) => {
    const lines = [host, ...spellings.map((name) => `${name}: hostile`)];
    const headers = received({ lines });
    assert.equal(headers.some(([, value]) => value === "hostile"), false);
    assert.deepEqual(owned({ lines }), [...ours, "X-Real-Ip: 192.0.2.7"]);
    const trusted = received({ lines, peer: { trusted: true } });
    assert.equal(trusted.some(([name, value]) => value === "hostile" && /[_.]/.test(name)), false);
  }));
});

test("ForwardedHeaders.apply() treats other names with _ and . as the strategy says", () => {
  const lines = [host, "A_B: 1", "C.D: 2", "E-F: 3"];
  const names = (underscore: ForwardedPolicy["underscore"]) =>
    received({ lines, policy: { underscore } }).map(([name]) => name).filter((name) => /^[ACE]/.test(name));
  assert.deepEqual(names("keep"), ["A_B", "C.D", "E-F"]);
  assert.deepEqual(names("delete"), ["E-F"]);
  assert.throws(() => names("reject"), { code: "underscore-header", status: 400 });
});

test("ForwardedHeaders.apply() does not mix up the requests of one connection", () => {
  const forwarded = new ForwardedHeaders(stranger, policy);
  for (const authority of ["a.test", "b.test:81", "a.test"]) {
    const { headers } = parseRequestHead(`GET / HTTP/1.1\r\nHost: ${authority}\r\n`, {
      ...{ scheme: "http", limits: requestLimits, sanitizePath: true, encodedFilter: undefined },
    });
    forwarded.apply(headers, authority, undefined);
    assert.equal(headers.get("x-forwarded-host"), authority);
    assert.equal(headers.get("x-forwarded-port"), authority === "a.test" ? "80" : "81");
  }
});

test("appendForwardedFor() folds what was there and adds the peer", () => {
  assert.equal(appendForwardedFor([], "192.0.2.7"), "192.0.2.7");
  assert.equal(appendForwardedFor(["a, b", "c"], "192.0.2.7"), "a, b, c, 192.0.2.7");
});

const hops:
  readonly (readonly [name: string, lines: readonly string[], kept: readonly string[], wanted: readonly string[]])[] = [
    [
      "hop-by-hop headers",
      [
        ...["Keep-Alive: 5", "Proxy-Connection: x", "Proxy-Authorization: x", "Proxy-Authenticate: x", "TE: gzip"],
        ...["Trailer: x", "Upgrade: h2c", "Transfer-Encoding: chunked", "A: 1"],
      ],
      [],
      ["A"],
    ],
    ["what Connection names, in any case", ["Connection: x-HOP , ,close", "X-Hop: 1", "x-hop: 2", "A: 1"], [], ["A"]],
    ["what several Connection lines name", ["Connection: a", "A: 1", "Connection: b", "B: 1", "C: 1"], [], ["C"]],
    ["Host, never", ["Connection: host", "A: 1"], [], ["A"]],
    ["nothing that was exempted", ["Connection: A, B", "A: 1", "B: 1"], ["a"], ["A"]],
  ];

for (const [name, lines, kept, wanted] of hops) {
  test(`parseRequestHead() removes ${name}`, () => {
    const names = received({ lines: [host, ...lines], kept }).map(([each]) => each).filter((each) => each.length === 1);
    assert.deepEqual(names, wanted);
    assert.equal(received({ lines: [host, ...lines], kept }).some(([each]) => each === "Host"), true);
  });
}
