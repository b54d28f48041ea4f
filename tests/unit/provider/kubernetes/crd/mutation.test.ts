// One bad object must not disturb the others: mutated objects never throw, and never change what the rest becomes.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpRouter } from "../../../../../src/config/dynamic.ts";
import { createCrdParser } from "../../../../../src/provider/kubernetes/crd/parser.ts";
import { translateCrd } from "../../../../../src/provider/kubernetes/crd/translate.ts";
import { validateObject } from "../../../../../src/provider/kubernetes/crd/schemas.ts";
import { isRecord } from "../../../../../src/provider/kubernetes/store/object.ts";
import { route, slice, web } from "../harness.ts";
import { put, storeOf, testMiddlewares } from "../objects.ts";

const options = {
  ingressClass: "",
  allowCrossNamespace: false,
  allowExternalNameServices: false,
  allowEmptyServices: undefined,
  nativeLBByDefault: false,
};

const traefik = { apiVersion: "traefik.io/v1alpha1" };

/** Rich objects, to be mutated; none has a name that the others refer to. */
const victims: readonly Record<string, unknown>[] = [
  {
    ...traefik,
    kind: "IngressRoute",
    metadata: { name: "victim" },
    spec: {
      entryPoints: ["web"],
      routes: [{
        match: "Host(`victim`)",
        kind: "Rule",
        priority: 3,
        syntax: "v3",
        middlewares: [{ name: "m", namespace: "default" }],
        services: [{
          name: "web",
          port: 80,
          weight: 1,
          sticky: { cookie: { name: "c" } },
          healthCheck: { interval: "5s" },
        }],
      }],
      tls: { options: { name: "o" }, domains: [{ main: "a", sans: ["b"] }] },
    },
  },
  {
    ...traefik,
    kind: "TraefikService",
    metadata: { name: "victim" },
    spec: { mirroring: { name: "web", port: 80, mirrors: [{ name: "web", port: 80, percent: 10 }], maxBodySize: 5 } },
  },
  {
    ...traefik,
    kind: "TraefikService",
    metadata: { name: "victim2" },
    spec: {
      failover: {
        service: { name: "web", port: 80 },
        fallback: { name: "web", port: 80 },
        errors: { status: ["500"] },
      },
    },
  },
  { ...traefik, kind: "Middleware", metadata: { name: "victim" }, spec: { stripPrefix: { prefixes: ["/a"] } } },
  {
    ...traefik,
    kind: "ServersTransport",
    metadata: { name: "victim" },
    spec: { forwardingTimeouts: { dialTimeout: "1s" } },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "victim" },
    spec: { type: "ClusterIP", ports: [{ name: "a", port: 80 }] },
  },
  { ...slice("10.0.0.9"), metadata: { name: "victim", labels: { "kubernetes.io/service-name": "victim" } } },
];

const values: readonly unknown[] = [null, true, -1, 1.5, 1e300, "", "x".repeat(100_000), "__proto__", [], {}, [[]], {
  a: { b: 1 },
}];

/** A small generator of the same numbers at every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Replaces, removes or adds one thing somewhere below a value. */
function mutate(value: unknown, random: () => number): unknown {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
  if (random() < 0.15 || typeof value !== "object" || value === null) return pick(values);
  if (Array.isArray(value)) {
    const at = Math.floor(random() * value.length);
    if (random() < 0.2) return [...value, pick(values)];
    return value.map((item: unknown, index) => index === at ? mutate(item, random) : item);
  }
  const key = pick(Object.keys(value));
  if (key === undefined || !isRecord(value)) return value;
  if (random() < 0.15) return Object.fromEntries(Object.entries(value).filter(([each]) => each !== key));
  if (random() < 0.1) return { ...value, [`${key}x`]: pick(values) };
  return { ...value, [key]: mutate(value[key], random) };
}

function deep(levels: number): unknown {
  let value: unknown = "x";
  for (let level = 0; level < levels; level++) value = { weighted: { services: [value] } };
  return value;
}

test("translateCrd() outlives 2,000 mutated objects and keeps every other router as it was", () => {
  const healthy = [web, slice("10.0.0.1"), ...Array.from({ length: 20 }, (_, index) => route(`ok${index}`))];
  const store = storeOf(healthy);
  const parser = createCrdParser(testMiddlewares);
  const routers = (): Readonly<Record<string, HttpRouter>> =>
    translateCrd(store, options, parser).configuration.http.routers;
  const expected = JSON.stringify(routers());
  const random = createRandom(42);
  for (let run = 0; run < 2000; run++) {
    const victim = victims[run % victims.length] ?? {};
    let mutated = victim;
    for (let times = 0; times <= run % 3; times++) {
      const spec = mutate(victim["spec"] ?? { endpoints: victim["endpoints"] }, random);
      mutated = "spec" in victim ? { ...mutated, spec } : { ...mutated, ...(isRecord(spec) ? spec : {}) };
    }
    validateObject(mutated, testMiddlewares);
    const remove = put(store, mutated, 1000 + run);
    const others = Object.entries(routers()).filter(([key]) => !key.includes("/victim/"));
    remove();
    assert.equal(JSON.stringify(Object.fromEntries(others)), expected, JSON.stringify(mutated).slice(0, 500));
  }
});

test("validateObject() takes 2,000 levels of nesting", () => {
  const manifest = { ...traefik, kind: "TraefikService", metadata: { name: "deep" }, spec: deep(2000) };
  assert.ok(validateObject(manifest).length > 0);
});
