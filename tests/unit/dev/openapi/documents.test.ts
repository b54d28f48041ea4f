// Unit tests of the OpenAPI documents: definitions, references, and the binary form.

import assert from "node:assert/strict";
import { test } from "node:test";
import { weirDefinitions } from "../../../../src/command/crds.ts";
import { createKubeApi } from "../../../../src/dev/api/kube-api.ts";
import { isObject, listAt, textAt, valueAt } from "../../../../src/dev/json.ts";
import { KindRegistry } from "../../../../src/dev/kube/kind-registry.ts";
import { OpenApiDocuments } from "../../../../src/dev/openapi/documents.ts";
import { readFields, type WireField } from "../../../../src/dev/protobuf/reader.ts";

const api = createKubeApi({ definitions: weirDefinitions() });

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return await api.fetch(new Request(`http://cluster${path}`, { headers }));
}

async function json(path: string): Promise<unknown> {
  return JSON.parse(await (await get(path)).text());
}

test("/openapi/v2 defines every type once, and refers to it", async () => {
  const document = await json("/openapi/v2");
  const definitions = valueAt(document, "definitions");
  assert.ok(isObject(definitions));
  const service = definitions["io.k8s.api.core.v1.Service"];
  assert.deepEqual(valueAt(service, "properties", "spec"), { $ref: "#/definitions/io.k8s.api.core.v1.ServiceSpec" });
  assert.deepEqual(valueAt(service, "x-kubernetes-group-version-kind"), [{
    group: "",
    version: "v1",
    kind: "Service",
  }]);
  const ports = valueAt(definitions["io.k8s.api.core.v1.ServiceSpec"], "properties", "ports");
  assert.equal(textAt(ports, "x-kubernetes-patch-merge-key"), "port");
  assert.deepEqual(listAt(ports, "x-kubernetes-list-map-keys"), ["port", "protocol"]);
  const references = JSON.stringify(document).match(/"#\/definitions\/[^"]+"/g) ?? [];
  for (const reference of new Set(references)) {
    assert.ok(Object.hasOwn(definitions, reference.slice(15, -1)), reference);
  }
});

test("/openapi/v2 has the kinds of definitions, and the options of their patches", async () => {
  const document = await json("/openapi/v2");
  const route = valueAt(document, "definitions", "io.traefik.v1alpha1.IngressRoute");
  assert.equal(
    textAt(route, "properties", "spec", "properties", "routes", "items", "properties", "match", "type"),
    "string",
  );
  const path = "/apis/traefik.io/v1alpha1/namespaces/{namespace}/ingressroutes/{name}";
  const names = listAt(document, "paths", path, "patch", "parameters").map((each) => textAt(each, "name"));
  assert.ok(names.includes("dryRun") && names.includes("fieldValidation"));
});

test("/openapi/v3 leads to a document per group and version", async () => {
  const index = await json("/openapi/v3");
  const path = textAt(index, "paths", "apis/traefik.io/v1alpha1", "serverRelativeURL") ?? "";
  assert.match(path, /^\/openapi\/v3\/apis\/traefik\.io\/v1alpha1\?hash=/);
  const document = await json(path);
  const schemas = valueAt(document, "components", "schemas");
  assert.ok(isObject(schemas));
  assert.ok(Object.hasOwn(schemas, "io.traefik.v1alpha1.Middleware"));
  const references = JSON.stringify(document).match(/"#\/components\/schemas\/[^"]+"/g) ?? [];
  for (const reference of new Set(references)) assert.ok(Object.hasOwn(schemas, reference.slice(22, -1)), reference);
  assert.equal((await get("/openapi/v3/apis/nope/v1")).status, 404);
});

test("a document that a client has is answered 304", async () => {
  const first = await get("/openapi/v2");
  assert.equal(first.headers.get("content-type"), "text/plain; charset=utf-8");
  const etag = first.headers.get("etag") ?? "";
  assert.equal((await get("/openapi/v2", { "if-none-match": etag })).status, 304);
  assert.equal((await get("/openapi/v2", { "if-none-match": '"other"' })).status, 200);
});

test("OpenApiDocuments keeps a document until kinds come or go", () => {
  const kinds = new KindRegistry();
  const documents = new OpenApiDocuments(kinds);
  const first = documents.v2();
  assert.equal(documents.v2(), first);
  const [definition] = weirDefinitions();
  assert.ok(isObject(definition));
  kinds.declare(definition);
  assert.notEqual(documents.v2().etag, first.etag);
  kinds.withdraw(definition);
  assert.equal(documents.v2().etag, first.etag);
});

test("the binary form holds the same definitions", async () => {
  const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
  const response = await get("/openapi/v2", { accept });
  assert.equal(response.headers.get("content-type"), "application/octet-stream");
  const document = fieldsOf(new Uint8Array(await response.arrayBuffer()));
  assert.equal(textOf(document.find(({ number }) => number === 1)), "2.0");
  const definitions = fieldsOf(document.find(({ number }) => number === 9)?.value);
  const names = definitions.map(({ value }) => textOf(fieldsOf(value).find(({ number }) => number === 1)));
  const wanted = valueAt(await json("/openapi/v2"), "definitions");
  assert.deepEqual(names, Object.keys(isObject(wanted) ? wanted : {}));
});

function fieldsOf(value: number | Uint8Array | undefined): WireField[] {
  assert.ok(value instanceof Uint8Array);
  return readFields(value) ?? assert.fail("no message");
}

function textOf(field: WireField | undefined): string {
  return field?.value instanceof Uint8Array ? new TextDecoder().decode(field.value) : "";
}
