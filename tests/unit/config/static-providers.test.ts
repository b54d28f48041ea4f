// Options of the Kubernetes providers about what they write.

import assert from "node:assert/strict";
import { test } from "node:test";
import { buildStatic } from "../../../src/config/load-static.ts";
import { parseFlags } from "../../../src/config/flags.ts";

const build = (...flags: readonly string[]) => buildStatic([parseFlags(flags).layer]);

test("providersSchema has client-go's times for the leader election, and writes Events", () => {
  const { configuration } = build("--providers.kubernetescrd");
  const { events, leaderElection } = configuration?.providers.kubernetesCRD ?? {};
  assert.equal(events, true);
  assert.deepEqual(leaderElection, { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 });
});

test("providersSchema takes the lease's name, namespace and times, and the address to publish", () => {
  const prefix = "--providers.kubernetesingress";
  const { configuration, problems } = build(
    `${prefix}.events=false`,
    `${prefix}.leaderelection.leasename=edge`,
    `${prefix}.leaderelection.leasenamespace=ops`,
    `${prefix}.leaderelection.leaseduration=30s`,
    `${prefix}.leaderelection.renewdeadline=20`,
    `${prefix}.ingressendpoint.publishedservice=ops/edge`,
  );
  assert.deepEqual(problems, [], "and none of them is without effect");
  const { events, leaderElection, ingressEndpoint } = configuration?.providers.kubernetesIngress ?? {};
  assert.equal(events, false);
  assert.deepEqual(leaderElection, {
    leaseName: "edge",
    leaseNamespace: "ops",
    leaseDuration: 30_000,
    renewDeadline: 20_000,
    retryPeriod: 2_000,
  });
  assert.deepEqual(ingressEndpoint, { publishedService: "ops/edge" });
});

for (
  const [flag, text] of [
    ["leaseduration=5s", /"leaseDuration" must be longer than "renewDeadline"/],
    ["retryperiod=9s", /"renewDeadline" must be longer than 1.2 times "retryPeriod"/],
    ["retryperiod=0", /which must not be 0/],
  ] as const
) {
  test(`providersSchema refuses leaderElection.${flag}, by which two could lead or none for long`, () => {
    const { configuration, problems } = build(`--providers.kubernetescrd.leaderelection.${flag}`);
    assert.equal(configuration, undefined);
    assert.match(problems.map(({ message }) => message).join("\n"), text);
  });
}
