// Which replica writes: one at a time, the next one when the lease is free or over, and at once after a graceful stop.

import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "../../../../../src/provider/kubernetes/client/kube-error.ts";
import { Election, type ElectionTiming } from "../../../../../src/provider/kubernetes/write-back/election.ts";
import { readLease, toMicroTime } from "../../../../../src/provider/kubernetes/write-back/lease.ts";
import { failure, TestApi } from "./support.ts";

const LEASE = "/apis/coordination.k8s.io/v1/namespaces/default/leases/weir";
const TIMING: ElectionTiming = { leaseMs: 1_000, renewMs: 400, retryMs: 30 };

function candidate(kube: TestApi, identity: string, namespace: string | (() => string) = "default"): Election {
  const named = typeof namespace === "string" ? () => namespace : namespace;
  return new Election({
    client: kube.client({ reprobeMs: 60 }),
    namespace: async () => await named(),
    name: "weir",
    identity,
    timing: TIMING,
    logger: kube.logger,
    changed: () => kube.look(),
  });
}

const leaseOf = async (kube: TestApi) => readLease(await kube.ask("GET", LEASE));

test("Election creates the lease, renews it, and leaves the other replica waiting", async () => {
  const kube = new TestApi();
  const [one, two] = [candidate(kube, "one"), candidate(kube, "two")];
  one.start();
  await kube.until(() => one.standing === "leading");
  two.start();
  await kube.until(() => kube.count("PUT", /leases/) >= 3 && kube.count("GET", /leases/) >= 3);
  assert.equal(two.standing, "waiting");
  const lease = await leaseOf(kube);
  assert.deepEqual([lease.holder, lease.transitions, lease.durationMs], ["one", 0, 1_000]);
  assert.match(lease.renewTime, /\.\d{6}Z$/);
  await two.stop();
  await one.stop();
});

test("Election gives the lease away at its end, and the next one need not wait", async () => {
  const kube = new TestApi();
  const [one, two] = [candidate(kube, "one"), candidate(kube, "two")];
  one.start();
  await kube.until(() => one.standing === "leading");
  two.start();
  await kube.until(() => kube.count("GET", /leases/) >= 2);
  await one.stop();
  assert.equal(one.standing, "waiting");
  assert.equal((await leaseOf(kube)).holder, "");
  const begin = performance.now();
  await kube.until(() => two.standing === "leading");
  assert.ok(performance.now() - begin < TIMING.leaseMs / 2);
  assert.equal((await leaseOf(kube)).transitions, 1);
  await two.stop();
});

test("Election takes over from a holder that says nothing for the whole duration, and not before", async () => {
  const kube = new TestApi();
  const spec = { holderIdentity: "dead", leaseDurationSeconds: 1, renewTime: toMicroTime(new Date(0)) };
  const metadata = { name: "weir", namespace: "default" };
  await kube.ask("POST", LEASE.replace(/\/weir$/, ""), {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata,
    spec,
  });
  const begin = performance.now();
  const one = candidate(kube, "one");
  one.start();
  await kube.until(() => one.standing === "leading");
  // its clock may be hours off: the time it wrote says nothing
  assert.ok(performance.now() - begin >= TIMING.leaseMs);
  await one.stop();
});

test("Election stops writing when the API is away for the renew deadline, and leads again after", async () => {
  const kube = new TestApi();
  const one = candidate(kube, "one");
  one.start();
  await kube.until(() => one.standing === "leading");
  kube.fault = () => {
    throw new Error("connection refused");
  };
  await kube.until(() => kube.log.some((line) => /lost the lease/.test(line)));
  assert.equal(one.standing, "waiting");
  kube.fault = undefined;
  await kube.until(() => one.standing === "leading");
  assert.equal((await leaseOf(kube)).transitions, 0, "nobody else had it meanwhile");
  await one.stop();
});

test("Election loses to somebody who wrote the lease meanwhile", async () => {
  const kube = new TestApi();
  const one = candidate(kube, "one");
  one.start();
  await kube.until(() => one.standing === "leading");
  await kube.ask("PATCH", LEASE, { spec: { holderIdentity: "two", leaseDurationSeconds: 60 } });
  await kube.until(() => one.standing === "waiting");
  await one.stop();
  assert.equal((await leaseOf(kube)).holder, "two", "what is another's is not given away");
});

test("Election asks again for a namespace that it could not be told", async () => {
  const kube = new TestApi();
  let asked = 0;
  const one = candidate(kube, "one", () => {
    if (++asked === 1) throw new KubeError("no such kubeconfig", { failure: "misconfigured" });
    return "default";
  });
  one.start();
  await kube.until(() => one.standing === "leading");
  assert.equal(asked, 2, "known once, it stays");
  await one.stop();
});

test("Election without the right, or without the namespace, says so and lets harmless things be written", async () => {
  const rows = [
    { fault: () => failure(403, "Forbidden"), code: "kube-forbidden", hint: /leases.*"get", "create", "update"/ },
    { namespace: "nowhere", code: "kube-no-lease", hint: /leaderElection\.leaseNamespace/ },
  ];
  for (const { fault, namespace, code, hint } of rows) {
    const kube = new TestApi();
    kube.fault = fault;
    const one = candidate(kube, "one", namespace);
    one.start();
    await kube.until(() => one.standing === "alone");
    assert.equal(one.problem?.code, code);
    assert.match(one.problem?.hint ?? "", hint);
    if (fault !== undefined) {
      kube.fault = undefined;
      await kube.until(() => one.standing === "leading");
      assert.equal(one.problem, undefined);
    }
    await one.stop();
  }
});

test("Election leaves the holder's name out where a server takes no empty one", async () => {
  const kube = new TestApi();
  const one = candidate(kube, "one");
  one.start();
  await kube.until(() => one.standing === "leading");
  const bodies: string[] = [];
  kube.fault = (method) => {
    if (method !== "PUT" || kube.seen.at(-1)?.status === 422) return undefined;
    bodies.push(method);
    return failure(422, "Invalid");
  };
  await one.stop();
  const last = kube.seen.at(-1);
  assert.equal(last?.status, 200);
  assert.doesNotMatch(last?.body ?? "", /holderIdentity/);
});
