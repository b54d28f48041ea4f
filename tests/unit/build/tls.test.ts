// What routers want of TLS: a reference to what is missing or broken closes them (CVE-2022-46153).

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TlsConfiguration, TlsOptions } from "../../../src/config/dynamic-tls.ts";
import { builtInTlsOptions } from "../../../src/config/dynamic-tls.ts";
import type { RouterTls } from "../../../src/config/dynamic-tls.ts";
import { loadBalancer } from "../service/fakes.ts";
import { router, Workshop } from "./fakes.ts";

const services = { app: loadBalancer(["http://app:80"]) };
const pair = { certificate: { file: "a.pem" }, privateKey: { file: "a.key" } };
const strict: TlsOptions = { ...builtInTlsOptions, sniStrict: true };
const broken: TlsOptions = { ...builtInTlsOptions, defects: ["the Secret a/ca does not exist"] };

const rows: readonly [
  title: string,
  wishes: RouterTls,
  tls: Partial<TlsConfiguration>,
  codes: string[],
  hint?: string,
][] = [
  ["options that exist", { options: "strict" }, { options: { strict } }, ["tls-not-served"]],
  ["the built-in options", {}, {}, ["tls-not-served"]],
  [
    "options that don't exist",
    { options: "strct" },
    { options: { strict } },
    ["missing-tls-options"],
    'did you mean "strict@file"?',
  ],
  ["options where there are none", { options: "x" }, {}, ["missing-tls-options"], "no TLS options are configured"],
  ["options of another provider", { options: "strict@gone" }, { options: { strict } }, ["missing-tls-options"]],
  ["broken options", { options: "broken" }, { options: { broken } }, ["broken-tls-options"]],
  ["broken default options", {}, { options: { d: { ...broken, isDefault: true } } }, ["broken-tls-options"]],
  [
    "default options beside broken ones of another name",
    { options: "default" },
    { options: { broken } },
    ["tls-not-served"],
  ],
  ["a certificate that exists", { certificates: ["c"] }, { certificates: { c: pair } }, ["tls-not-served"]],
  ["a certificate that doesn't", { certificates: ["c"] }, {}, ["missing-certificate"]],
  [
    "a broken certificate",
    { certificates: ["c"] },
    { certificates: { c: { ...pair, defects: ["no key"] } } },
    ["broken-certificate"],
  ],
];

/** But for what is said of all TLS parts together. */
function codesOf(problems: readonly { readonly code: string }[]): string[] {
  return problems.map(({ code }) => code).filter((code) => code !== "not-served-yet");
}

for (const [title, wishes, tls, codes, hint] of rows) {
  test(`buildRoutingTable() judges a router that wants ${title}`, async () => {
    const shop = new Workshop();
    const parts = { routers: { r: router("a.test", "app", { tls: wishes }) }, services, tls };
    for (let build = 0; build < 2; build++) {
      const { problems, status } = shop.build(parts);
      assert.deepEqual(codesOf(problems), codes);
      if (hint !== undefined) assert.equal(problems[0]?.hint, hint);
      assert.deepEqual(status.routers.map(({ state, using }) => [state, using]), [["disabled", []]]);
    }
    assert.equal(await shop.ask("a.test/"), "404 404 page not found");
    shop.close();
  });
}

test("buildRoutingTable() looks again when the options a router wants have changed", () => {
  const shop = new Workshop();
  const routers = { r: router("a.test", "app", { tls: { options: "o" } }) };
  const codes = (options: Record<string, TlsOptions>) =>
    codesOf(shop.build({ routers, services, tls: { options } }).problems);
  assert.deepEqual(codes({}), ["missing-tls-options"]);
  assert.deepEqual(codes({ o: strict }), ["tls-not-served"]);
  assert.deepEqual(codes({ o: broken }), ["broken-tls-options"]);
});

test("buildRoutingTable() closes routers that rely on default options while there are several", () => {
  const shop = new Workshop();
  const standard = { ...strict, isDefault: true };
  const routers = {
    r: router("a.test", "app", { tls: {} }),
    s: router("b.test", "app", { tls: { options: "named" } }),
  };
  const { status, problems } = shop.build({ routers, services, tls: { options: { one: standard, named: strict } } }, {
    kube: { tls: { options: { '["ns","two"]': { ...standard, displayName: "default" } } } },
  });
  assert.deepEqual(problems.map(({ severity, code }) => `${severity} ${code}`), [
    "error ambiguous-tls-options",
    "warning tls-not-served",
    "error ambiguous-tls-options",
    "warning not-served-yet",
  ]);
  assert.match(status.routers[0]?.errors[0] ?? "", /several TLS options are the default ones: one@file, default@kube/);
  assert.equal(status.tlsOptionsName('["ns","two"]@kube'), "default@kube");
  assert.equal(status.tlsOptionsName("gone@file"), "gone@file");
});

test("buildRoutingTable() says once that TLS is not served yet", () => {
  const shop = new Workshop();
  const { problems } = shop.build({ tls: { certificates: { c: pair }, options: { strict }, stores: { default: {} } } });
  assert.deepEqual(problems.map(({ severity, message }) => [severity, message]), [[
    "warning",
    "TLS is not served yet: its certificates, options and stores have no effect (c@file, strict@file, default@file)",
  ]]);
});
