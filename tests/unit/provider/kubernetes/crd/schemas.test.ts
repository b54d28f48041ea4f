// The check of manifests against the schemas: texts, hints and paths, and agreement with a real API server's answers.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { formatPath } from "../../../../../src/schema/path.ts";
import { crdSchemas, validateObject } from "../../../../../src/provider/kubernetes/crd/schemas.ts";
import { testMiddlewares } from "../objects.ts";

const service = (spec: unknown) => ({
  apiVersion: "traefik.containo.us/v1alpha1",
  kind: "TraefikService",
  metadata: { name: "t" },
  spec,
});
const mirror = (percent: unknown) => ({
  mirroring: { name: "a", port: 80, mirrors: [{ name: "b", port: 80, percent }] },
});
const route = (route: unknown) => ({
  apiVersion: "traefik.io/v1alpha1",
  kind: "IngressRoute",
  metadata: { name: "r", namespace: "n" },
  spec: { routes: [route] },
});

const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
  ["a right object", service(mirror(10)), []],
  ["a number with a comma", service(mirror("10,")), [
    'error spec.mirroring.mirrors[0].percent: "percent" must be a whole number, got "10," (did you mean 10, without quotes and commas?)',
  ]],
  ["a fraction", service(mirror(10.5)), [
    'error spec.mirroring.mirrors[0].percent: "percent" must be a whole number, got 10.5',
  ]],
  ["an unknown field", service({ weighted: { services: [{ name: "a", wieght: 3 }] } }), [
    'warning spec.weighted.services[0].wieght: unknown field "wieght" (did you mean "weight"?)',
  ]],
  ["an unknown field next to an error", route({ match: 5, sevices: [] }), [
    'error spec.routes[0].match: "match" must be a string, got 5',
    'warning spec.routes[0].sevices: unknown field "sevices" (did you mean "services"?)',
  ]],
  ["a missing field", route({}), ['error spec.routes[0].match: "match" is missing: it must be a string']],
  ["a port of the wrong type", route({ match: "x", services: [{ name: "a", port: true }] }), [
    'error spec.routes[0].services[0].port: "port" must be a port number or the name of a port, got true',
  ]],
  ["a name out of a set", route({ match: "x", services: [{ name: "a", kind: "Servic" }] }), [
    'error spec.routes[0].services[0].kind: "kind" must be "Service" or "TraefikService", got "Servic" (did you mean "Service"?)',
  ]],
  ["a route without kind in Traefik 2's group", {
    ...route({ match: "x" }),
    apiVersion: "traefik.containo.us/v1alpha1",
  }, [
    'error spec.routes[0].kind: "kind" is missing: it must be "Rule"',
  ]],
  ["no spec", service(undefined), ['error spec: "spec" is missing: it must be a mapping']],
  ["no name", { apiVersion: "v1", kind: "Service", metadata: {} }, ['error metadata.name: "metadata.name" is missing']],
  ["no kind", { apiVersion: "v1" }, ['error kind: "kind" is missing']],
  ["no mapping", [1], ["error : the manifest must be a mapping, got a list"]],
  ["a mistyped kind", { ...service({}), kind: "TraefikServce" }, [
    'error kind: the kind "TraefikServce" is unknown in traefik.containo.us (did you mean "TraefikService"?)',
  ]],
  ["a mistyped group", { ...service({}), apiVersion: "traefik.oi/v1alpha1" }, [
    'error apiVersion: the API group "traefik.oi" is unknown (did you mean "traefik.io"?)',
  ]],
  ["a kind that is not served yet", { ...service({}), kind: "TLSOption" }, []],
  ["a kind of somebody else", { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" } }, []],
  [
    "nulls in a built-in kind",
    { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: { ports: null } },
    [],
  ],
  ["options of a middleware", {
    apiVersion: "traefik.io/v1alpha1",
    kind: "Middleware",
    metadata: { name: "m" },
    spec: { stripPrefix: { prefixes: "/a" } },
  }, ['error spec.stripPrefix.prefixes: "prefixes" must be a list, got "/a"']],
];

for (const [what, manifest, expected] of cases) {
  test(`validateObject() ${what}`, () => {
    const problems = validateObject(manifest, testMiddlewares).map(({ severity, path = [], message, hint }) =>
      `${severity} ${formatPath(path)}: ${message}${hint === undefined ? "" : ` (${hint})`}`
    );
    assert.deepEqual(problems, expected);
  });
}

test("crdSchemas holds every kind in both groups", () => {
  for (const kind of ["IngressRoute", "TraefikService", "Middleware", "ServersTransport"]) {
    assert.ok(crdSchemas.has(`traefik.io/${kind}`) && crdSchemas.has(`traefik.containo.us/${kind}`), kind);
  }
  assert.ok(crdSchemas.has("/Service") && crdSchemas.has("discovery.k8s.io/EndpointSlice"));
});

const shared = process.env["WEIR_SHARED"] ?? "";
const golden = `${shared}/kube-golden`;
const scenarios = ["10-ingressroute", "10-ingressroute_containo", "10-traefikservice", "10-traefikservice_containo"];

/** What the recordings refuse for reasons outside the schema: names, URLs, strictness asked for. */
const outside = /^(bad-name-upper|wrong-apiversion|namespace-mismatch|unknown-fields-(Strict|Bogus))$/;

test("validateObject() accepts and refuses what a real API server does", {
  skip: shared !== "" && existsSync(golden) ? false : "WEIR_SHARED does not lead to the recordings",
}, () => {
  let compared = 0;
  for (const scenario of ["v1.20", "v1.26"].flatMap((version) => scenarios.map((name) => `${version}/${name}.jsonl`))) {
    const file = `${golden}/${scenario}`;
    if (!existsSync(file)) continue;
    for (const line of readFileSync(file, "utf8").split("\n").filter((text) => text !== "")) {
      const { name, request, response } = JSON.parse(line);
      if (request?.method !== "POST" || request.body?.metadata?.name === undefined || outside.test(name)) continue;
      if (request.body.kind === undefined || ![201, 400, 422].includes(response.status)) continue;
      const errors = validateObject(request.body).filter(({ severity }) => severity === "error");
      assert.equal(errors.length === 0, response.status === 201, `${scenario} ${name}: ${JSON.stringify(errors)}`);
      compared++;
    }
  }
  assert.ok(compared > 50, `${compared} manifests compared`);
});
