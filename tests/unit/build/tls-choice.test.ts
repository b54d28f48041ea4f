// Which options and which certificate a handshake gets, and whom it may ask for then: the SNI and Host matrix.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TlsCertificate, TlsOptions } from "../../../src/config/dynamic-tls.ts";
import { builtInTlsOptions } from "../../../src/config/dynamic-tls.ts";
import { loadBalancer } from "../service/fakes.ts";
import { helloFor, pemOf } from "../tls/fakes.ts";
import { router, selfSigned, Workshop } from "./fakes.ts";

const services = { app: loadBalancer(["http://app:80"]) };
const OK = "200 app:80";
const MISDIRECTED = "421 Misdirected Request";
const mutual: TlsOptions = {
  ...builtInTlsOptions,
  clientAuth: { clientAuthType: "RequireAndVerifyClientCert", caFiles: [{ text: "authority" }] },
};
const modern: TlsOptions = { ...builtInTlsOptions, minVersion: "VersionTLS13" };
const options = { mutual, modern, same: { ...builtInTlsOptions, maxVersion: "VersionTLS13" } } satisfies Record<
  string,
  TlsOptions
>;

const secure = (name?: string) => ({ tls: name === undefined ? {} : { options: name } });
const routers = {
  open: router("open.test", "app", secure()),
  same: router("same.test", "app", secure("same")),
  private: router("private.test", "app", secure("mutual")),
  folded: router("Folded.Test.", "app", secure("mutual")),
  wild: router("*.wild.test", "app", secure("mutual")),
  exact: router("open.wild.test", "app", secure()),
  pattern: { rule: "HostRegexp(`^.+[.]pattern[.]test$`)", service: "app", ...secure("mutual") },
  admin: { rule: "PathPrefix(`/admin`)", service: "app", ...secure("mutual") },
};

const matrix: readonly [serverName: string, host: string, answer: string][] = [
  ["open.test", "open.test", OK],
  ["open.test", "OPEN.test", OK],
  ["open.test", "open.test.", OK],
  ["open.test", "open.test:8443", OK],
  ["open.test", "same.test", OK], // other names, the same options
  ["open.test", "private.test", MISDIRECTED],
  ["open.test", "PRIVATE.test", MISDIRECTED],
  ["open.test", "private.test.", MISDIRECTED],
  ["open.test", "folded.test", MISDIRECTED],
  ["open.test", "x.wild.test", MISDIRECTED],
  ["open.test", "open.wild.test", OK],
  ["open.test", "x.pattern.test", MISDIRECTED],
  ["private.test", "private.test", OK],
  ["private.test", "x.wild.test", OK], // the same demands
  ["private.test", "open.test", MISDIRECTED],
  ["folded.test", "folded.test.", OK],
  ["x.wild.test", "x.wild.test", OK],
  ["x.wild.test", "y.wild.test", OK],
  ["x.wild.test", "open.wild.test", MISDIRECTED],
  ["open.wild.test", "x.wild.test", MISDIRECTED],
  ["x.pattern.test", "y.pattern.test", OK],
  ["nobody.test", "open.test", MISDIRECTED], // only /admin is there, with options of its own
  ["", "open.test", MISDIRECTED],
];

for (const [serverName, host, answer] of matrix) {
  test(`a connection for ${JSON.stringify(serverName)} that asks for ${host} gets ${answer}`, async () => {
    const shop = new Workshop();
    shop.build({ routers, services, tls: { options } });
    assert.deepEqual(shop.codes, []);
    assert.equal(await shop.askSecure(serverName, `${host}/`), answer);
    shop.close();
  });
}

test("a router that demands a client's certificate is not reached under a host's weaker options", async () => {
  const shop = new Workshop();
  shop.build({ routers, services, tls: { options } });
  assert.equal(await shop.askSecure("open.test", "open.test/x"), OK);
  const { admin, open } = routers;
  shop.build({ routers: { open: { ...open, priority: 1 }, admin }, services, tls: { options } });
  assert.equal(await shop.askSecure("open.test", "open.test/admin"), MISDIRECTED);
  assert.equal(await shop.askSecure("open.test", "open.test/"), OK);
  shop.close();
});

test("routers of one host with different options get the default ones, and are reported", async () => {
  const shop = new Workshop();
  const path = (rule: string, name: string) => ({ rule, service: "app", ...secure(name) });
  shop.build({
    routers: {
      strong: path("Host(`a.test`) && PathPrefix(`/strong`)", "mutual"),
      modern: path("Host(`a.test`)", "modern"),
    },
    services,
    tls: { options },
  });
  const [problem] = shop.table.problems;
  assert.deepEqual(shop.codes, ["error tls-options-conflict"]);
  assert.match(
    problem?.message ?? "",
    /entry point web: the routers modern@file, strong@file want different .*a\.test/,
  );
  assert.equal(await shop.askSecure("a.test", "a.test/"), OK);
  assert.equal(await shop.askSecure("a.test", "a.test/strong"), MISDIRECTED);
  shop.close();
});

test("a connection made under options that were replaced meanwhile is misdirected", async () => {
  const shop = new Workshop();
  const build = (name: string) =>
    shop.build({ routers: { r: router("a.test", "app", secure(name)) }, services, tls: { options } });
  build("modern");
  assert.equal(await shop.askSecure("a.test", "a.test/", () => build("mutual")), MISDIRECTED);
  assert.equal(await shop.askSecure("a.test", "a.test/", () => build("mutual")), OK);
  shop.close();
});

test("option sets keep their server, and with it clients' sessions, over reloads", () => {
  const shop = new Workshop();
  const build = (name: string) => {
    shop.build({ routers: { r: router("a.test", "app", secure(name)) }, services, tls: { options } });
    const choice = shop.table.secure.get("web")?.choose(helloFor("a.test"), "127.0.0.1");
    return choice !== undefined && "server" in choice ? choice.server : undefined;
  };
  const first = build("modern");
  assert.equal(build("modern"), first);
  assert.notEqual(build("mutual"), first);
  assert.notEqual(build("modern"), first); // nobody needed it in between
  shop.close();
});

const certificate = (names: string[], more: Partial<TlsCertificate> = {}): TlsCertificate => ({
  certificate: pemOf(...names),
  privateKey: { text: "key" },
  ...more,
});

function shownTo(shop: Workshop, serverName: string): readonly string[] {
  const choice = shop.table.secure.get("web")?.choose(helloFor(serverName), "127.0.0.1");
  return choice !== undefined && "identity" in choice ? choice.identity?.leaf.names.dns ?? [] : [];
}

test("certificates are found by name, and the store's default one where there is none", () => {
  const shop = new Workshop();
  const parts = { routers: { open: routers.open }, services };
  const certificates = { a: certificate(["a.test"]), elsewhere: certificate(["b.test"], { stores: ["other"] }) };
  shop.build({ ...parts, tls: { certificates } });
  assert.deepEqual(shop.codes, ["warning no-effect"]);
  assert.deepEqual(shownTo(shop, "a.test"), ["a.test"]);
  assert.deepEqual(shownTo(shop, "b.test"), selfSigned.leaf.names.dns);
  const defaultCertificate = { certificate: pemOf("default.test"), privateKey: { text: "key" } };
  shop.build({ ...parts, tls: { certificates, stores: { default: { isDefault: true, defaultCertificate } } } });
  assert.deepEqual(shownTo(shop, "b.test"), ["default.test"]);
  assert.deepEqual(shop.table.status.certificates.map(({ sans }) => sans[0]), ["a.test", "default.test"]);
  shop.close();
});

test("a certificate that was good keeps serving while its replacement is broken", async () => {
  const shop = new Workshop();
  const build = (c: TlsCertificate | undefined) =>
    shop.build({
      routers: { r: router("a.test", "app", { tls: { certificates: ["c"] } }) },
      services,
      tls: { certificates: c === undefined ? {} : { c } },
    });
  build(certificate(["a.test"]));
  for (
    const bad of [certificate(["b.test"], { privateKey: { text: "bad" } }), certificate([], { defects: ["gone"] })]
  ) {
    build(bad);
    assert.deepEqual(shop.codes, ["error broken-certificate"]);
    assert.match(shop.table.problems[0]?.message ?? "", /the last good one keeps serving/);
    assert.deepEqual(shownTo(shop, "a.test"), ["a.test"]);
    assert.equal(await shop.askSecure("a.test", "a.test/"), OK);
  }
  build(certificate(["a.test", "new.test"]));
  assert.deepEqual([shop.codes, shownTo(shop, "new.test")], [[], ["a.test", "new.test"]]);
  build(undefined);
  assert.deepEqual(shop.codes, ["error missing-certificate"]);
  assert.equal(await shop.askSecure("a.test", "a.test/"), "503 Service Unavailable");
  shop.close();
});
