// Events of faulty objects: once, counted when they come again, told when they go, and never more than is good.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Problem } from "../../../../../src/schema/problem.ts";
import type { KubeObject } from "../../../../../src/provider/kubernetes/store/object.ts";
import { toKubeObject } from "../../../../../src/provider/kubernetes/store/object.ts";
import {
  EventRecorder,
  type Fault,
  type FaultSource,
} from "../../../../../src/provider/kubernetes/write-back/event-recorder.ts";
import { failure, TestApi } from "./support.ts";

const EVENTS = "/api/v1/namespaces/default/events";
const NAMES = { apiVersion: "traefik.io/v1alpha1", kind: "IngressRoute" };
const missing: Problem = { severity: "error", code: "missing-service", message: "no Service", path: ["spec"] };
const bad: Problem = { severity: "error", code: "bad-rule", message: "no rule" };

interface EventJson {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly count: number;
  readonly involvedObject: { readonly name: string };
}

/** A recorder, and the objects it may find. */
class Scene implements FaultSource {
  readonly kube = new TestApi();
  readonly objects = new Map<string, KubeObject>();
  readonly recorder: EventRecorder;
  mayWrite = true;

  constructor(settleMs = 5, refreshMs = 60_000) {
    this.recorder = new EventRecorder({
      client: this.kube.client(),
      instance: "pod",
      mayWrite: () => this.mayWrite,
      changed: () => this.kube.look(),
      times: { settleMs, refreshMs, retryMs: 100 },
    });
  }

  put(name: string, generation = 1, uid = `u-${name}`): KubeObject {
    const metadata = { name, namespace: "default", uid, generation, resourceVersion: String(generation) };
    const object = toKubeObject({ ...NAMES, metadata }, NAMES);
    assert.ok(object);
    this.objects.set(name, object);
    return object;
  }

  newest(object: KubeObject): KubeObject | undefined {
    return this.objects.get(object.metadata.name);
  }

  isServed(): boolean {
    return true;
  }

  tell(...faults: readonly Fault[]): boolean {
    return this.recorder.update(this, faults);
  }

  get writes(): number {
    return this.kube.count("POST", /events$/) + this.kube.count("PATCH", /events\//);
  }

  async events(): Promise<string[]> {
    const list: { items?: readonly EventJson[] } = await this.kube.ask("GET", EVENTS);
    return (list.items ?? []).map(({ involvedObject: { name }, type, reason, count }) =>
      `${name} ${type} ${reason} ${count}`
    ).sort();
  }
}

async function withScene(scene: Scene, body: (scene: Scene) => Promise<void>): Promise<void> {
  try {
    await body(scene);
  } finally {
    await scene.recorder.stop();
  }
}

test("EventRecorder writes one event for each fault, however often it hears of it", () =>
  withScene(new Scene(), async (scene) => {
    const object = scene.put("a");
    const faults = [{ object, problem: missing }, { object, problem: bad }];
    assert.equal(scene.tell(...faults), true);
    for (let index = 0; index < 5; index++) scene.tell(...faults);
    await scene.kube.until(() => scene.writes === 2);
    scene.tell(...faults);
    assert.deepEqual(await scene.events(), ["a Warning BadRule 1", "a Warning MissingService 1"]);
    assert.equal(scene.writes, 2);
  }));

test("EventRecorder counts when somebody edits the object and the fault stays", () =>
  withScene(new Scene(), async (scene) => {
    scene.tell({ object: scene.put("a"), problem: missing });
    await scene.kube.until(() => scene.writes === 1);
    scene.tell({ object: scene.put("a", 2), problem: missing });
    await scene.kube.until(() => scene.writes === 2);
    assert.deepEqual(await scene.events(), ["a Warning MissingService 2"]);
  }));

test("EventRecorder takes a fault whose hint names other neighbours now for the same, and tells the new hint next", () =>
  withScene(new Scene(), async (scene) => {
    scene.tell({ object: scene.put("a"), problem: { ...missing, hint: "known: b" } });
    await scene.kube.until(() => scene.writes === 1);
    const fault = { object: scene.put("a"), problem: { ...missing, hint: "known: b, c" } };
    scene.tell(fault);
    scene.tell({ ...fault, object: scene.put("a", 2) });
    await scene.kube.until(() => scene.writes === 2);
    assert.deepEqual(await scene.events(), ["a Warning MissingService 2"]);
    const list: { items?: readonly EventJson[] } = await scene.kube.ask("GET", EVENTS);
    assert.deepEqual(list.items?.map(({ message }) => message), ["no Service (known: b, c)"]);
  }));

test("EventRecorder says once that an object is well again, and counts a fault that comes back", () =>
  withScene(new Scene(), async (scene) => {
    const object = scene.put("a");
    scene.tell({ object, problem: missing }, { object, problem: bad });
    await scene.kube.until(() => scene.writes === 2);
    scene.tell({ object, problem: bad });
    assert.equal(scene.tell(), false);
    scene.tell();
    await scene.kube.until(() => scene.writes === 3);
    scene.tell({ object, problem: missing });
    await scene.kube.until(() => scene.writes === 4);
    assert.deepEqual(await scene.events(), [
      "a Normal Recovered 1",
      "a Warning BadRule 1",
      "a Warning MissingService 2",
    ]);
  }));

test("EventRecorder says nothing of faults that pass at once, nor of objects that are gone", () =>
  withScene(new Scene(40), async (scene) => {
    scene.tell({ object: scene.put("brief"), problem: missing }, { object: scene.put("gone"), problem: missing }, {
      object: scene.put("stays"),
      problem: missing,
    });
    scene.objects.delete("gone");
    scene.tell({ object: scene.put("stays"), problem: missing });
    await scene.kube.until(() => scene.writes === 1);
    scene.objects.delete("stays");
    scene.tell();
    scene.tell({ object: scene.put("last"), problem: missing });
    await scene.kube.until(() => scene.writes === 2);
    assert.deepEqual(await scene.events(), ["last Warning MissingService 1", "stays Warning MissingService 1"]);
  }));

test("EventRecorder repeats what lasts, as servers forget events, and makes them anew", () =>
  withScene(new Scene(1, 30), async (scene) => {
    scene.tell({ object: scene.put("a"), problem: missing });
    await scene.kube.until(() => scene.writes === 2);
    await scene.kube.ask("DELETE", EVENTS);
    await scene.kube.until(() => scene.kube.count("POST", /events$/) === 2);
    scene.mayWrite = false;
    assert.match((await scene.events()).join(), /^a Warning MissingService [3-9]$/);
  }));

test("EventRecorder finds the event of the leader before it, and leaves its count", () =>
  withScene(new Scene(), async (scene) => {
    scene.tell({ object: scene.put("a"), problem: missing });
    await scene.kube.until(() => scene.writes === 1);
    scene.mayWrite = false;
    scene.recorder.look();
    scene.mayWrite = true;
    scene.recorder.look();
    await scene.kube.until(() => scene.writes === 3);
    assert.deepEqual(await scene.events(), ["a Warning MissingService 1"]);
    scene.tell({ object: scene.put("a", 2), problem: missing });
    await scene.kube.until(() => scene.writes === 4);
    assert.deepEqual(await scene.events(), ["a Warning MissingService 2"]);
  }));

test("EventRecorder writes at most 25 events of one object at once", () =>
  withScene(new Scene(1), async (scene) => {
    const object = scene.put("a");
    const faults = Array.from({ length: 60 }, (_, index) => ({ object, problem: { ...bad, message: `m${index}` } }));
    scene.tell(...faults);
    await scene.kube.until(() => scene.writes === 25);
    // those of other objects don't wait behind them
    scene.tell(...faults, { object: scene.put("b"), problem: missing });
    await scene.kube.until(() => scene.writes === 26);
    assert.equal((await scene.events()).filter((line) => line.startsWith("a ")).length, 25);
  }));

test("EventRecorder without the right names the rule, once, and stays quiet", () =>
  withScene(new Scene(1), async (scene) => {
    scene.kube.fault = (method) => method === "POST" ? failure(403, "Forbidden") : undefined;
    const faults = Array.from({ length: 20 }, (_, index) => ({ object: scene.put(`r${index}`), problem: bad }));
    scene.tell(...faults);
    await scene.kube.until(() => scene.recorder.problems.length === 1);
    const [problem] = scene.recorder.problems;
    assert.match(problem?.hint ?? "", /resources: \["events"\], verbs: \["create", "patch"\]/);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.ok(scene.writes <= 2, `${scene.writes} requests to be refused`);
  }));

test("EventRecorder writes nothing before it may, and only what holds then", () =>
  withScene(new Scene(1), async (scene) => {
    scene.mayWrite = false;
    scene.tell({ object: scene.put("a"), problem: missing });
    scene.tell({ object: scene.put("b"), problem: missing });
    scene.mayWrite = true;
    scene.recorder.look();
    await scene.kube.until(() => scene.writes === 1);
    assert.deepEqual(await scene.events(), ["b Warning MissingService 1"]);
  }));

test("EventRecorder tries again after an outage, with the newest state only", () =>
  withScene(new Scene(1), async (scene) => {
    let isDown = true;
    scene.kube.fault = () => {
      if (isDown) throw new Error("connection refused");
      return undefined;
    };
    scene.tell({ object: scene.put("a"), problem: missing }, { object: scene.put("b"), problem: missing });
    await new Promise((resolve) => setTimeout(resolve, 50));
    scene.tell({ object: scene.put("b"), problem: missing });
    isDown = false;
    scene.tell({ object: scene.put("b", 2), problem: missing });
    await scene.kube.until(() => scene.writes === 1);
    assert.deepEqual(await scene.events(), ["b Warning MissingService 1"]);
  }));
