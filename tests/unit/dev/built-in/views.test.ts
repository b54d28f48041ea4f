// Unit tests of older versions of kinds: one stored object, seen in each of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubeApi } from "../../../../src/dev/api/kube-api.ts";
import {
  betaClassView,
  betaIngressView,
  betaSliceView,
  type Conversion,
  eventView,
} from "../../../../src/dev/built-in/views.ts";
import { type JsonObject, listAt, textAt, valueAt } from "../../../../src/dev/json.ts";

const pairs: readonly (readonly [string, Conversion, JsonObject, JsonObject])[] = [
  [
    "Ingress",
    betaIngressView,
    {
      spec: {
        backend: { serviceName: "d", servicePort: "web" },
        rules: [{ host: "h" }, { http: { paths: [{ path: "/", backend: { serviceName: "s", servicePort: 80 } }] } }],
      },
    },
    {
      spec: {
        defaultBackend: { service: { name: "d", port: { name: "web" } } },
        rules: [
          { host: "h" },
          { http: { paths: [{ path: "/", backend: { service: { name: "s", port: { number: 80 } } } }] } },
        ],
      },
    },
  ],
  [
    "Ingress with a resource",
    betaIngressView,
    { spec: { backend: { servicePort: 0, resource: { kind: "K", name: "n" } } } },
    { spec: { defaultBackend: { resource: { kind: "K", name: "n" } } } },
  ],
  [
    "EndpointSlice",
    betaSliceView,
    { endpoints: [{ addresses: ["10.0.0.1"], topology: { a: "b", "kubernetes.io/hostname": "n" } }] },
    { endpoints: [{ addresses: ["10.0.0.1"], nodeName: "n", deprecatedTopology: { a: "b" } }] },
  ],
  [
    "IngressClass",
    betaClassView,
    { spec: { controller: "c", parameters: { kind: "K", name: "n" } } },
    { spec: { controller: "c", parameters: { scope: "Cluster", kind: "K", name: "n" } } },
  ],
  [
    "Event",
    eventView,
    { regarding: { name: "x" }, note: "m", reportingController: "c", reportingInstance: "i", deprecatedSource: {} },
    { involvedObject: { name: "x" }, message: "m", reportingComponent: "c", reportingInstance: "i", source: {} },
  ],
];

for (const [title, { toStored, fromStored }, seen, stored] of pairs) {
  test(`an older ${title} becomes the present one`, () => assert.deepEqual(toStored(seen), stored));
  test(`the present ${title} becomes an older one`, () => assert.deepEqual(fromStored(stored), seen));
}

type Api = ReturnType<typeof createKubeApi>;

async function call(api: Api, line: string, body?: unknown) {
  const [method = "", path = ""] = line.split(" ");
  const headers = { "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" };
  const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
  const response = await api.fetch(new Request(`http://cluster${path}`, init));
  return { status: response.status, body: await response.json(), warning: response.headers.get("warning") };
}

const BETA = "/apis/extensions/v1beta1/namespaces/default/ingresses";
const V1 = "/apis/networking.k8s.io/v1/namespaces/default/ingresses";

test("an API like 1.20 shows one Ingress in three versions, and warns of the old ones", async () => {
  const api = createKubeApi({ kubernetes: "1.20" });
  const path = { path: "/gls", backend: { serviceName: "gls", servicePort: 80 } };
  const created = await call(api, `POST ${BETA}`, {
    metadata: { name: "a" },
    spec: { rules: [{ http: { paths: [path] } }] },
  });
  assert.equal(created.status, 201);
  assert.match(created.warning ?? "", /extensions\/v1beta1 Ingress is deprecated in v1\.14\+, unavailable in v1\.22\+/);
  const patched = await call(api, `PATCH ${V1}/a`, {
    spec: { defaultBackend: { service: { name: "d", port: { number: 1 } } } },
  });
  assert.equal(patched.warning, null);
  const place = ["spec", "rules", 0, "http", "paths", 0] as const;
  assert.equal(textAt(patched.body, ...place, "pathType"), "ImplementationSpecific");
  assert.deepEqual(valueAt(patched.body, ...place, "backend"), { service: { name: "gls", port: { number: 80 } } });
  const list = await call(api, "GET /apis/networking.k8s.io/v1beta1/ingresses");
  assert.equal(textAt(list.body, "apiVersion"), "networking.k8s.io/v1beta1");
  assert.deepEqual(valueAt(list.body, "items", 0, "spec", "backend"), { serviceName: "d", servicePort: 1 });
  const wrong = await call(api, `POST ${BETA}`, { metadata: { name: "b" }, spec: { backend: { serviceName: "s" } } });
  assert.equal(
    textAt(wrong.body, "message"),
    'Ingress.extensions "b" is invalid: spec.backend: Required value: port name or number is required',
  );
  assert.equal((await call(api, `DELETE ${BETA}/a`)).status, 200);
  assert.equal((await call(api, `GET ${V1}/a`)).status, 404);
  api.close();
});

test("an API like 1.20 serves no kinds that came later, one like 1.26 none that went", async () => {
  const served = async (kubernetes: "1.20" | "1.26", path: string) => {
    const api = createKubeApi({ kubernetes });
    const response = await api.fetch(new Request(`http://cluster${path}`));
    api.close();
    return response.status === 200;
  };
  for (const path of ["/apis/discovery.k8s.io/v1", "/apis/policy/v1"]) {
    assert.deepEqual([await served("1.20", path), await served("1.26", path)], [false, true], path);
  }
  for (const path of ["/apis/extensions/v1beta1", "/apis/discovery.k8s.io/v1beta1"]) {
    assert.deepEqual([await served("1.20", path), await served("1.26", path)], [true, false], path);
  }
});

test("events of both groups are the same objects", async () => {
  const api = createKubeApi();
  const event = {
    metadata: { name: "e" },
    eventTime: "2024-01-01T00:00:00.000000Z",
    regarding: { kind: "Service", namespace: "default", name: "x" },
    ...{ reason: "R", note: "m", type: "Normal", action: "A", reportingController: "a/b", reportingInstance: "i" },
  };
  const created = await call(api, "POST /apis/events.k8s.io/v1/namespaces/default/events", event);
  assert.equal(created.status, 201);
  const { body } = await call(api, "GET /api/v1/namespaces/default/events");
  assert.deepEqual(listAt(body, "items").map((item) => textAt(item, "message")), ["m"]);
  assert.equal(textAt(body, "items", 0, "involvedObject", "name"), "x");
  api.close();
});
