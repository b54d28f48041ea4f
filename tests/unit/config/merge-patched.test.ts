// Merging a section that says what changed in it: the outcome is that of a merge that knows nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyConfiguration, type HttpConfiguration, type HttpService } from "../../../src/config/dynamic.ts";
import { mergeConfigurations, MergeMemory } from "../../../src/config/merge.ts";
import { patchRecord } from "../../../src/config/patched-record.ts";
import type { ProviderInput } from "../../../src/config/reference-resolver.ts";

function provider(http: Partial<HttpConfiguration>): ProviderInput {
  return { configuration: { http: { ...emptyConfiguration.http, ...http } }, problems: [] };
}

function balancer(url: string, displayName: string): HttpService {
  const servers = [{ url, weight: 1, preservePath: false }];
  return { kind: "loadBalancer", servers, strategy: "wrr", passHostHeader: true, displayName };
}

const services: Record<string, HttpService> = {
  c: balancer("http://c", "c"),
  a: balancer("http://a", "a"),
  b: balancer("http://b", "b"),
};
const routers = { r: { rule: "x", service: "b" }, s: { rule: "y", service: "b" } };
const file = provider({ services: { a: balancer("http://file", "a") } });

/** Merges twice with one memory, and the second state with none. */
function mergeTwice(first: ProviderInput, second: ProviderInput) {
  const memory = new MergeMemory();
  const states = (state: ProviderInput) => new Map([["kubernetescrd", state], ["file", file]]);
  const before = mergeConfigurations(states(first), [], memory);
  const after = mergeConfigurations(states(second), [], memory);
  const again = mergeConfigurations(states(second), [], memory);
  return { before, after, again, fresh: mergeConfigurations(states(second)) };
}

const changes: readonly [what: string, changed: ReadonlyMap<string, HttpService>][] = [
  ["one part", new Map([["a", balancer("http://other", "a")]])],
  ["all parts", new Map(Object.keys(services).map((key) => [key, balancer("http://other", key)]))],
  ["a part's display name", new Map([["a", balancer("http://a", "b")]])],
  ["nothing", new Map()],
];

for (const [what, changed] of changes) {
  test(`mergeConfigurations() follows a patch of ${what} to the same outcome`, () => {
    const second = provider({ services: patchRecord(services, changed), routers });
    const { before, after, again, fresh } = mergeTwice(provider({ services, routers }), second);
    assert.deepEqual(after, fresh);
    assert.deepEqual(Object.keys(after.http.services), Object.keys(fresh.http.services));
    assert.equal(after.http.services["c@kubernetescrd"] === before.http.services["c@kubernetescrd"], !changed.has("c"));
    assert.equal(after.http.services["a@file"], before.http.services["a@file"]);
    assert.equal(again.http.services, after.http.services);
  });
}

test("mergeConfigurations() does not take a patch for the step from another record", () => {
  const skipped = patchRecord(services, new Map([["a", balancer("http://first", "a")]]));
  const second = patchRecord(skipped, new Map([["b", balancer("http://second", "b")]]));
  const { after, fresh } = mergeTwice(provider({ services, routers }), provider({ services: second, routers }));
  assert.deepEqual(after, fresh);
});

test("mergeConfigurations() reports an ambiguous reference of a patched part by each merge", () => {
  const twins = { one: balancer("http://one", "twin"), two: balancer("http://two", "twin"), ...services };
  const first = provider({ services: twins, routers });
  const changed = patchRecord(routers, new Map([["r", { rule: "x", service: "twin" }]]));
  const { before, after, again, fresh } = mergeTwice(first, provider({ services: twins, routers: changed }));
  assert.deepEqual(before.problems, []);
  assert.equal(after.problems.length, 1);
  assert.deepEqual(after, fresh);
  assert.deepEqual(again.problems, after.problems);
});

test("mergeConfigurations() merges whole sections again after patches", () => {
  const memory = new MergeMemory();
  const merge = (each: Record<string, HttpService>) =>
    mergeConfigurations(new Map([["kubernetescrd", provider({ services: each })]]), [], memory);
  merge(services);
  merge(patchRecord(services, new Map([["a", balancer("http://other", "a")]])));
  const back = merge({ ...services });
  assert.deepEqual(back, mergeConfigurations(new Map([["kubernetescrd", provider({ services })]])));
});
