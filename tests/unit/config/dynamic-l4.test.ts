// TCP, UDP and TLS in dynamic configuration files: what is read, with Traefik's defaults, and what is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DynamicConfiguration } from "../../../src/config/dynamic.ts";
import { readDynamicFile } from "../../../src/config/dynamic-file.ts";
import { describeSource } from "../../../src/schema/problem-text.ts";

function read(text: string, file = "d.yml") {
  const { configuration, problems } = readDynamicFile(file, text);
  const codes = problems.map(({ code, source }) => `${code} ${source === undefined ? "" : describeSource(source)}`);
  return { configuration, problems, codes };
}

/** Without what tells where it came from. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, field) => name === "source" || name === "rulePath" ? undefined : field),
  );
}

const FULL = `tcp:
  routers:
    db:
      entryPoints: mysql
      rule: HostSNI(\`db.test\`)
      ruleSyntax: v3
      priority: 9
      middlewares: [office]
      service: db
      tls: {passthrough: true, options: strict@file, certResolver: le, domains: [{main: db.test, sans: [d.test]}]}
    plain: {rule: "HostSNI(\`*\`)", service: split, tls: {}}
  services:
    db:
      loadBalancer:
        servers: [{address: "10.0.0.5:3306"}, {address: "[fd00::5]:3306", tls: true}]
        serversTransport: slow
        healthCheck: {send: PING, expect: PONG, interval: 10, timeout: 1s}
        proxyProtocol: {}
        terminationDelay: -1
    split:
      weighted: {services: [{name: db, weight: 3}, {name: other}], healthCheck: {}}
  middlewares:
    office: {ipAllowList: {sourceRange: 10.0.0.0/8}}
    few: {InFlightConn: {amount: "5"}}
  serversTransports:
    slow:
      dialTimeout: 1m
      terminationDelay: -1s
      proxyProtocol: {version: 1}
      tls:
        serverName: db
        rootCAs: [/etc/ca.pem, "-----BEGIN CERTIFICATE-----"]
        certificates: [{certFile: c.pem, keyFile: k.pem}]
        peerCertSANs: [{type: dnsname, value: db}]
        spiffe: {ids: [spiffe://a/b]}
    usual: {}
udp:
  routers:
    dns: {entryPoints: [dns], service: dns}
  services:
    dns: {loadBalancer: {servers: [{address: "ns.test:53"}]}}
    two: {weighted: {services: [{name: dns}]}}
tls:
  certificates:
    - {certFile: /c/a.pem, keyFile: /c/a.key}
    - {certFile: "-----BEGIN CERTIFICATE-----", keyFile: "-----BEGIN PRIVATE KEY-----", stores: [default, other]}
  options:
    default: {sniStrict: true}
    strict:
      minVersion: versiontls13
      cipherSuites: [TLS_AES_128_GCM_SHA256]
      curvePreferences: CurveP256,x25519
      clientAuth: {caFiles: ca.pem}
      alpnProtocols: [http/1.1]
      disableSessionTickets: true
      preferServerCipherSuites: true
    asks: {clientAuth: {clientAuthType: RequestClientCert}}
  stores:
    default:
      defaultCertificate: {certFile: d.pem, keyFile: d.key}
    made: {defaultGeneratedCert: {resolver: le, domain: {main: a.test}}}
`;

/** The line of the full example where a text begins, from 1. */
function lineOf(text: string): number {
  return FULL.slice(0, FULL.indexOf(text)).split("\n").length;
}

const domains = [{ main: "db.test", sans: ["d.test"] }];
const expected: Readonly<Record<string, unknown>> = {
  tcp: {
    routers: {
      db: {
        entryPoints: ["mysql"],
        rule: "HostSNI(`db.test`)",
        ruleSyntax: "v3",
        priority: 9,
        middlewares: ["office"],
        service: "db",
        tls: { passthrough: true, options: "strict@file", certResolver: "le", domains },
      },
      plain: { rule: "HostSNI(`*`)", service: "split", tls: { passthrough: false } },
    },
    services: {
      db: {
        kind: "loadBalancer",
        servers: [{ address: "10.0.0.5:3306", tls: false }, { address: "[fd00::5]:3306", tls: true }],
        serversTransport: "slow",
        healthCheck: {
          port: 0,
          send: "PING",
          expect: "PONG",
          intervalMs: 10_000,
          unhealthyIntervalMs: 10_000,
          timeoutMs: 1_000,
        },
        proxyProtocol: { version: 2 },
        terminationDelayMs: -1,
      },
      split: { kind: "weighted", services: [{ name: "db", weight: 3 }, { name: "other", weight: 1 }] },
    },
    middlewares: {
      office: { kind: "ipAllowList", options: { sourceRange: ["10.0.0.0/8"] } },
      few: { kind: "inFlightConn", options: { amount: 5 } },
    },
    serversTransports: {
      slow: {
        dialKeepAliveMs: 15_000,
        dialTimeoutMs: 60_000,
        terminationDelayMs: -1_000,
        proxyProtocol: { version: 1 },
        tls: {
          serverName: "db",
          insecureSkipVerify: false,
          rootCAs: [{ file: "/etc/ca.pem" }, { text: "-----BEGIN CERTIFICATE-----" }],
          certificates: [{ certificate: { file: "c.pem" }, privateKey: { file: "k.pem" } }],
          peerCertSANs: [{ type: "DNSName", value: "db" }],
          spiffe: { ids: ["spiffe://a/b"] },
        },
      },
      usual: { dialKeepAliveMs: 15_000, dialTimeoutMs: 30_000, terminationDelayMs: 100 },
    },
  },
  udp: {
    routers: { dns: { entryPoints: ["dns"], service: "dns" } },
    services: {
      dns: { kind: "loadBalancer", servers: [{ address: "ns.test:53" }] },
      two: { kind: "weighted", services: [{ name: "dns", weight: 1 }] },
    },
  },
};

for (const [protocol, sections] of Object.entries(expected)) {
  test(`readDynamicFile() reads ${protocol}, with defaults`, () => {
    const { configuration, codes } = read(FULL);
    assert.deepEqual(codes, [`no-effect d.yml:${lineOf("    made:")}:5`]);
    assert.deepEqual(plain(Reflect.get(configuration, protocol)), sections);
  });
}

test("readDynamicFile() reads tls, with defaults", () => {
  const { tls } = read(FULL).configuration;
  const usual = { sniStrict: false, alpnProtocols: ["h2", "http/1.1", "acme-tls/1"], disableSessionTickets: false };
  assert.deepEqual(plain(tls?.options), {
    default: { ...usual, minVersion: "VersionTLS12", sniStrict: true, isDefault: true },
    strict: {
      minVersion: "VersionTLS13",
      cipherSuites: ["TLS_AES_128_GCM_SHA256"],
      curvePreferences: ["CurveP256", "X25519"],
      clientAuth: { caFiles: [{ file: "ca.pem" }], clientAuthType: "RequireAndVerifyClientCert" },
      sniStrict: false,
      alpnProtocols: ["http/1.1"],
      disableSessionTickets: true,
    },
    asks: {
      ...usual,
      minVersion: "VersionTLS12",
      clientAuth: { caFiles: [], clientAuthType: "RequestClientCert" },
    },
  });
  assert.deepEqual(plain(tls?.stores), {
    default: {
      isDefault: true,
      defaultCertificate: { certificate: { file: "d.pem" }, privateKey: { file: "d.key" } },
    },
    made: { defaultGeneratedCert: { resolver: "le", domain: { main: "a.test" } } },
  });
  assert.deepEqual(plain(Object.values(tls?.certificates ?? {})), [
    { certificate: { file: "/c/a.pem" }, privateKey: { file: "/c/a.key" }, displayName: "/c/a.pem" },
    {
      certificate: { text: "-----BEGIN CERTIFICATE-----" },
      privateKey: { text: "-----BEGIN PRIVATE KEY-----" },
      stores: ["default", "other"],
    },
  ]);
});

test("readDynamicFile() gives the parts of all protocols their place", () => {
  const { tcp, udp, tls } = read(FULL).configuration;
  const at = (line: number) => ({ type: "file", file: "d.yml", line, column: 5 });
  assert.deepEqual(tcp?.routers["db"]?.source, at(lineOf("    db:\n      entryPoints")));
  assert.deepEqual(tcp?.routers["db"]?.rulePath, ["tcp", "routers", "db", "rule"]);
  assert.deepEqual(udp?.services["two"]?.source, at(lineOf("    two:")));
  assert.deepEqual(tls?.options["strict"]?.source, at(lineOf("    strict:")));
  assert.equal(Object.values(tls?.certificates ?? {})[1]?.source?.type, "file");
});

const refusals: readonly [title: string, yaml: string, code: string, message: RegExp][] = [
  ["a TCP router without rule", "tcp: {routers: {r: {service: s}}}", "missing-field", /"rule" is missing/],
  ["a TCP address without port", address("10.0.0.5"), "invalid-value", /"address" must be a host and a port/],
  ["a TCP address without host", address(":80"), "invalid-value", /"address" must be a host and a port/],
  ["a TCP address of port 0", address("a:0"), "invalid-value", /"address" must be a host and a port/],
  ["a TCP address with a scheme", address("tcp://a:80"), "invalid-value", /"address" must be a host and a port/],
  ["an unbracketed IPv6 address", address("fd00::5:80"), "invalid-value", /"address" must be a host and a port/],
  [
    "a version of the PROXY protocol",
    proxyProtocol(3),
    "invalid-value",
    /"version" must be a whole number from 1 to 2/,
  ],
  [
    "an HTTP middleware in TCP",
    "tcp: {middlewares: {m: {headers: {}}}}",
    "unknown-field",
    /unknown middleware "headers"/,
  ],
  [
    "a TCP service of two kinds",
    "tcp: {services: {s: {loadBalancer: {}, weighted: {}}}}",
    "one-of",
    /exactly one kind/,
  ],
  ["a rule of a UDP router", "udp: {routers: {r: {rule: x, service: s}}}", "unknown-field", /unknown field "rule"/],
  ["middlewares in UDP", "udp: {middlewares: {}}", "unknown-field", /unknown field "middlewares"/],
  ["certificates by name", "tls: {certificates: {a: {}}}", "invalid-value", /"certificates" must be a list/],
  ["a certificate without key", "tls: {certificates: [{certFile: a}]}", "missing-field", /"keyFile" is missing/],
  [
    "a store with a typo",
    "tls: {stores: {default: {defaultCert: {}}}}",
    "unknown-field",
    /unknown field "defaultCert"/,
  ],
];

function address(text: string): string {
  return `tcp: {services: {s: {loadBalancer: {servers: [{address: ${JSON.stringify(text)}}]}}}}`;
}

function proxyProtocol(version: number): string {
  return `tcp: {serversTransports: {t: {proxyProtocol: {version: ${version}}}}}`;
}

for (const [title, yaml, code, message] of refusals) {
  test(`readDynamicFile() refuses ${title}, and that part only`, () => {
    const good = "---\nudp: {services: {good: {loadBalancer: {}}}}\n";
    const { configuration, problems } = read(`${yaml}\n${good}`);
    const found = new Set(partsOf(configuration));
    assert.deepEqual([...found], ["good"]);
    const [problem] = problems;
    assert.equal(problem?.code, code);
    assert.match(problem?.message ?? "", message);
    assert.ok(problem?.source?.type === "file" && problem.source.line === 1, JSON.stringify(problem));
  });
}

function partsOf({ http, tcp, udp, tls }: DynamicConfiguration): string[] {
  return [http, tcp, udp, tls].flatMap((section) => Object.values(section ?? {})).flatMap((parts) =>
    Object.keys(parts)
  );
}

const broken: readonly [options: string, message: RegExp][] = [
  ["{minVersion: VersionTLS14}", /"minVersion" must be one of .*, got "VersionTLS14"/],
  ["{minVersion: VersionTLS13, maxVersion: VersionTLS12}", /"minVersion" VersionTLS13 is above "maxVersion"/],
  ["{clientAuth: {clientAuthType: RequireAndVerifyClientCert}}", /needs "caFiles"/],
  ["{cipherSuites: [TLS_RSA_WITH_NOTHING]}", /"cipherSuites\[0\]" must be one of/],
  ["{clientauth: {cafile: x}}", /unknown field "cafile"/],
  ["nonsense", /a set of TLS options must be a mapping/],
];

for (const [options, message] of broken) {
  test(`readDynamicFile() keeps the TLS options ${options} as broken ones`, () => {
    const { configuration, problems } = read(`tls: {options: {default: ${options}, named: ${options}}}`);
    const { default: byDefault, named } = configuration.tls?.options ?? {};
    assert.equal(byDefault?.isDefault, true);
    assert.equal(named?.isDefault, undefined);
    for (const part of [byDefault, named]) assert.match(part?.defects?.[0] ?? "", message);
    assert.equal(problems.length, 2);
    for (const problem of problems) assert.ok(problem.source?.type === "file" && problem.source.line === 1);
  });
}

test("readDynamicFile() shows no private key in a problem", () => {
  const { problems } = read("tls: {certificates: [{certFile: a, keyFile: [MIIEvQIBADAN]}]}");
  assert.match(problems[0]?.message ?? "", /"keyFile" must be a string, got a value that is not shown here/);
});

test("readDynamicFile() takes the same certificate from several places once, with all its stores", () => {
  const pair = "certFile: a.pem, keyFile: a.key";
  const { configuration, problems } = read(
    `tls: {certificates: [{${pair}}, {${pair}, stores: [one]}]}\n---\ntls: {certificates: [{${pair}, stores: [two]}]}\n`,
  );
  assert.deepEqual(problems, []);
  const certificates = Object.values(configuration.tls?.certificates ?? {});
  assert.deepEqual(certificates.map(({ stores }) => stores), [["default", "one", "two"]]);
});

test("readDynamicFile() joins the documents of all protocols, and reports names that are taken", () => {
  const tcp = "tcp: {routers: {r: {rule: x, service: s}}, services: {s: {loadBalancer: {}}}}";
  const { configuration, codes } = read(
    `${tcp}\n---\n${tcp}\n---\ntls: {options: {o: {}}}\n---\ntls: {options: {o: {}}}\n`,
  );
  assert.deepEqual(codes, ["duplicate-name d.yml:3:17", "duplicate-name d.yml:3:55", "duplicate-name d.yml:7:17"]);
  assert.deepEqual(partsOf(configuration), ["r", "s", "o"]);
});

test("readDynamicFile() reads the same out of TOML", () => {
  const { configuration, problems } = read(
    '[tcp.routers.r]\nrule = "HostSNI(`*`)"\nservice = "s"\n[[tcp.services.s.loadBalancer.servers]]\naddress = "a:1"\n' +
      '[[tls.certificates]]\ncertFile = "a"\nkeyFile = "b"\n',
    "d.toml",
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(configuration.tcp?.services["s"]?.kind, "loadBalancer");
  assert.equal(Object.keys(configuration.tls?.certificates ?? {}).length, 1);
});
