// Unit tests of the embedded Kubernetes API: verbs, errors in a real server's words, lists, tables, discovery.

import assert from "node:assert/strict";
import { test } from "node:test";
import { weirDefinitions } from "../../../../src/command/crds.ts";
import { createKubeApi } from "../../../../src/dev/api/kube-api.ts";
import { isObject, listAt, textAt, valueAt } from "../../../../src/dev/json.ts";
import { validateObject } from "../../../../src/provider/kubernetes/crd/schemas.ts";

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly warning: string | null;
}

/** `GET /path` and what goes along. */
interface Call {
  readonly type?: string;
  readonly accept?: string;
}

type Api = ReturnType<typeof createKubeApi>;

async function call(api: Api, line: string, body?: unknown, options: Call = {}): Promise<Answer> {
  const [method = "", path = ""] = line.split(" ");
  const headers = new Headers({ accept: options.accept ?? "application/json" });
  if (body !== undefined) headers.set("content-type", options.type ?? "application/json");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const init = body === undefined ? { method, headers } : { method, headers, body: text };
  const response = await api.fetch(new Request(`http://cluster${path}`, init));
  const answer = await response.text();
  return {
    status: response.status,
    body: response.headers.get("content-type") === "application/json" ? JSON.parse(answer) : answer,
    warning: response.headers.get("warning"),
  };
}

const SERVICES = "/api/v1/namespaces/default/services";
const ROUTES = "/apis/traefik.io/v1alpha1/namespaces/default/ingressroutes";
const TRAEFIK_SERVICES = "/apis/traefik.io/v1alpha1/namespaces/default/traefikservices";
const service = (name: string, extra: object = {}) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...extra },
});
const route = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: "traefik.io/v1alpha1",
  kind: "IngressRoute",
  metadata: { name, labels },
  spec: { routes: [{ match: "Host(`a`)", kind: "Rule" }] },
});
const create = () => createKubeApi({ validate: (object) => validateObject(object), definitions: weirDefinitions() });
const message = ({ body }: Answer) => textAt(body, "message");

test("create, read, update, patch and delete an object", async () => {
  const api = create();
  const created = await call(api, `POST ${SERVICES}`, service("a"));
  assert.equal(created.status, 201);
  assert.deepEqual(listAt(created.body, "spec", "ports"), [{ port: 80, protocol: "TCP", targetPort: 80 }]);
  assert.match(textAt(created.body, "spec", "clusterIP") ?? "", /^127\.(?:9[6-9]|10\d|11[01])\./);
  const replaced = await call(api, `PUT ${SERVICES}/a`, service("a", { selector: { app: "a" } }));
  assert.equal(textAt(replaced.body, "spec", "clusterIP"), textAt(created.body, "spec", "clusterIP"));
  const patched = await call(api, `PATCH ${SERVICES}/a`, { metadata: { labels: { x: "y" } } }, {
    type: "application/strategic-merge-patch+json",
  });
  assert.equal(textAt(patched.body, "metadata", "labels", "x"), "y");
  const deleted = await call(api, `DELETE ${SERVICES}/a`, { propagationPolicy: "Background" });
  assert.equal(textAt(deleted.body, "kind"), "Service");
  assert.equal((await call(api, `GET ${SERVICES}/a`)).status, 404);
});

test("a write that changes nothing keeps the version; a stale one is refused", async () => {
  const api = create();
  const { body } = await call(api, `POST ${ROUTES}`, route("a"));
  const version = textAt(body, "metadata", "resourceVersion");
  const type = "application/merge-patch+json";
  const same = await call(api, `PATCH ${ROUTES}/a`, { spec: { routes: [{ match: "Host(`a`)", kind: "Rule" }] } }, {
    type,
  });
  assert.equal(textAt(same.body, "metadata", "resourceVersion"), version);
  assert.equal(valueAt(same.body, "metadata", "generation"), 1);
  const changed = await call(api, `PATCH ${ROUTES}/a`, { spec: { entryPoints: ["web"] } }, { type });
  assert.equal(valueAt(changed.body, "metadata", "generation"), 2);
  const stale = await call(api, `PUT ${ROUTES}/a`, body);
  assert.equal(stale.status, 409);
  assert.match(
    message(stale) ?? "",
    /^Operation cannot be fulfilled on ingressroutes.traefik.io "a": the object has been modified/,
  );
});

const traefikService = (spec: object) => ({
  apiVersion: "traefik.io/v1alpha1",
  kind: "TraefikService",
  metadata: { name: "b" },
  spec,
});
const mirror = traefikService({
  mirroring: { name: "v1", port: 80, mirrors: [{ name: "v2", port: 80, percent: "10," }] },
});
const refusals: [method: string, path: string, body: unknown, status: number, message: string][] = [
  ["GET", `${SERVICES}/none`, undefined, 404, 'services "none" not found'],
  ["POST", SERVICES, service("taken"), 409, 'services "taken" already exists'],
  ["POST", "/api/v1/namespaces/none/services", service("x"), 404, 'namespaces "none" not found'],
  [
    "POST",
    SERVICES,
    service("Bad_Name"),
    422,
    "Service \"Bad_Name\" is invalid: metadata.name: Invalid value: \"Bad_Name\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  ],
  [
    "POST",
    SERVICES,
    { metadata: {}, spec: { ports: [{ port: 80 }] } },
    422,
    'Service "" is invalid: metadata.name: Required value: name or generateName is required',
  ],
  [
    "POST",
    SERVICES,
    service("s", { ports: [{ port: "80" }] }),
    400,
    'Service in version "v1" cannot be handled as a Service: json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32',
  ],
  [
    "POST",
    SERVICES,
    { ...service("s"), metadata: { name: "s", resourceVersion: "5" } },
    500,
    "resourceVersion should not be set on objects to be created",
  ],
  [
    "POST",
    SERVICES,
    { ...service("s"), metadata: { name: "s", namespace: "other" } },
    400,
    "the namespace of the provided object does not match the namespace sent on the request",
  ],
  [
    "POST",
    TRAEFIK_SERVICES,
    mirror,
    422,
    'TraefikService.traefik.io "b" is invalid: spec.mirroring.mirrors[0].percent: Invalid value: "string": spec.mirroring.mirrors[0].percent in body must be of type integer: "string"',
  ],
  [
    "POST",
    TRAEFIK_SERVICES,
    traefikService({ weighted: { services: [{ name: "s", kind: "Deployment" }] } }),
    422,
    'TraefikService.traefik.io "b" is invalid: spec.weighted.services[0].kind: Unsupported value: "Deployment": supported values: "Service", "TraefikService"',
  ],
  [
    "POST",
    TRAEFIK_SERVICES,
    { ...traefikService({}), kind: "Wrong" },
    422,
    'Wrong.traefik.io "b" is invalid: kind: Invalid value: "Wrong": must be TraefikService',
  ],
  [
    "POST",
    `${TRAEFIK_SERVICES}?fieldValidation=Strict`,
    traefikService({ weighted: { stick: {} } }),
    400,
    'TraefikService in version "v1alpha1" cannot be handled as a TraefikService: strict decoding error: unknown field "spec.weighted.stick"',
  ],
  [
    "PUT",
    `${TRAEFIK_SERVICES}/none`,
    { ...traefikService({}), metadata: { name: "none" } },
    404,
    'traefikservices.traefik.io "none" not found',
  ],
  ["DELETE", `${SERVICES}/none`, undefined, 404, 'services "none" not found'],
  [
    "DELETE",
    `${SERVICES}/taken?propagationPolicy=Bogus`,
    undefined,
    422,
    'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Bogus": supported values: "Foreground", "Background", "Orphan", "nil"',
  ],
  [
    "DELETE",
    "/api/v1/namespaces/default",
    undefined,
    403,
    'namespaces "default" is forbidden: this namespace may not be deleted',
  ],
  ["DELETE", "/api/v1/namespaces", undefined, 405, "the server does not allow this method on the requested resource"],
  ["GET", "/api/v1/foos", undefined, 404, "the server could not find the requested resource"],
  ["GET", `${SERVICES}?limit=abc`, undefined, 400, 'strconv.ParseInt: parsing "abc": invalid syntax'],
  [
    "GET",
    `${SERVICES}?resourceVersion=abc`,
    undefined,
    500,
    'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  ],
];

test("errors are told in a real server's words", async () => {
  const api = create();
  await call(api, `POST ${SERVICES}`, service("taken"));
  const withoutVersion =
    'traefikservices.traefik.io "none" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update';
  for (const [method, path, body, status, text] of refusals) {
    const answer = await call(api, `${method} ${path}`, body);
    assert.deepEqual([answer.status, message(answer)], [status, text], `${method} ${path}`);
    assert.equal(textAt(answer.body, "kind"), "Status");
  }
  const plain = await call(api, "GET /apis/traefik.io/v1alpha1/foos");
  assert.deepEqual([plain.status, plain.body], [404, "404 page not found\n"]);
  await call(api, `POST ${TRAEFIK_SERVICES}`, { ...traefikService({ weighted: {} }), metadata: { name: "none" } });
  const unversioned = { ...traefikService({ weighted: {} }), metadata: { name: "none" } };
  assert.equal(message(await call(api, `PUT ${TRAEFIK_SERVICES}/none`, unversioned)), withoutVersion);
});

test("media types that can't be read are refused with 415", async () => {
  const api = create();
  await call(api, `POST ${ROUTES}`, route("a"));
  const strategic = await call(api, `PATCH ${ROUTES}/a`, {}, { type: "application/strategic-merge-patch+json" });
  const wanted = "the body of the request was in an unknown format - accepted media types include: " +
    "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
  assert.deepEqual([strategic.status, message(strategic)], [415, wanted]);
  assert.equal((await call(api, `POST ${ROUTES}`, "x", { type: "text/plain" })).status, 415);
  assert.equal((await call(api, `GET ${ROUTES}`, undefined, { accept: "text/html" })).status, 406);
});

test("unknown fields are pruned and warned of", async () => {
  const api = create();
  const body = { ...route("a"), spec: { routes: [], bogus: 1 } };
  const answer = await call(api, `POST ${ROUTES}`, body);
  assert.equal(answer.status, 201);
  assert.equal(answer.warning, '299 - "unknown field \\"spec.bogus\\""');
  assert.deepEqual(valueAt(answer.body, "spec"), { routes: [] });
});

test("a dry run leaves no trace", async () => {
  const api = create();
  assert.equal((await call(api, `POST ${SERVICES}?dryRun=All`, service("a"))).status, 201);
  assert.equal((await call(api, `GET ${SERVICES}/a`)).status, 404);
});

test("lists select by labels and fields, come in pages, and look as their kind's lists do", async () => {
  const api = create();
  for (const name of ["a", "b", "c"]) await call(api, `POST ${ROUTES}`, route(name, { first: String(name === "a") }));
  const names = ({ body }: Answer) => listAt(body, "items").map((item) => textAt(item, "metadata", "name"));
  assert.deepEqual(names(await call(api, `GET ${ROUTES}?labelSelector=first%3Dfalse`)), ["b", "c"]);
  assert.deepEqual(names(await call(api, `GET ${ROUTES}?fieldSelector=metadata.name%3Db`)), ["b"]);
  const first = await call(api, `GET ${ROUTES}?limit=2`);
  assert.deepEqual(names(first), ["a", "b"]);
  assert.equal(valueAt(first.body, "metadata", "remainingItemCount"), 1);
  const token = textAt(first.body, "metadata", "continue") ?? "";
  assert.deepEqual(names(await call(api, `GET ${ROUTES}?limit=2&continue=${token}`)), ["c"]);
  assert.equal(textAt(first.body, "items", 0, "kind"), "IngressRoute");
  await call(api, `POST ${SERVICES}`, service("s"));
  const services = await call(api, "GET /api/v1/services");
  assert.equal(textAt(services.body, "kind"), "ServiceList");
  assert.equal(textAt(services.body, "items", 0, "kind"), undefined);
  assert.equal(valueAt(services.body, "metadata", "continue"), undefined);
  const emptied = await call(api, `DELETE ${ROUTES}?labelSelector=first%3Dfalse`);
  assert.deepEqual(names(emptied), ["b", "c"]);
  assert.deepEqual(names(await call(api, `GET ${ROUTES}`)), ["a"]);
});

test("tables carry columns and cells", async () => {
  const api = create();
  await call(api, `POST ${SERVICES}`, service("s", { clusterIP: "10.0.0.1" }));
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
  const { body } = await call(api, `GET ${SERVICES}`, undefined, { accept });
  assert.deepEqual(listAt(body, "columnDefinitions").map((each) => textAt(each, "name")), [
    "Name",
    "Type",
    "Cluster-IP",
    "External-IP",
    "Port(s)",
    "Age",
    "Selector",
  ]);
  assert.deepEqual(listAt(body, "rows", 0, "cells").toSpliced(5, 1), [
    "s",
    "ClusterIP",
    "10.0.0.1",
    "<none>",
    "80/TCP",
    "<none>",
  ]);
  assert.equal(textAt(body, "rows", 0, "object", "kind"), "PartialObjectMetadata");
});

test("a finalizer holds an object until it is gone", async () => {
  const api = create();
  await call(api, `POST ${ROUTES}`, { ...route("a"), metadata: { name: "a", finalizers: ["x.example/f"] } });
  const held = await call(api, `DELETE ${ROUTES}/a`);
  assert.equal(textAt(held.body, "kind"), "IngressRoute");
  assert.equal(valueAt(held.body, "metadata", "generation"), 2);
  assert.equal((await call(api, `GET ${ROUTES}/a`)).status, 200);
  const type = "application/merge-patch+json";
  assert.equal((await call(api, `PATCH ${ROUTES}/a`, { metadata: { finalizers: null } }, { type })).status, 200);
  assert.equal((await call(api, `GET ${ROUTES}/a`)).status, 404);
});

test("deleting a namespace or an owner deletes what belongs to it", async () => {
  const api = create();
  await call(api, "POST /api/v1/namespaces", { metadata: { name: "shop" } });
  await call(api, "POST /api/v1/namespaces/shop/services", service("s"));
  const owner = await call(api, `POST ${SERVICES}`, service("owner"));
  const reference = { apiVersion: "v1", kind: "Service", name: "owner", uid: textAt(owner.body, "metadata", "uid") };
  await call(api, "POST /api/v1/namespaces/default/configmaps", {
    metadata: { name: "c", ownerReferences: [reference] },
  });
  await call(api, "DELETE /api/v1/namespaces/shop");
  await call(api, `DELETE ${SERVICES}/owner`);
  assert.equal((await call(api, "GET /api/v1/namespaces/shop/services/s")).status, 404);
  assert.equal((await call(api, "GET /api/v1/namespaces/default/configmaps/c")).status, 404);
});

test("server-side apply creates, changes, and removes what was dropped", async () => {
  const api = create();
  const type = "application/apply-patch+yaml";
  const path = `${SERVICES}/a?fieldManager=me`;
  const yaml = "apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {x: '1'}}\nspec: {ports: [{port: 80}]}\n";
  assert.equal((await call(api, `PATCH ${path}`, yaml, { type })).status, 201);
  const again = await call(api, `PATCH ${path}`, yaml.replace(", labels: {x: '1'}", ""), { type });
  assert.deepEqual([again.status, valueAt(again.body, "metadata", "labels")], [200, undefined]);
  const nobody = await call(api, `PATCH ${SERVICES}/a`, yaml, { type });
  assert.equal(nobody.status, 422);
});

test("status and scale are subresources", async () => {
  const api = create();
  const path = "/apis/apps/v1/namespaces/default/deployments";
  const template = { metadata: { labels: { app: "d" } }, spec: { containers: [{ name: "c", image: "x" }] } };
  const spec = { selector: { matchLabels: { app: "d" } }, template };
  await call(api, `POST ${path}`, { metadata: { name: "d" }, spec });
  const type = "application/merge-patch+json";
  const status = await call(api, `PATCH ${path}/d/status`, { status: { replicas: 1 }, spec: { replicas: 9 } }, {
    type,
  });
  assert.deepEqual([valueAt(status.body, "status", "replicas"), valueAt(status.body, "spec", "replicas")], [1, 1]);
  const scaled = await call(api, `PATCH ${path}/d/scale`, { spec: { replicas: 3 } }, { type });
  assert.deepEqual([textAt(scaled.body, "kind"), valueAt(scaled.body, "spec", "replicas")], ["Scale", 3]);
  assert.equal(valueAt((await call(api, `GET ${path}/d`)).body, "spec", "replicas"), 3);
});

test("discovery names what is served, and a CustomResourceDefinition adds to it", async () => {
  const api = create();
  const groups = await call(api, "GET /apis");
  const names = listAt(groups.body, "groups").map((group) => textAt(group, "name"));
  assert.ok(names.indexOf("traefik.containo.us") < names.indexOf("traefik.io"));
  const resources = await call(api, "GET /apis/traefik.io/v1alpha1");
  assert.equal(listAt(resources.body, "resources").length, 10);
  const openapi = await api.fetch(new Request("http://cluster/openapi/v2"));
  assert.equal(textAt(await openapi.json(), "swagger"), "2.0");
  assert.equal((await api.fetch(new Request("http://cluster/openapi/v3"))).status, 200);
  const definition = {
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { kind: "Widget", plural: "widgets" },
      versions: [{
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        additionalPrinterColumns: [{ name: "Size", type: "integer", jsonPath: ".spec.size" }],
      }],
    },
  };
  assert.equal(
    (await call(api, "POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)).status,
    201,
  );
  const widgets = "/apis/example.com/v1/namespaces/default/widgets";
  const widget = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" }, spec: { size: 3 } };
  assert.equal((await call(api, `POST ${widgets}`, widget)).status, 201);
  const table = await call(api, `GET ${widgets}`, undefined, {
    accept: "application/json;as=Table;v=v1;g=meta.k8s.io",
  });
  assert.deepEqual(listAt(table.body, "rows", 0, "cells"), ["w", 3]);
  await call(api, "DELETE /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com");
  assert.equal((await call(api, `GET ${widgets}`)).status, 404);
});

test("access reviews allow everything", async () => {
  const api = create();
  const answer = await call(api, "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    spec: { resourceAttributes: { verb: "delete", resource: "nodes" } },
  });
  assert.deepEqual([answer.status, isObject(answer.body) && valueAt(answer.body, "status", "allowed")], [201, true]);
});
