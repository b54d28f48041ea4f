// One bad object must not disturb the others: mutated objects never throw, and never change what the rest becomes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { middlewareSchemas } from "../../../../../src/middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../../../../../src/middleware/tcp/schemas.ts";
import { validateObject } from "../../../../../src/provider/kubernetes/crd/schemas.ts";
import { translateCrd } from "../../../../../src/provider/kubernetes/crd/translate.ts";
import { isRecord } from "../../../../../src/provider/kubernetes/store/object.ts";
import { sameValue } from "../../../../../src/provider/kubernetes/store/same-value.ts";
import type { ProviderState } from "../../../../../src/provider/provider.ts";
import type { Problem } from "../../../../../src/schema/problem.ts";
import { route, slice, web } from "../harness.ts";
import { put } from "../objects.ts";
import { defaultOptions, followed, fullParser } from "../translators.ts";

const RUNS = 2000;
const MEBIBYTE = "x".repeat(2 ** 20);
const traefik = { apiVersion: "traefik.io/v1alpha1", metadata: { name: "victim" } };
const core = { apiVersion: "v1", metadata: { name: "victim" } };
const pem = btoa("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----");

/** Rich objects, to be mutated; none has a name that the healthy ones refer to. They refer to each other. */
const victims: readonly Record<string, unknown>[] = [
  {
    ...traefik,
    kind: "IngressRoute",
    spec: {
      entryPoints: ["web"],
      routes: [{
        match: "Host(`victim`)",
        kind: "Rule",
        priority: 3,
        syntax: "v3",
        middlewares: [{ name: "victim", namespace: "default" }],
        observability: { metrics: false },
        services: [{
          name: "web",
          port: 80,
          weight: 1,
          sticky: { cookie: { name: "c" } },
          healthCheck: { interval: "5s" },
          serversTransport: "victim",
        }, { name: "victim", kind: "TraefikService" }],
      }],
      tls: { secretName: "victim", options: { name: "victim" }, domains: [{ main: "a", sans: ["b"] }] },
    },
  },
  {
    ...traefik,
    kind: "IngressRouteTCP",
    spec: {
      entryPoints: ["web"],
      routes: [{
        match: "HostSNI(`victim`)",
        middlewares: [{ name: "victim" }],
        services: [{ name: "web", port: 80, weight: 1, serversTransport: "victim", proxyProtocol: { version: 2 } }],
      }],
      tls: { passthrough: false, secretName: "victim" },
    },
  },
  {
    ...traefik,
    kind: "IngressRouteUDP",
    spec: { entryPoints: ["udp"], routes: [{ services: [{ name: "web", port: 80 }] }] },
  },
  {
    ...traefik,
    kind: "TraefikService",
    spec: { mirroring: { name: "web", port: 80, mirrors: [{ name: "web", port: 80, percent: 10 }], maxBodySize: 5 } },
  },
  {
    ...traefik,
    kind: "TraefikService",
    spec: {
      failover: {
        service: { name: "web", port: 80 },
        fallback: { name: "victim", port: 80, nodePortLB: true },
        errors: { status: ["500"] },
      },
    },
  },
  { ...traefik, kind: "Middleware", spec: { stripPrefix: { prefixes: ["/a"] } } },
  { ...traefik, kind: "Middleware", spec: { chain: { middlewares: [{ name: "victim" }] } } },
  { ...traefik, kind: "Middleware", spec: { plugin: { any: { a: [{ b: "urn:k8s:secret:victim:tls.crt" }] } } } },
  {
    ...traefik,
    kind: "Middleware",
    spec: { forwardAuth: { address: "http://a", tls: { caSecret: "victim", certSecret: "victim" } } },
  },
  { ...traefik, kind: "Middleware", spec: { errors: { status: ["500"], service: { name: "web", port: 80 } } } },
  { ...traefik, kind: "MiddlewareTCP", spec: { ipAllowList: { sourceRange: ["10.0.0.0/8"] } } },
  {
    ...traefik,
    kind: "ServersTransport",
    spec: { forwardingTimeouts: { dialTimeout: "1s" }, rootCAs: [{ secret: "victim" }] },
  },
  {
    ...traefik,
    kind: "ServersTransportTCP",
    spec: { dialTimeout: "1s", tls: { rootCAs: [{ configMap: "victim" }], certificatesSecrets: ["victim"] } },
  },
  {
    ...traefik,
    kind: "TLSOption",
    spec: { minVersion: "VersionTLS12", clientAuth: { secretNames: ["victim"], clientAuthType: "RequestClientCert" } },
  },
  {
    ...traefik,
    metadata: { name: "default" },
    kind: "TLSStore",
    spec: { defaultCertificate: { secretName: "victim" }, certificates: [{ secretName: "victim" }] },
  },
  { ...core, kind: "Service", spec: { type: "NodePort", ports: [{ name: "a", port: 80, nodePort: 30080 }] } },
  { ...core, kind: "Secret", data: { "tls.crt": pem, "tls.key": pem, "tls.ca": pem } },
  { ...core, kind: "ConfigMap", data: { "ca.crt": atob(pem) } },
  { ...core, kind: "Node", status: { addresses: [{ type: "InternalIP", address: "10.0.0.1" }] } },
  { ...slice("10.0.0.9"), metadata: { name: "victim", labels: { "kubernetes.io/service-name": "victim" } } },
];

const values: readonly unknown[] = [null, true, -1, 1.5, 1e300, "", MEBIBYTE, "__proto__", [], {}, [[]], deep(10_000), {
  a: { b: 1 },
}];

function deep(levels: number): unknown {
  let value: unknown = "x";
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { weighted: value } : [value];
  return value;
}

/** A small generator of the same numbers at every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Replaces, removes or adds one thing somewhere below a value. */
function mutate(value: unknown, random: () => number, levels = 20): unknown {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
  if (levels === 0 || random() < 0.15 || typeof value !== "object" || value === null) return pick(values);
  if (Array.isArray(value)) {
    const at = Math.floor(random() * value.length);
    if (random() < 0.2) return [...value, pick(values)];
    return value.map((item: unknown, index) => index === at ? mutate(item, random, levels - 1) : item);
  }
  const key = pick(Object.keys(value));
  if (key === undefined || !isRecord(value)) return value;
  if (random() < 0.15) return Object.fromEntries(Object.entries(value).filter(([each]) => each !== key));
  if (random() < 0.1) return { ...value, [`${key}x`]: pick(values) };
  return { ...value, [key]: mutate(value[key], random, levels - 1) };
}

/** The victim with up to three things wrong in what it says. */
function mutated(victim: Record<string, unknown>, random: () => number, times: number): Record<string, unknown> {
  const { apiVersion, kind, metadata, ...content } = victim;
  let changed: unknown = content;
  for (let round = 0; round < times; round++) changed = mutate(changed, random);
  return { ...(isRecord(changed) ? changed : {}), apiVersion, kind, metadata };
}

const isOfVictim = ({ source }: Problem) =>
  source?.type === "object" && (source.name === "victim" || source.name === "default");

function healthyParts({ configuration }: ProviderState): string {
  const parts = [configuration.http, configuration.tcp, configuration.udp, configuration.tls].flatMap((half) =>
    Object.values(half ?? {}).flatMap((section: object) => Object.entries(section))
  );
  return JSON.stringify(parts.filter(([key]) => String(key).includes("/ok")));
}

test(`translate() outlives ${RUNS} mutated objects, names each fault, and keeps all other parts as they were`, () => {
  const healthy = [web, slice("10.0.0.1"), ...Array.from({ length: 20 }, (_, index) => route(`ok${index}`))];
  const { store, translate } = followed([...healthy, ...victims.filter(({ kind }) => kind !== "Middleware")]);
  const before = translate();
  const expected = healthyParts(before);
  assert.match(expected, /ok19/);
  const random = createRandom(42);
  let faults = 0;
  for (let run = 0; run < RUNS; run++) {
    const victim = victims[run % victims.length] ?? {};
    const bad = mutated(victim, random, 1 + run % 3);
    const told = () => inspect(bad, { depth: 10, maxStringLength: 50, breakLength: 200 });
    const formal = validateObject(bad, middlewareSchemas, tcpMiddlewareSchemas)
      .filter(({ severity }) => severity === "error");
    put(store, bad, 1000 + run);
    const state = translate();
    assert.ok(healthyParts(state) === expected, `run ${run}: ${told()}`);
    const named = state.problems.filter(isOfVictim);
    assert.deepEqual(named.filter(({ code }) => code === "internal-error"), [], `run ${run}`);
    assert.deepEqual(named.filter(({ message }) => message.length > 2000).map(({ code }) => code), [], `run ${run}`);
    // Built-in objects are judged when somebody refers to them; what nobody reads harms nobody.
    if (formal.length > 0 && bad["apiVersion"] === traefik.apiVersion) {
      faults++;
      const fields = named.filter(({ severity, path }) => severity === "error" && (path ?? []).length > 0);
      assert.ok(fields.length > 0, `run ${run}: ${formal[0]?.message}: ${told()}`);
    }
    if (run % 100 === 0) {
      const fresh = translateCrd(store, defaultOptions, fullParser());
      assert.ok(sameValue(state, fresh), `run ${run}: what is remembered must be what is: ${told()}`);
    }
    put(store, victim, 100_000 + run);
  }
  assert.ok(faults > RUNS / 4, `only ${faults} faults`);
});

test("validateObject() takes 10,000 levels of nesting", () => {
  for (const { kind } of victims.filter(({ apiVersion }) => apiVersion === traefik.apiVersion)) {
    const manifest = { ...traefik, kind, spec: deep(10_000) };
    assert.ok(validateObject(manifest, middlewareSchemas, tcpMiddlewareSchemas).length > 0, String(kind));
  }
});
