// Unit tests of the definitions of Traefik's kinds: all there, structural, and of one mind with weir's own schemas.

import assert from "node:assert/strict";
import { test } from "node:test";
import { weirDefinitions } from "../../../../../src/command/crds.ts";
import { isObject, type JsonObject, listAt, objectAt, textAt, valueAt } from "../../../../../src/dev/json.ts";
import { KindRegistry } from "../../../../../src/dev/kube/kind-registry.ts";
import { withDefinitionDefaults } from "../../../../../src/dev/structural/definition-defaults.ts";
import { definitionCauses } from "../../../../../src/dev/structural/definition-rules.ts";
import { customCauses, readCustom } from "../../../../../src/dev/structural/judge.ts";
import { middlewareSchemas } from "../../../../../src/middleware/schemas.ts";

const definitions: readonly JsonObject[] = weirDefinitions();
const kinds = new KindRegistry();
for (const definition of definitions) kinds.declare(definition);

/** What an API server with these definitions says of a specification. */
function judge(apiVersion: string, kind: string, spec: unknown): { causes: string[]; unknown: readonly string[] } {
  const schema = kinds.named(apiVersion, kind)?.schema;
  assert.ok(schema, `${apiVersion} ${kind} is not served`);
  const read = readCustom(schema, { apiVersion, kind, metadata: { name: "a", namespace: "default" }, spec });
  assert.ok(read.ok);
  const causes = customCauses(schema, read.object, []).map(({ field, message }) => `${field}: ${message}`);
  return { causes, unknown: read.unknown };
}

test("weirDefinitions() has every kind in both groups, in a fixed order", () => {
  const names = definitions.map((definition) => textAt(definition, "metadata", "name"));
  const plurals = [
    "ingressroutes",
    "ingressroutetcps",
    "ingressrouteudps",
    "middlewares",
    "middlewaretcps",
    "serverstransports",
    "serverstransporttcps",
    "tlsoptions",
    "tlsstores",
    "traefikservices",
  ];
  assert.deepEqual(
    names,
    ["traefik.io", "traefik.containo.us"].flatMap((group) => plurals.map((each) => `${each}.${group}`)),
  );
  assert.deepEqual(weirDefinitions(["traefik.containo.us"]), definitions.slice(plurals.length));
});

test("weirDefinitions() are such as an API server takes", () => {
  for (const definition of definitions) {
    assert.deepEqual(definitionCauses(withDefinitionDefaults(definition, undefined), undefined), []);
  }
});

test("a Middleware has a field for each middleware there is", () => {
  const middleware = kinds.named("traefik.io/v1alpha1", "Middleware")?.schema?.properties?.["spec"];
  assert.deepEqual(Object.keys(middleware?.properties ?? {}), [...middlewareSchemas.keys()]);
});

test("every field of every definition is described", () => {
  const bare: string[] = [];
  const walk = (schema: unknown, path: string) => {
    if (!isObject(schema)) return;
    for (const [name, field] of Object.entries(objectAt(schema, "properties"))) {
      if (textAt(field, "description") === undefined) bare.push(`${path}.${name}`);
      walk(field, `${path}.${name}`);
    }
    walk(schema["items"], `${path}[]`);
  };
  for (const definition of definitions) {
    const spec = valueAt(definition, "spec", "versions", 0, "schema", "openAPIV3Schema", "properties", "spec");
    walk(spec, textAt(definition, "metadata", "name") ?? "");
  }
  assert.deepEqual(bare, []);
});

const V3 = "traefik.io/v1alpha1";
const V2 = "traefik.containo.us/v1alpha1";
const service = (more: JsonObject) => ({
  routes: [{ match: "x", kind: "Rule", services: [{ name: "s", port: 80, ...more }] }],
});
const SERVICE = "spec.routes[0].services[0]";

/** Specifications and what a real API server with Traefik's own definitions says of them. */
const specs: readonly (readonly [apiVersion: string, kind: string, spec: unknown, causes: readonly string[]])[] = [
  [V3, "IngressRoute", { routes: [{ match: "Host(`a`)" }] }, []],
  [V2, "IngressRoute", { routes: [{ match: "x" }] }, ["spec.routes[0].kind: Required value"]],
  [V3, "IngressRoute", {}, ["spec.routes: Required value"]],
  [V3, "IngressRoute", null, ["spec: Required value"]],
  [V3, "IngressRoute", service({ weight: -1 }), [
    `${SERVICE}.weight: Invalid value: -1: ${SERVICE}.weight in body should be greater than or equal to 0`,
  ]],
  [V3, "IngressRoute", service({ strategy: "Random" }), [
    `${SERVICE}.strategy: Unsupported value: "Random": supported values: "wrr", "p2c", "hrw", "leasttime", "RoundRobin"`,
  ]],
  [V3, "IngressRoute", service({ port: true }), [
    `${SERVICE}.port: Invalid value: "boolean": ${SERVICE}.port in body must be of type integer,string: "boolean"`,
    `<nil>: Invalid value: "": "${SERVICE}.port" must validate at least one schema (anyOf)`,
    `${SERVICE}.port: Invalid value: "boolean": ${SERVICE}.port in body must be of type integer: "boolean"`,
  ]],
  [V3, "IngressRoute", service({ sticky: { cookie: { sameSite: "Lax" } } }), []],
  [V3, "TraefikService", {}, []],
  [V2, "TraefikService", { mirroring: { name: "a", mirrors: [{ name: "b", percent: "10," }] } }, [
    'spec.mirroring.mirrors[0].percent: Invalid value: "string": spec.mirroring.mirrors[0].percent in body must be of ' +
    'type integer: "string"',
  ]],
  [V3, "TraefikService", { mirroring: { mirrors: [{}] } }, [
    "spec.mirroring.mirrors[0].name: Required value",
    "spec.mirroring.name: Required value",
  ]],
  [V3, "Middleware", { retry: {} }, []],
  [V3, "Middleware", {}, []],
  [V3, "Middleware", { plugin: { any: { thing: [1, { deep: true }] } } }, []],
  [V3, "Middleware", { retry: { attempts: 3, initialInterval: 100 } }, []],
  [V3, "Middleware", { retry: { initialInterval: "soon" } }, [
    'spec.retry.initialInterval: Invalid value: "soon": spec.retry.initialInterval in body should match ' +
    "'^([0-9]+(ns|us|µs|ms|s|m|h)?)+$'",
  ]],
  [V3, "Middleware", { errors: { status: ["5xx"], service: { name: "s" } } }, [
    `spec.errors.status[0]: Invalid value: "5xx": spec.errors.status[0] in body should match '^([1-5][0-9]{2}[,-]?)+$'`,
  ]],
  [V3, "Middleware", { chain: { middlewares: [{ namespace: "x" }] } }, [
    "spec.chain.middlewares[0].name: Required value",
    '<nil>: Invalid value: "null": some validation rules were not checked because the object was invalid; correct the ' +
    "existing errors to complete validation",
  ]],
  [V3, "IngressRouteTCP", { routes: [{ match: "HostSNI(`*`)", services: [{ name: "s" }] }] }, [
    "spec.routes[0].services[0].port: Required value",
  ]],
  [V3, "IngressRouteUDP", {}, ["spec.routes: Required value"]],
  [V3, "TLSOption", { clientAuth: { clientAuthType: "Maybe" } }, [
    'spec.clientAuth.clientAuthType: Unsupported value: "Maybe": supported values: "NoClientCert", "RequestClientCert", ' +
    '"RequireAnyClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"',
  ]],
];

test("an API server with weir's definitions judges as with Traefik's own", () => {
  for (const [apiVersion, kind, spec, wanted] of specs) {
    const { causes, unknown } = judge(apiVersion, kind, spec);
    assert.deepEqual([causes, unknown], [wanted, []], `${kind} ${JSON.stringify(spec)}`);
  }
});

test("users and certificates of middlewares stand in Secrets", () => {
  assert.deepEqual(judge(V3, "Middleware", { basicAuth: { secret: "s", users: ["a:b"] } }).unknown, [
    "spec.basicAuth.users",
  ]);
  const redis = { rateLimit: { average: 1, redis: { secret: "s", password: "p", tls: { caSecret: "c", ca: "x" } } } };
  assert.deepEqual(judge(V3, "Middleware", redis).unknown, [
    "spec.rateLimit.redis.password",
    "spec.rateLimit.redis.tls.ca",
  ]);
});

test("routes have columns that say what they match and where they listen", () => {
  const route = kinds.named(V3, "IngressRoute");
  assert.deepEqual(route?.columns.map(({ name, jsonPath }) => [name, jsonPath]), [
    ["Hosts", ".spec.routes[*].match"],
    ["Entry Points", ".spec.entryPoints"],
    ["Age", ".metadata.creationTimestamp"],
  ]);
  assert.deepEqual(
    listAt(definitions.at(-1), "spec", "versions").map((version) => valueAt(version, "additionalPrinterColumns")),
    [
      undefined,
    ],
  );
});
