// Unit tests of the end of objects: finalizers, grace periods, owners, namespaces; with and without controllers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubeApi, type KubeApi } from "../../../../src/dev/api/kube-api.ts";
import { type JsonObject, listAt, textAt, valueAt } from "../../../../src/dev/json.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";

async function call(api: KubeApi, line: string, body?: unknown, type = "application/json") {
  const [method = "", path = ""] = line.split(" ");
  const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": type } };
  const response = await api.fetch(new Request(`http://cluster${path}`, { method, ...content }));
  const value: unknown = await response.json();
  return { status: response.status, body: value };
}

function map(name: string, metadata: JsonObject = {}): JsonObject {
  return { metadata: { name, ...metadata } };
}

async function owned(api: KubeApi, block = true): Promise<void> {
  const owner = await call(api, `POST ${MAPS}`, map("owner"));
  const reference = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: textAt(owner.body, "metadata", "uid") };
  const ownerReferences = [{ ...reference, blockOwnerDeletion: block }];
  assert.equal((await call(api, `POST ${MAPS}`, map("child", { ownerReferences }))).status, 201);
}

const merge = "application/merge-patch+json";
const remains = async (api: KubeApi, name: string) => (await call(api, `GET ${MAPS}/${name}`)).status === 200;

test("dependents go with their owner in the background, before it in the foreground, and stay when orphaned", async () => {
  for (const propagationPolicy of ["Background", "Foreground", "Orphan"]) {
    const api = createKubeApi();
    await owned(api);
    await call(api, `DELETE ${MAPS}/owner`, { propagationPolicy });
    const orphaned = propagationPolicy === "Orphan";
    assert.deepEqual([await remains(api, "owner"), await remains(api, "child")], [false, orphaned], propagationPolicy);
    const child = await call(api, `GET ${MAPS}/child`);
    if (orphaned) assert.deepEqual(listAt(child.body, "metadata", "ownerReferences"), []);
  }
});

test("an owner waits in the foreground for a dependent that is held", async () => {
  const api = createKubeApi();
  await owned(api);
  await call(api, `PATCH ${MAPS}/child`, { metadata: { finalizers: ["x.example/f"] } }, merge);
  const held = await call(api, `DELETE ${MAPS}/owner`, { propagationPolicy: "Foreground" });
  assert.deepEqual(listAt(held.body, "metadata", "finalizers"), ["foregroundDeletion"]);
  assert.deepEqual([await remains(api, "owner"), await remains(api, "child")], [true, true]);
  await call(api, `PATCH ${MAPS}/child`, { metadata: { finalizers: null } }, merge);
  assert.deepEqual([await remains(api, "owner"), await remains(api, "child")], [false, false]);
});

test("a namespace is emptied, tells what holds it, and goes", async () => {
  const api = createKubeApi();
  const inside = "/api/v1/namespaces/shop/configmaps";
  await call(api, "POST /api/v1/namespaces", map("shop"));
  await call(api, `POST ${inside}`, map("free"));
  await call(api, `POST ${inside}`, map("held", { finalizers: ["x.example/f"] }));
  const dying = await call(api, "DELETE /api/v1/namespaces/shop");
  assert.equal(valueAt(dying.body, "status", "phase"), "Terminating");
  const { body } = await call(api, "GET /api/v1/namespaces/shop");
  const messages = listAt(body, "status", "conditions").map((condition) => textAt(condition, "message"));
  assert.ok(messages.includes("Some resources are remaining: configmaps. has 1 resource instances"), `${messages}`);
  const finalizers = "Some content in the namespace has finalizers remaining: x.example/f in 1 resource instances";
  assert.ok(messages.includes(finalizers));
  assert.equal((await call(api, `POST ${inside}`, map("late"))).status, 403);
  await call(api, `PATCH ${inside}/held`, { metadata: { finalizers: null } }, merge);
  assert.equal((await call(api, "GET /api/v1/namespaces/shop")).status, 404);
});

test("a server alone keeps everything that is held", async () => {
  const api = createKubeApi({ alone: true });
  await owned(api);
  await call(api, `DELETE ${MAPS}/owner`, { propagationPolicy: "Background" });
  assert.equal(await remains(api, "child"), true);
  await call(api, "POST /api/v1/namespaces", map("shop"));
  await call(api, "DELETE /api/v1/namespaces/shop");
  assert.equal((await call(api, "GET /api/v1/namespaces/shop")).status, 200);
  const { body } = await call(api, "GET /api/v1/namespaces/shop");
  const finalized = await call(api, "PUT /api/v1/namespaces/shop/finalize", { ...Object(body), spec: {} });
  assert.equal(finalized.status, 200);
  assert.equal((await call(api, "GET /api/v1/namespaces/shop")).status, 404);
});

test("a scheduled pod gets its time, less of it on request, and none when forced", async () => {
  const api = createKubeApi({ alone: true });
  const pods = "/api/v1/namespaces/default/pods";
  const spec = { nodeName: "n1", containers: [{ name: "c", image: "x" }] };
  await call(api, `POST ${pods}`, { ...map("p"), spec });
  const grace = async (options?: object) => {
    const { body } = await call(api, `DELETE ${pods}/p`, options);
    return valueAt(body, "metadata", "deletionGracePeriodSeconds");
  };
  assert.deepEqual([await grace(), await grace({ gracePeriodSeconds: 5 }), await grace({ gracePeriodSeconds: 60 })], [
    30,
    5,
    5,
  ]);
  assert.equal(await grace({ gracePeriodSeconds: 0 }), 0);
  assert.equal((await call(api, `GET ${pods}/p`)).status, 404);
});

test("options of a DELETE stand in its body or in its query, never in both", async () => {
  const api = createKubeApi();
  await call(api, `POST ${MAPS}`, map("a"));
  assert.equal((await call(api, `DELETE ${MAPS}/a?dryRun=All`)).status, 200);
  assert.equal(await remains(api, "a"), true);
  assert.equal((await call(api, `DELETE ${MAPS}/a?dryRun=All`, {})).status, 200);
  assert.equal(await remains(api, "a"), false);
  assert.equal((await call(api, `DELETE ${MAPS}/a?propagationPolicy=Bogus`)).status, 422);
  assert.equal((await call(api, `DELETE ${MAPS}/a`, { kind: "Pod", apiVersion: "v1" })).status, 500);
});

test("preconditions of a deletion are told in a real server's words, and of a namespace's in others", async () => {
  const api = createKubeApi();
  await call(api, `POST ${MAPS}`, map("a"));
  for (
    const [path, text] of [
      [`${MAPS}/a`, /^Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition \(other\) does not/],
      ["/api/v1/namespaces/kube-node-lease", /on namespaces "kube-node-lease": Precondition failed: UID in .*: other,/],
    ] as const
  ) {
    const refused = await call(api, `DELETE ${path}`, { preconditions: { uid: "other" } });
    assert.equal(refused.status, 409);
    assert.match(textAt(refused.body, "message") ?? "", text);
  }
});
