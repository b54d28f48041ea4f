// Mutated Ingresses never throw, are named, and do no harm to others; and what a change costs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isRecord } from "../../../../../src/provider/kubernetes/store/object.ts";
import { createIngresses } from "./support.ts";

const SEED = 20_261_120;
const ROUNDS = 2_000;

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", annotations: { "traefik.ingress.kubernetes.io/affinity": "true" } },
  spec: { ports: [{ port: 80 }] },
};

function ingress(name: string, host: string) {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      name,
      annotations: {
        "traefik.ingress.kubernetes.io/router.priority": "7",
        "ingress.kubernetes.io/rewrite-target": "/x",
        "ingress.kubernetes.io/custom-request-headers": "A:1",
        "ingress.kubernetes.io/service-weights": "web: 100%",
      },
    },
    spec: {
      ingressClassName: undefined,
      tls: [{ hosts: [host], secretName: "none" }],
      defaultBackend: { service: { name: "web", port: { number: 80 } } },
      rules: [{
        host,
        http: {
          paths: [{ path: "/a", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } }],
        },
      }],
    },
  };
}

/** A small generator of numbers, so that a failure can be had again. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % limit;
  };
}

const big = "x".repeat(1_048_576);
const values: readonly unknown[] = [
  null,
  undefined,
  0,
  -1,
  1.5,
  "",
  "x",
  "`",
  "\ud800",
  true,
  [],
  {},
  [null],
  big,
  deep(),
];

function deep(): unknown {
  let tree: unknown = "leaf";
  for (let level = 0; level < 10_000; level++) tree = { a: tree };
  return tree;
}

/** A copy with one random place set to a random value. */
function mutate(value: unknown, random: (limit: number) => number): unknown {
  const isList = Array.isArray(value);
  const keys = isList ? value.map((_, index) => String(index)) : isRecord(value) ? Object.keys(value) : [];
  const key = keys[random(Math.max(1, keys.length))];
  if (key === undefined || random(4) === 0) return values[random(values.length)];
  if (isList) return value.map((item, index) => String(index) === key ? mutate(item, random) : item);
  return isRecord(value) ? { ...value, [key]: mutate(value[key], random) } : value;
}

test(`${ROUNDS} mutated Ingresses are translated without harm to another one`, () => {
  const random = createRandom(SEED);
  const ingresses = createIngresses();
  ingresses.put(service);
  ingresses.put(ingress("healthy", "healthy.example"));
  const healthy = () =>
    Object.entries(ingresses.state().configuration.http.routers).filter(([key]) =>
      key.startsWith("Ingress/default/healthy/")
    );
  const before = healthy();
  assert.equal(before.length, 2);
  for (let round = 0; round < ROUNDS; round++) {
    const { spec, metadata } = ingress("mutant", "mutant.example");
    const isSpec = random(3) > 0;
    const annotations = isSpec ? metadata.annotations : mutate(metadata.annotations, random);
    const mutant = {
      apiVersion: random(2) === 0 ? "networking.k8s.io/v1" : "extensions/v1beta1",
      kind: "Ingress",
      metadata: { ...metadata, annotations },
      spec: isSpec ? mutate(spec, random) : spec,
    };
    ingresses.put(mutant);
    const { problems } = ingresses.state();
    assert.ok(
      problems.every(({ code }) => code !== "internal-error"),
      `round ${round}: ${JSON.stringify(problems).slice(0, 500)}`,
    );
    for (const { source } of problems) {
      assert.ok(source?.type === "object", `round ${round}: a problem without an object`);
    }
  }
  assert.deepEqual(healthy(), before);
});

test("a change of one of 10,000 Ingresses is translated alone, and everything else stays the same in memory", () => {
  const ingresses = createIngresses();
  ingresses.put(service);
  for (let index = 0; index < 10_000; index++) ingresses.put(ingress(`i${index}`, `h${index}.example`));
  const before = ingresses.state().configuration.http;
  ingresses.put(ingress("i5000", "changed.example"));
  const started = performance.now();
  const after = ingresses.state().configuration.http;
  const took = performance.now() - started;
  const changed = Object.keys(after.routers).filter((key) => after.routers[key] !== before.routers[key]);
  assert.deepEqual(changed.map((key) => key.split("/")[2]), ["i5000", "i5000"]);
  assert.equal(after.services, before.services);
  assert.ok(took < 1_000, `${took.toFixed(0)} ms`); // a loaded machine; some ten on a quiet one
});

const WHOLE = { service: { name: "web", port: { number: 80 } } };

const regressions: readonly (readonly [issue: string, spec: unknown, routers: number, code: string])[] = [
  [
    "traefik#13481: a path whose Service has no port",
    { rules: [rule({ service: { name: "web" } })] },
    1,
    "missing-field",
  ],
  ["traefik#12509: an empty default backend", { defaultBackend: {} }, 1, "missing-field"],
  [
    "traefik#11777: a resource as default backend",
    { defaultBackend: { resource: { kind: "K", name: "n" } } },
    1,
    "resource-backend",
  ],
  ["a rule without http beside a default backend", { defaultBackend: WHOLE, rules: [{ host: "a.example" }] }, 1, ""],
  ["a rule with null paths", { rules: [{ host: "a.example", http: { paths: null } }] }, 0, "no-paths"],
];

for (const [issue, spec, routers, code] of regressions) {
  test(`${issue} closes that path alone`, () => {
    const ingresses = createIngresses();
    ingresses.put(service);
    const object = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "a" }, spec };
    ingresses.put(object);
    const { configuration, problems } = ingresses.state();
    const found = Object.values(configuration.http.routers);
    assert.equal(found.length, routers);
    assert.deepEqual(
      problems.filter((each) => each.code !== "legacy-annotation").map((each) => each.code),
      code === "" ? [] : [code],
    );
    const isError = problems.some(({ severity }) => severity === "error");
    assert.equal(found.some(({ defects }) => defects !== undefined), isError);
  });
}

function rule(backend: unknown) {
  return { host: "a.example", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } };
}
