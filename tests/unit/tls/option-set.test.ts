// TLS options → settings of handshakes, and what a runtime makes of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TlsOptions } from "../../../src/config/dynamic-tls.ts";
import { builtInTlsOptions } from "../../../src/config/dynamic-tls.ts";
import { cipherSuiteNames, curveNames } from "../../../src/config/tls-names.ts";
import type { SecureSettings } from "../../../src/net/tls.ts";
import { toCurve, toSuite } from "../../../src/tls/openssl-names.ts";
import { readOptionSet } from "../../../src/tls/option-set.ts";
import { fakeSecureServer } from "./fakes.ts";

function read(options: Partial<TlsOptions>, gaps: readonly string[] = [], protocols?: readonly string[]) {
  const runtime = {
    name: "node" as const,
    gaps: gaps.map((feature) => ({ feature, reason: "it can't" })),
    secureServer: fakeSecureServer([]),
  };
  return readOptionSet({ ...builtInTlsOptions, ...options }, { runtime, ...(protocols && { protocols }) });
}

const authority = { text: "authority" };

const rows: readonly [
  title: string,
  options: Partial<TlsOptions>,
  wanted: Partial<SecureSettings> | string,
  warnings?: readonly RegExp[],
  gaps?: readonly string[],
][] = [
  ["the built-in ones", {}, {
    minVersion: "1.2",
    maxVersion: "1.3",
    ciphers: [],
    curves: [],
    alpn: ["h2", "http/1.1"],
    clientAuth: "NoClientCert",
    sessionTickets: true,
  }],
  ["versions", { minVersion: "VersionTLS10", maxVersion: "VersionTLS11" }, { minVersion: "1.0", maxVersion: "1.1" }],
  ["old versions where there are none", { minVersion: "VersionTLS10" }, { minVersion: "1.2" }, [
    /speaks TLS 1.2 and 1.3 only, so "minVersion" VersionTLS10 means VersionTLS12/,
  ], ["tls-below-1.2"]],
  [
    "only old versions where there are none",
    { minVersion: "VersionTLS10", maxVersion: "VersionTLS11" },
    'node speaks TLS 1.2 and 1.3 only, and "maxVersion" is VersionTLS11',
    [],
    ["tls-below-1.2"],
  ],
  ["suites by Go's names, once each", {
    cipherSuites: [
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_RSA_WITH_AES_128_CBC_SHA",
    ],
  }, { minVersion: "1.2", ciphers: ["ECDHE-RSA-CHACHA20-POLY1305", "AES128-SHA"] }],
  ["suites of TLS 1.3 beside others", { cipherSuites: ["TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"] }, {
    ciphers: ["AES128-SHA"],
  }],
  ["suites of TLS 1.3 alone, which leave TLS 1.2 nothing", { cipherSuites: ["TLS_AES_128_GCM_SHA256"] }, {
    minVersion: "1.3",
    ciphers: [],
  }],
  [
    "suites of TLS 1.3 alone up to TLS 1.2",
    { maxVersion: "VersionTLS12", cipherSuites: ["TLS_AES_128_GCM_SHA256"] },
    'no version up to 1.2 is left with a cipher suite of "cipherSuites"',
  ],
  ["a suite that the library lacks", { cipherSuites: ["TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"] }, {
    minVersion: "1.2",
    ciphers: ["AES128-SHA"],
  }, [/node has no cipher suite TLS_RSA_WITH_RC4_128_SHA/]],
  ["nothing but suites that the library lacks", { cipherSuites: ["TLS_RSA_WITH_RC4_128_SHA"] }, {
    minVersion: "1.3",
    ciphers: [],
  }, [/no cipher suite/]],
  ["suites where they can't be limited", { cipherSuites: ["TLS_RSA_WITH_AES_128_CBC_SHA"] }, { ciphers: [] }, [
    /can't limit the cipher suites, so "cipherSuites" has no effect/,
  ], ["tls-ciphers"]],
  [
    "suites beside TLS 1.3 only, which has none to choose",
    { minVersion: "VersionTLS13", cipherSuites: ["TLS_RSA_WITH_AES_128_CBC_SHA"] },
    { ciphers: [] },
    [],
    ["tls-ciphers"],
  ],
  ["curves", { curvePreferences: ["CurveP384", "X25519"] }, { curves: ["P-384", "X25519"] }],
  ["a curve that the library lacks", { curvePreferences: ["CurveP521", "X25519"] }, { curves: ["X25519"] }, [
    /node has no key exchange CurveP521/,
  ]],
  ["no tickets", { disableSessionTickets: true }, { sessionTickets: false }],
  ["no tickets where they stay on", { disableSessionTickets: true }, { sessionTickets: false }, [
    /can't switch session tickets off/,
  ], ["tls-no-tickets"]],
  ["clients' certificates", {
    clientAuth: { clientAuthType: "RequireAndVerifyClientCert", caFiles: [authority, authority] },
  }, { clientAuth: "RequireAndVerifyClientCert", clientCa: "authority\nauthority" }],
  ["authorities that can't be read", {
    clientAuth: { clientAuthType: "VerifyClientCertIfGiven", caFiles: [{ text: "broken" }] },
  }, "the certificate authorities can't be read"],
  ["authorities in a file that was not read", {
    clientAuth: { clientAuthType: "VerifyClientCertIfGiven", caFiles: [{ file: "/ca.pem" }] },
  }, "the certificate authorities in /ca.pem can't be read"],
  ["options that are broken", { defects: ["no such Secret"] }, "no such Secret"],
];

for (const [title, options, wanted, warnings = [], gaps = []] of rows) {
  test(`readOptionSet() reads ${title}`, () => {
    const result = read(options, gaps);
    if (typeof wanted === "string") {
      assert.equal("fault" in result ? result.fault : "no fault", wanted);
      return;
    }
    assert.ok("set" in result, JSON.stringify(result));
    const { settings } = result.set;
    assert.deepEqual({ ...settings, ...wanted }, { ...settings });
    assert.equal(result.warnings.length, warnings.length, result.warnings.join());
    for (const [at, warning] of warnings.entries()) assert.match(result.warnings[at] ?? "", warning);
  });
}

test("readOptionSet() gives options that mean the same the same key", () => {
  const keyOf = (options: Partial<TlsOptions>, protocols?: readonly string[]) => {
    const result = read(options, [], protocols);
    return "set" in result ? result.set.key : "";
  };
  assert.equal(keyOf({}), keyOf({ maxVersion: "VersionTLS13" }));
  assert.equal(keyOf({}, ["http/1.1"]), keyOf({ alpnProtocols: ["http/1.1"] }));
  const others: Partial<TlsOptions>[] = [
    { sniStrict: true },
    { minVersion: "VersionTLS13" },
    { disableSessionTickets: true },
    { clientAuth: { clientAuthType: "RequestClientCert", caFiles: [] } },
    { clientAuth: { clientAuthType: "NoClientCert", caFiles: [authority] } },
  ];
  assert.equal(new Set([{}, ...others].map((options) => keyOf(options))).size, others.length + 1);
});

test("readOptionSet() knows which options demand a client's certificate", () => {
  const demands = (
    clientAuthType:
      | "RequestClientCert"
      | "RequireAnyClientCert"
      | "VerifyClientCertIfGiven"
      | "RequireAndVerifyClientCert",
  ) => {
    const result = read({ clientAuth: { clientAuthType, caFiles: [authority] } });
    return "set" in result && result.set.demandsClient;
  };
  assert.deepEqual(
    (["RequestClientCert", "RequireAnyClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"] as const)
      .map(demands),
    [false, true, false, true],
  );
});

test("toSuite() and toCurve() know every name that a configuration may have", () => {
  const unknown = cipherSuiteNames.filter((name) => toSuite(name).kind === "always-on");
  assert.deepEqual(unknown, [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_FALLBACK_SCSV",
  ]);
  assert.deepEqual(curveNames.map(toCurve).slice(0, 4), ["P-256", "P-384", "P-521", "X25519"]);
});
