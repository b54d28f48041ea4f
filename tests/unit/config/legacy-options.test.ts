// Start-up options of Traefik 1, as seed 004 starts it: accepted with a warning; all others of its time are refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadStatic } from "../../../src/config/load-static.ts";
import { describeSource } from "../../../src/schema/problem-text.ts";

async function load(args: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const refuse = (): never => {
    throw new Error("not used here");
  };
  const loaded = await loadStatic({
    env: {},
    files: {
      readText: (path) => Promise.resolve(files[path] ?? refuse()),
      exists: (path) => Promise.resolve(Object.hasOwn(files, path)),
      list: refuse,
      watch: refuse,
      append: refuse,
    },
  }, args);
  const told = loaded.problems.map(({ severity, message, hint, source }) =>
    `${severity} ${source === undefined ? "" : describeSource(source)}: ${message}; ${hint ?? ""}`
  );
  return { ...loaded, told };
}

const SEED_TOML = `defaultEntryPoints = ["http"]
[entryPoints]
  [entryPoints.http]
  address = ":80"
`;

test("loadStatic() starts as seed 004 starts Traefik 1.6, and says what to write today", async () => {
  const { configuration, told } = await load(["--configfile=/config/traefik.toml", "-d", "--web", "--kubernetes"], {
    "/config/traefik.toml": SEED_TOML,
  });
  assert.deepEqual(told, [
    'warning -d: "-d" is an option of Traefik 1; write --log.level=DEBUG',
    'warning --web: "--web" is an option of Traefik 1; write --api.insecure, --ping and --metrics.prometheus',
    'warning --kubernetes: "--kubernetes" is an option of Traefik 1; write --providers.kubernetesingress',
    'warning /config/traefik.toml:1:1: "defaultEntryPoints" is an option of Traefik 1; ' +
    "write --entrypoints.<name>.asDefault",
  ]);
  assert.ok(configuration !== undefined);
  assert.deepEqual(
    Object.entries(configuration.entryPoints).map(([name, { address, asDefault }]) => [name, address, asDefault]),
    [["http", ":80", true], ["traefik", ":8080", false]],
  );
  assert.equal(configuration.log.level, "DEBUG");
  assert.equal(configuration.api?.insecure, true);
  assert.equal(configuration.ping?.entryPoint, "traefik");
  assert.equal(configuration.metrics.prometheus?.entryPoint, "traefik");
  assert.ok(configuration.providers.kubernetesIngress !== undefined);
  assert.equal(configuration.providers.kubernetesCRD, undefined);
});

test("loadStatic() reads [web] and [kubernetes] of a file, and refuses what they can't mean today", async () => {
  const text = `debug = true
[entryPoints.http]
address = ":8000"
[web]
address = ":8099"
[kubernetes]
endpoint = "http://127.0.0.1:1"
namespaces = ["a", "b"]
[kubernetes.ingressEndpoint]
hostname = "x"
`;
  const { configuration } = await load(["-c", "/t.toml"], { "/t.toml": text });
  assert.equal(configuration?.entryPoints["traefik"]?.address, ":8099");
  assert.equal(configuration?.log.level, "DEBUG");
  const { endpoint, namespaces, ingressEndpoint } = configuration?.providers.kubernetesIngress ?? {};
  assert.deepEqual([endpoint, namespaces, ingressEndpoint?.hostname], ["http://127.0.0.1:1", ["a", "b"], "x"]);

  const refused = await load(["-c", "/t.toml"], { "/t.toml": `${text}[frontends]\n[web.auth]\nbasic = ["x"]\n` });
  assert.equal(refused.configuration, undefined);
  const errors = refused.told.filter((line) => line.startsWith("error"));
  assert.deepEqual(errors, [
    'error /t.toml:11:1: unknown field "frontends"; routers and services are in a file of their own: ' +
    "use --providers.file.filename",
    'error /t.toml:13:1: the option "web.auth.basic" of Traefik 1 means nothing today; ' +
    "use --api.insecure, --ping and --metrics.prometheus",
  ]);
});

const flags: readonly (readonly [args: readonly string[], check: RegExp])[] = [
  [["--web.readonly"], /error --web\.readonly: unknown flag "--web\.readonly"; use --api\.insecure/],
  [["--acme.email=x"], /error .*"--acme\.email"; use --certificatesresolvers/],
  [["--docker"], /error .*; it was an option of Traefik 1/],
  [["--marathon"], /error .*; it was a provider of Traefik 1/],
  [["--logLevel=DEBUG"], /error .*; use --log\.level/],
  [["--kubernetes.enablePassTLSCert"], /error .*unknown flag "--kubernetes\.enablePassTLSCert"/],
  [["--kubernetes.endpoint"], /error --kubernetes\.endpoint: the flag "--kubernetes\.endpoint" needs a value/],
];

for (const [args, check] of flags) {
  test(`loadStatic() refuses ${args.join(" ")} with a hint`, async () => {
    const { configuration, told } = await load(args);
    assert.equal(configuration, undefined);
    assert.match(told.filter((line) => line.startsWith("error")).join("\n"), check);
  });
}

test("loadStatic() lets today's option win over an old one, and finds who set what", async () => {
  const loaded = await load([
    "--web=false",
    "--debug",
    "--log.level=WARN",
    "--kubernetes.namespaces=a",
    "--kubernetes.namespaces=b",
  ]);
  const { configuration, sourceOf } = loaded;
  assert.equal(configuration?.api, undefined);
  assert.equal(configuration?.log.level, "WARN");
  assert.deepEqual(configuration?.providers.kubernetesIngress?.namespaces, ["a", "b"]);
  const source = sourceOf(["providers", "kubernetesIngress", "namespaces"]);
  assert.equal(source && describeSource(source), "--kubernetes.namespaces");
});

test("loadStatic() has Ingress prefixes match whole segments unless told otherwise", async () => {
  const strict = async (...more: readonly string[]) =>
    (await load(["--providers.kubernetesingress", ...more])).configuration?.providers.kubernetesIngress
      ?.strictPrefixMatching;
  assert.equal(await strict(), true);
  assert.equal(await strict("--providers.kubernetesingress.strictPrefixMatching=false"), false);
});
