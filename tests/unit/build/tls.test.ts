// What routers want of TLS: a reference to what is missing or broken closes them (CVE-2022-46153).

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TlsConfiguration, TlsOptions } from "../../../src/config/dynamic-tls.ts";
import { builtInTlsOptions } from "../../../src/config/dynamic-tls.ts";
import type { RouterTls } from "../../../src/config/dynamic-tls.ts";
import { loadBalancer } from "../service/fakes.ts";
import { pemOf } from "../tls/fakes.ts";
import { router, web, Workshop } from "./fakes.ts";

const services = { app: loadBalancer(["http://app:80"]) };
const pair = { certificate: pemOf("a.test"), privateKey: { text: "key" } };
const unread = { certificate: { file: "a.pem" }, privateKey: { file: "a.key" } };
const strict: TlsOptions = { ...builtInTlsOptions, sniStrict: true };
const broken: TlsOptions = { ...builtInTlsOptions, defects: ["the Secret a/ca does not exist"] };
const OK = "200 app:80";
const CLOSED = "503 Service Unavailable";

const rows: readonly [
  title: string,
  wishes: RouterTls,
  tls: Partial<TlsConfiguration>,
  codes: string[],
  answer: string,
  hint?: string,
][] = [
  ["options that exist", { options: "relaxed" }, { options: { relaxed: builtInTlsOptions } }, [], OK],
  ["the built-in options", {}, {}, [], OK],
  [
    "options that don't exist",
    { options: "strct" },
    { options: { strict } },
    ["missing-tls-options"],
    "alert 112",
    'did you mean "strict@file"?',
  ],
  [
    "options where there are none",
    { options: "x" },
    {},
    ["missing-tls-options"],
    "alert 112",
    "no TLS options are configured",
  ],
  [
    "options of another provider",
    { options: "strict@gone" },
    { options: { strict } },
    ["missing-tls-options"],
    "alert 112",
  ],
  ["broken options", { options: "broken" }, { options: { broken } }, ["broken-tls-options"], "alert 112"],
  [
    "broken default options",
    {},
    { options: { d: { ...broken, isDefault: true } } },
    ["broken-tls-options"],
    "alert 112",
  ],
  ["default options beside broken ones", { options: "default" }, { options: { broken } }, [], OK],
  ["a strict server name without a certificate", { options: "strict" }, { options: { strict } }, [], "no certificate"],
  ["a certificate that exists", { certificates: ["c"] }, { certificates: { c: pair } }, [], OK],
  ["a certificate that doesn't", { certificates: ["c"] }, {}, ["missing-certificate"], CLOSED],
  [
    "a certificate whose provider found it broken",
    { certificates: ["c"] },
    { certificates: { c: { ...pair, defects: ["no key"] } } },
    ["broken-certificate", "broken-certificate"],
    CLOSED,
  ],
  [
    "a certificate with the key of another",
    { certificates: ["c"] },
    { certificates: { c: { ...pair, privateKey: { text: "other" } } } },
    ["broken-certificate", "broken-certificate"],
    CLOSED,
  ],
  [
    "a certificate in a file that can't be read",
    { certificates: ["c"] },
    { certificates: { c: unread } },
    ["broken-certificate", "broken-certificate"],
    CLOSED,
  ],
  ["a certificate of a resolver", { certResolver: "le" }, {}, ["not-served-yet"], OK],
];

for (const [title, wishes, tls, codes, answer, hint] of rows) {
  test(`buildRoutingTable() judges a router that wants ${title}`, async () => {
    const shop = new Workshop();
    const parts = { routers: { r: router("a.test", "app", { tls: wishes }) }, services, tls };
    for (let build = 0; build < 2; build++) {
      const { problems, status } = shop.build(parts);
      assert.deepEqual(problems.map(({ code }) => code), codes);
      if (hint !== undefined) assert.equal(problems[0]?.hint, hint);
      const state = codes.length === 0 ? "enabled" : answer === OK ? "warning" : "disabled";
      assert.deepEqual(status.routers.map((each) => [each.state, each.using]), [[state, ["web"]]]);
    }
    assert.equal(await shop.askSecure("a.test", "a.test/"), answer);
    assert.equal(await shop.ask("a.test/"), "404 404 page not found");
    assert.doesNotMatch(JSON.stringify(shop.table.problems), /BEGIN|other"/);
    shop.close();
  });
}

test("buildRoutingTable() looks again when the options a router wants have changed", () => {
  const shop = new Workshop();
  const routers = { r: router("a.test", "app", { tls: { options: "o" } }) };
  const codes = (options: Record<string, TlsOptions>) =>
    shop.build({ routers, services, tls: { options } }).problems.map(({ code }) => code);
  assert.deepEqual(codes({}), ["missing-tls-options"]);
  assert.deepEqual(codes({ o: strict }), []);
  assert.deepEqual(codes({ o: broken }), ["broken-tls-options"]);
  shop.close();
});

test("buildRoutingTable() closes routers that rely on default options while there are several", async () => {
  const shop = new Workshop();
  const standard = { ...builtInTlsOptions, isDefault: true };
  const routers = {
    r: router("a.test", "app", { tls: {} }),
    s: router("b.test", "app", { tls: { options: "named" } }),
  };
  const options = { one: standard, named: builtInTlsOptions };
  const { status, problems } = shop.build({ routers, services, tls: { options } }, {
    kube: { tls: { options: { '["ns","two"]': { ...standard, displayName: "default" } } } },
  });
  assert.deepEqual(problems.map(({ severity, code }) => `${severity} ${code}`), [
    "error ambiguous-tls-options",
    "error ambiguous-tls-options",
  ]);
  assert.match(status.routers[0]?.errors[0] ?? "", /several TLS options are the default ones: one@file, default@kube/);
  assert.equal(status.tlsOptionsName('["ns","two"]@kube'), "default@kube");
  assert.equal(status.tlsOptionsName("gone@file"), "gone@file");
  assert.equal(await shop.askSecure("a.test", "a.test/"), "alert 112");
  assert.equal(await shop.askSecure("nobody.test", "nobody.test/"), "alert 112");
  assert.equal(await shop.askSecure("b.test", "b.test/"), OK);
  shop.close();
});

test("buildRoutingTable() gives routers without TLS that of their entry point", async () => {
  const facts = { ...web, tls: { options: "named" } };
  const shop = new Workshop({ entryPoints: () => [facts] });
  const routers = { r: router("a.test", "app"), own: router("b.test", "app", { tls: {} }) };
  const { problems } = shop.build({ routers, services, tls: { options: { named: strict } } });
  assert.deepEqual(problems, []);
  assert.equal(await shop.ask("a.test/"), "404 404 page not found");
  assert.equal(await shop.askSecure("a.test", "a.test/"), "no certificate"); // that of the entry point
  assert.equal(await shop.askSecure("b.test", "b.test/"), OK);
  shop.close();
});

test("buildRoutingTable() serves the same rule once with TLS and once without", async () => {
  const shop = new Workshop();
  const other = loadBalancer(["http://other:80"]);
  const routers = { plain: router("a.test", "app"), secure: router("a.test", "other", { tls: {} }) };
  assert.deepEqual(shop.build({ routers, services: { ...services, other } }).problems, []);
  assert.equal(await shop.ask("a.test/"), OK);
  assert.equal(await shop.askSecure("a.test", "a.test/"), "200 other:80");
  shop.close();
});

test("buildRoutingTable() says that TLS is not spoken where somebody else does", async () => {
  const shop = new Workshop({ terminatesTls: false });
  const { status, problems } = shop.build({ routers: { r: router("a.test", "app", { tls: {} }) }, services });
  assert.deepEqual(problems.map(({ code }) => code), ["tls-not-served"]);
  assert.deepEqual(status.routers.map(({ state, using }) => [state, using]), [["disabled", []]]);
  assert.equal(await shop.askSecure("a.test", "a.test/"), "no HTTPS");
  shop.close();
});
