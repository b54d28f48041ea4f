// Unit tests of the served kinds: what definitions add, in which order, and with what schema.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../../src/dev/json.ts";
import { KindRegistry } from "../../../../src/dev/kube/kind-registry.ts";

function definition(group: string, versions: readonly JsonObject[]): JsonObject {
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: { type: "string" } } } };
  return {
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      names: { plural: "widgets", kind: "Widget" },
      scope: "Namespaced",
      versions: versions.map((version) => ({ served: true, storage: false, schema, ...version })),
    },
  };
}

test("KindRegistry lists groups of definitions in the order of their names", () => {
  const kinds = new KindRegistry();
  for (const group of ["b.example", "c.example", "a.example"]) kinds.declare(definition(group, [{ name: "v1" }]));
  const groups = kinds.all.filter((kind) => kind.custom).map(({ group }) => group);
  assert.deepEqual(groups, ["a.example", "b.example", "c.example"]);
  kinds.withdraw(definition("b.example", []));
  assert.equal(kinds.named("b.example/v1", "Widget"), undefined);
});

test("KindRegistry serves the versions that are served, with their schemas and what objects always have", () => {
  const kinds = new KindRegistry();
  kinds.declare(definition("a.example", [{ name: "v1" }, { name: "v2", served: false }]));
  assert.equal(kinds.named("a.example/v2", "Widget"), undefined);
  const schema = kinds.named("a.example/v1", "Widget")?.schema;
  assert.deepEqual(schema?.properties?.["spec"], { type: "string" });
  assert.deepEqual(schema?.properties?.["kind"], { type: "string" });
  assert.ok(schema?.properties?.["metadata"]?.properties?.["labels"]);
});

test("KindRegistry says of a deprecated version what to use", () => {
  const kinds = new KindRegistry();
  const old = { name: "v0", deprecated: true };
  kinds.declare(definition("a.example", [old, { name: "v1" }]));
  kinds.declare(definition("b.example", [{ ...old, deprecationWarning: "v0 is old" }]));
  kinds.declare(definition("c.example", [old]));
  const deprecation = (apiVersion: string) => kinds.named(apiVersion, "Widget")?.deprecation;
  assert.equal(deprecation("a.example/v0"), "a.example/v0 Widget is deprecated; use a.example/v1 Widget");
  assert.equal(deprecation("a.example/v1"), undefined);
  assert.equal(deprecation("b.example/v0"), "v0 is old");
  assert.equal(deprecation("c.example/v0"), "c.example/v0 Widget is deprecated");
});
