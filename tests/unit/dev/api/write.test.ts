// Unit tests of writes and patches through the embedded API: what is checked, in which order, and how it is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubeApi, type KubeApi } from "../../../../src/dev/api/kube-api.ts";
import { isObject, type JsonObject, listAt, valueAt } from "../../../../src/dev/json.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const SERVICES = "/api/v1/namespaces/default/services";
const MERGE = "application/merge-patch+json";
const JSON_PATCH = "application/json-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";
const APPLY = "application/apply-patch+yaml";

interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

/** One request. @param call method and path @param body sent as JSON, unless it is a text */
async function send(api: KubeApi, call: string, body?: unknown, type = "application/json"): Promise<Answer> {
  const [method = "", path = ""] = call.split(" ");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const init = body === undefined ? {} : { body: text, headers: { "content-type": type } };
  const answer = await api.fetch(new Request(`http://cluster${path}`, { method, ...init }));
  const parsed: unknown = await answer.json();
  return { status: answer.status, body: isObject(parsed) ? parsed : {} };
}

const map = (name: string, more: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  ...more,
  metadata: { name, ...(isObject(more["metadata"]) ? more["metadata"] : {}) },
});

const versionOf = ({ body }: Answer) => valueAt(body, "metadata", "resourceVersion");

const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "l" } };
const modified = "the object has been modified; please apply your changes to the latest version and try again";
const refusedWrites: [string, unknown, number, string][] = [
  [`POST ${MAPS}`, map("x"), 409, 'configmaps "x" already exists'],
  [
    `POST ${MAPS}`,
    map("y", { metadata: { resourceVersion: "5" } }),
    500,
    "resourceVersion should not be set on objects to be created",
  ],
  [`POST /api/v1/namespaces/none/configmaps`, map("y"), 404, 'namespaces "none" not found'],
  [`PUT ${MAPS}/none`, map("none"), 404, 'configmaps "none" not found'],
  [
    `PUT ${MAPS}/x`,
    map("x", { metadata: { resourceVersion: "1" } }),
    409,
    `Operation cannot be fulfilled on configmaps "x": ${modified}`,
  ],
  [`PUT ${MAPS}/x`, map("other"), 400, "the name of the object (other) does not match the name on the URL (x)"],
  [
    `PUT ${LEASES}/l`,
    lease,
    422,
    'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for ' +
    "an update",
  ],
  [
    `PUT ${SERVICES}/s`,
    { apiVersion: "v1", kind: "Service", metadata: { name: "s", resourceVersion: "1" } },
    409,
    `Operation cannot be fulfilled on services "s": ${modified}`,
  ],
  [
    `POST ${MAPS}?fieldManager=${"x".repeat(129)}`,
    map("x"),
    422,
    'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: must have at most 128 bytes',
  ],
  [
    `POST ${MAPS}?fieldManager=%01`,
    map("x"),
    422,
    'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "\\x01": invalid character U+0001 ' +
    "(at position 0)",
  ],
  [
    `POST ${MAPS}`,
    "{bad json}",
    400,
    "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: " +
    "invalid character 'b' looking for beginning of object key string ({bad json})",
  ],
];

test("POST and PUT are refused in the order and the words of a real server", async () => {
  const api = createKubeApi();
  await send(api, `POST ${MAPS}`, map("x"));
  await send(api, `POST ${LEASES}`, lease);
  for (const [call, body, status, message] of refusedWrites) {
    const answer = await send(api, call, body);
    assert.deepEqual([answer.status, answer.body["message"]], [status, message], call);
  }
  api.close();
});

test("a write that changes nothing keeps the resourceVersion, one without a version overwrites", async () => {
  const api = createKubeApi();
  const created = await send(api, `POST ${MAPS}`, map("x", { data: { a: "1" } }));
  const same = await send(api, `PUT ${MAPS}/x`, created.body);
  assert.equal(versionOf(same), versionOf(created));
  const patched = await send(api, `PATCH ${MAPS}/x`, { data: { a: "1" } }, MERGE);
  assert.equal(versionOf(patched), versionOf(created));
  const changed = await send(api, `PUT ${MAPS}/x`, map("x", { data: { a: "2" } }));
  assert.notEqual(versionOf(changed), versionOf(created));
  api.close();
});

test("generateName makes names that differ", async () => {
  const api = createKubeApi();
  const names = new Set<unknown>();
  for (let made = 0; made < 20; made++) {
    const { status, body } = await send(api, `POST ${MAPS}`, { metadata: { generateName: "gen-" } });
    assert.equal(status, 201);
    names.add(valueAt(body, "metadata", "name"));
  }
  assert.equal(names.size, 20);
  api.close();
});

test("an object that is being deleted can't be created again, and takes no more finalizers", async () => {
  const api = createKubeApi();
  await send(api, `POST ${MAPS}`, map("x", { metadata: { finalizers: ["a.b/c"] } }));
  await send(api, `DELETE ${MAPS}/x`);
  const again = await send(api, `POST ${MAPS}`, map("x"));
  assert.deepEqual([again.status, again.body["message"]], [
    409,
    'object is being deleted: configmaps "x" already exists',
  ]);
  const held = await send(api, `PATCH ${MAPS}/x`, { metadata: { finalizers: ["a.b/c", "a.b/d"] } }, MERGE);
  assert.equal(held.status, 422);
  assert.match(String(held.body["message"]), /found new finalizers \[\]string\{"a\.b\/d"\}$/);
  await send(api, `PATCH ${MAPS}/x`, { metadata: { finalizers: null } }, MERGE);
  assert.equal((await send(api, `GET ${MAPS}/x`)).status, 404);
  api.close();
});

const rejected = "the server rejected our request due to an error in our request";
const refusedPatches: [string, unknown, string, number, string | RegExp][] = [
  ["s", {}, "application/json", 415, "415: Unsupported Media Type"],
  ["s", "", MERGE, 400, "error decoding patch: unexpected end of JSON input"],
  [
    "s",
    [],
    MERGE,
    400,
    "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
  ],
  ["s", "null", MERGE, 400, "Invalid JSON Patch"],
  [
    "s",
    {},
    JSON_PATCH,
    400,
    "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
  ],
  ["s", [{ op: "frob", path: "/x" }], JSON_PATCH, 422, rejected],
  ["s", [{ op: "test", path: "/metadata/name", value: "z" }], JSON_PATCH, 422, rejected],
  ["none", {}, MERGE, 404, 'services "none" not found'],
  ["s?force=true", {}, MERGE, 422, /force: Forbidden: may not be specified for non-apply patch$/],
  ["s", {}, APPLY, 422, /fieldManager: Required value: is required for apply patch$/],
  [
    "s",
    { spec: { ports: [{ name: "a" }] } },
    STRATEGIC,
    500,
    "map: map[name:a] does not contain declared merge key: port",
  ],
  [
    "s",
    { spec: { externalIPs: "x" } },
    STRATEGIC,
    422,
    ' "" is invalid: patch: Invalid value: "map[spec:map[externalIPs:x]]": cannot restore slice from string',
  ],
  [
    "s",
    { spec: { ports: [{ port: "x" }] } },
    MERGE,
    422,
    /^ "" is invalid: patch: Invalid value: "\{\\"apiVersion.*": json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32$/,
  ],
  [
    "s?fieldValidation=Strict",
    { spec: { bogus: 1 } },
    STRATEGIC,
    422,
    ' "" is invalid: patch: Invalid value: "map[spec:map[bogus:1]]": strict decoding error: unknown field "spec.bogus"',
  ],
  ["s", { metadata: { name: "t" } }, MERGE, 400, "the name of the object (t) does not match the name on the URL (s)"],
];

test("patches are refused in the words of a real server", async () => {
  const api = createKubeApi();
  await send(api, `POST ${SERVICES}`, { metadata: { name: "s" }, spec: { ports: [{ port: 80 }] } });
  for (const [path, body, type, status, message] of refusedPatches) {
    const answer = await send(api, `PATCH ${SERVICES}/${path}`, body, type);
    const told = String(answer.body["message"]);
    assert.equal(answer.status, status, `${type} ${JSON.stringify(body)}: ${told}`);
    if (typeof message === "string") assert.equal(told, message);
    else assert.match(told, message);
  }
  api.close();
});

test("an apply creates from YAML, and leaves defaults without an owner", async () => {
  const api = createKubeApi();
  const yaml = "apiVersion: v1\nkind: Service\nmetadata:\n  name: y\nspec:\n  ports:\n  - port: 80\n";
  const { status, body } = await send(api, `PATCH ${SERVICES}/y?fieldManager=m1`, yaml, APPLY);
  assert.equal(status, 201);
  assert.equal(valueAt(body, "spec", "ports", 0, "protocol"), "TCP");
  assert.deepEqual(listAt(body, "metadata", "managedFields").map((entry) => valueAt(entry, "fieldsV1")), [
    { "f:spec": { "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {} } } } },
  ]);
  const dry = await send(api, `PATCH ${SERVICES}/y?fieldManager=m2&dryRun=All`, yaml, APPLY);
  assert.equal(listAt(dry.body, "metadata", "managedFields").length, 2);
  const stored = await send(api, `GET ${SERVICES}/y`);
  assert.equal(listAt(stored.body, "metadata", "managedFields").length, 1);
  api.close();
});

test("scale owns the replicas in an entry of its own", async () => {
  const api = createKubeApi();
  const labels = { app: "d" };
  const path = "/apis/apps/v1/namespaces/default/deployments";
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
  await send(api, `POST ${path}`, { metadata: { name: "d" }, spec: { selector: { matchLabels: labels }, template } });
  const scaled = await send(api, `PATCH ${path}/d/scale`, { spec: { replicas: 3 } }, MERGE);
  assert.equal(valueAt(scaled.body, "spec", "replicas"), 3);
  const { body } = await send(api, `GET ${path}/d`);
  const entry = listAt(body, "metadata", "managedFields").find((each) => valueAt(each, "subresource") === "scale");
  assert.deepEqual(valueAt(entry, "fieldsV1"), { "f:spec": { "f:replicas": {} } });
  api.close();
});

test("who writes is named by fieldManager, or by the program in the User-Agent", async () => {
  const api = createKubeApi();
  const rows: [string, string | undefined, string][] = [
    ["a", "kubectl/v1.33 (linux)", "kubectl"],
    ["b?fieldManager=me", "kubectl/v1.33", "me"],
    ["c", "plain", "plain"],
  ];
  for (const [name, agent, manager] of rows) {
    const [, query = ""] = name.split("?");
    const headers = { "content-type": "application/json", ...(agent === undefined ? {} : { "user-agent": agent }) };
    const url = `http://cluster${MAPS}?${query}`;
    const body = JSON.stringify(map(name.charAt(0), { data: { a: "1" } }));
    const answer: unknown = await (await api.fetch(new Request(url, { method: "POST", headers, body }))).json();
    assert.equal(valueAt(answer, "metadata", "managedFields", 0, "manager"), manager, name);
  }
  api.close();
});

test("bodies that are nested too deeply are refused: the objects beside them can still be listed", async () => {
  const api = createKubeApi();
  const lists = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  const deepMap = (levels: number) =>
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":${lists(levels)}}`;
  assert.equal((await send(api, `POST ${MAPS}`, map("x"))).status, 201);
  for (const levels of [3_000, 9_000, 100_000]) {
    const { status, body } = await send(api, `POST ${MAPS}`, deepMap(levels));
    assert.equal(status, 400);
    assert.match(String(body["message"]), /json parse error: exceeded max depth/);
    const patched = await send(api, `PATCH ${MAPS}/x`, `{"data":${lists(levels)}}`, MERGE);
    assert.equal(patched.status, 400, String(patched.body["message"]));
    const applied = await send(api, `PATCH ${MAPS}/x?fieldManager=m`, deepMap(levels), APPLY);
    assert.equal(applied.status, 400, String(applied.body["message"]));
  }
  assert.equal((await send(api, `GET ${MAPS}`)).status, 200);
  api.close();
});
