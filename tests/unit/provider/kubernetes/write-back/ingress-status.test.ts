// Statuses of Ingresses: written where they differ, few at a time, and with every way in which that can fail.

import assert from "node:assert/strict";
import { test } from "node:test";
import { INGRESS } from "../../../../../src/provider/kubernetes/ingress/kinds.ts";
import { toKubeObject } from "../../../../../src/provider/kubernetes/store/object.ts";
import { KubeStore } from "../../../../../src/provider/kubernetes/store/store.ts";
import { IngressStatus } from "../../../../../src/provider/kubernetes/write-back/ingress-status.ts";
import type { PublishedAddress } from "../../../../../src/provider/kubernetes/write-back/load-balancer.ts";
import { failure, type Json, TestApi } from "./support.ts";

const BASE = "/apis/networking.k8s.io/v1/namespaces/default/ingresses";
const RESOURCE = { group: "networking.k8s.io", version: "v1", kind: "Ingress", plural: "ingresses", labelled: false };
const NAMES = { apiVersion: "networking.k8s.io/v1", kind: "Ingress" };

/** Ingresses in an API, a store that holds what a watch would have brought, and what writes them. */
class Scene {
  readonly kube = new TestApi();
  readonly store = new KubeStore(() => {});
  readonly status: IngressStatus;
  addresses: readonly PublishedAddress[] | undefined = [{ ip: "10.1.1.1" }];
  mayWrite = true;
  readonly names: string[];

  constructor(...names: readonly string[]) {
    this.names = [...names];
    this.status = new IngressStatus({
      client: this.kube.client({ reprobeMs: 40 }),
      mayWrite: () => this.mayWrite,
      addresses: () => this.addresses,
      changed: () => this.kube.look(),
    });
  }

  async create(): Promise<void> {
    const spec = { defaultBackend: { service: { name: "web", port: { number: 80 } } } };
    for (const name of this.names) await this.kube.ask("POST", BASE, { ...NAMES, metadata: { name }, spec });
    await this.watched();
  }

  /** As if the watch had brought what the API holds now. */
  async watched(): Promise<void> {
    for (const name of this.names) {
      const object = toKubeObject(await this.kube.ask("GET", `${BASE}/${name}`), NAMES);
      if (object !== undefined) this.store.sink(RESOURCE, undefined).upsert(object);
    }
  }

  update(): boolean {
    return this.status.update(this.store, this.names.map((name) => ({ namespace: "default", name })));
  }

  get puts(): number {
    return this.kube.count("PUT", /\/status$/);
  }

  async addressOf(name: string): Promise<unknown> {
    const ingress: { status?: { loadBalancer?: Json } } = await this.kube.ask("GET", `${BASE}/${name}`);
    return ingress.status?.loadBalancer?.["ingress"];
  }
}

async function withScene(names: readonly string[], body: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = new Scene(...names);
  await scene.create();
  try {
    await body(scene);
  } finally {
    await scene.status.stop();
  }
}

test("IngressStatus writes each Ingress once, and nothing that is there already", () =>
  withScene(["a", "b"], async (scene) => {
    assert.equal(scene.update(), true);
    await scene.kube.until(() => scene.puts === 2);
    assert.equal(scene.update(), false, "the watch has not brought it yet");
    assert.deepEqual(await scene.addressOf("a"), [{ ip: "10.1.1.1" }]);
    await scene.watched();
    assert.equal(scene.update(), false);
    assert.equal(scene.puts, 2);
    assert.ok(scene.store.get(INGRESS, "default", "a"));
  }));

test("IngressStatus follows new addresses, and writes nothing while there are none", () =>
  withScene(["a"], async (scene) => {
    scene.addresses = undefined;
    assert.equal(scene.update(), false);
    scene.addresses = [{ hostname: "lb.test" }];
    assert.equal(scene.status.look(), true);
    await scene.kube.until(() => scene.puts === 1);
    scene.addresses = [{ ip: "10.1.1.2" }];
    scene.status.look(); // with the object of before: the API says 409, and what it has now is taken
    await scene.kube.until(() => scene.kube.seen.filter(({ status }) => status === 200).length >= 3);
    assert.deepEqual(await scene.addressOf("a"), [{ ip: "10.1.1.2" }]);
    assert.equal(scene.kube.count("GET", /ingresses\/a$/), 1);
  }));

test("IngressStatus never has more than four requests under way", () =>
  withScene(Array.from({ length: 30 }, (_, index) => `i${index}`), async (scene) => {
    let [open, most] = [0, 0];
    const fetch = scene.kube.api.fetch;
    scene.kube.api.fetch = async (request) => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 1));
      open--;
      return await fetch(request);
    };
    scene.update();
    await scene.kube.until(() => scene.puts === 30);
    assert.equal(most, 4);
  }));

test("IngressStatus gives up after five conflicts in a row, for a while", () =>
  withScene(["a"], async (scene) => {
    scene.kube.fault = (method) => method === "PUT" ? failure(409, "Conflict") : undefined;
    scene.update();
    await scene.kube.until(() => scene.puts === 5);
    assert.equal(scene.kube.count("GET", /./), 4);
  }));

test("IngressStatus takes an Ingress that is gone, or has another class meanwhile, as done", () =>
  withScene(["gone", "moved"], async (scene) => {
    await scene.kube.ask("DELETE", `${BASE}/gone`);
    await scene.kube.ask("PATCH", `${BASE}/moved`, { spec: { ingressClassName: "other" } });
    scene.update();
    await scene.kube.until(() => scene.kube.count("GET", /moved$/) === 1 && scene.kube.count("PUT", /gone/) === 1);
    assert.equal(scene.puts, 2);
    assert.equal(await scene.addressOf("moved"), undefined);
    assert.deepEqual(scene.status.problems, []);
  }));

test("IngressStatus names the missing rule once, asks seldom, and goes on when it is given", () =>
  withScene(["a", "b", "c", "d", "e", "f"], async (scene) => {
    scene.kube.fault = (method) => method === "PUT" ? failure(403, "Forbidden") : undefined;
    scene.update();
    await scene.kube.until(() => scene.status.problems.length > 0);
    const [problem] = scene.status.problems;
    assert.match(problem?.message ?? "", /refuses to update the status of Ingresses in the namespace "default"/);
    assert.match(problem?.hint ?? "", /resources: \["ingresses\/status"\], verbs: \["update"\]/);
    assert.ok(scene.puts <= 4, `${scene.puts} requests to be refused`);
    scene.kube.fault = undefined;
    await scene.kube.until(() => scene.kube.seen.filter(({ status }) => status === 200).length === 6);
    assert.deepEqual(scene.status.problems, []);
  }));

test("IngressStatus sends what the server refuses once, and again only when it is something else", () =>
  withScene(["a"], async (scene) => {
    scene.addresses = [{ ip: "no address" }];
    scene.kube.fault = (method) => method === "PUT" ? failure(422, "Invalid", "must be an IP address") : undefined;
    scene.update();
    await scene.kube.until(() => scene.status.problems.length === 1);
    assert.match(scene.status.problems[0]?.message ?? "", /must be an IP address/);
    assert.equal(scene.update(), false);
    scene.kube.fault = undefined;
    scene.addresses = [{ ip: "10.1.1.3" }];
    scene.update();
    await scene.kube.until(() => scene.puts === 2);
    assert.deepEqual(scene.status.problems, []);
  }));

test("IngressStatus writes nothing until it may, and then everything", () =>
  withScene(["a", "b"], async (scene) => {
    scene.mayWrite = false;
    assert.equal(scene.update(), true);
    assert.equal(scene.puts, 0);
    scene.mayWrite = true;
    scene.status.look();
    await scene.kube.until(() => scene.puts === 2);
  }));

test("IngressStatus waits longer each time somebody else writes over it", () =>
  withScene(["a"], async (scene) => {
    for (let round = 1; round <= 2; round++) {
      scene.update();
      await scene.kube.until(() => scene.puts === round);
      await scene.kube.ask("PATCH", `${BASE}/a/status`, { status: { loadBalancer: { ingress: [{ ip: "6.6.6.6" }] } } });
      await scene.watched();
    }
    const begin = performance.now();
    scene.update();
    await scene.kube.until(() => scene.puts === 3);
    assert.ok(performance.now() - begin > 800, "about a second");
  }));
