// One bad object must not disturb the others: mutated objects never throw, and never change what the rest becomes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { middlewareSchemas } from "../../../../../src/middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../../../../../src/middleware/tcp/schemas.ts";
import { validateObject } from "../../../../../src/provider/kubernetes/crd/schemas.ts";
import { translateCrd } from "../../../../../src/provider/kubernetes/crd/translate.ts";
import { sameValue } from "../../../../../src/provider/kubernetes/store/same-value.ts";
import type { ProviderState } from "../../../../../src/provider/provider.ts";
import type { Problem } from "../../../../../src/schema/problem.ts";
import { createRandom, deep, mutated, victims } from "../../../../support/mutated-objects.ts";
import { route, slice, web } from "../harness.ts";
import { put } from "../objects.ts";
import { defaultOptions, followed, fullParser } from "../translators.ts";

const RUNS = 2000;
const traefik = { apiVersion: "traefik.io/v1alpha1", metadata: { name: "victim" } };

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
    const bad = mutated(victim, { random }, 1 + run % 3);
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
