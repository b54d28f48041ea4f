// Unit tests of definitions after they are stored: names, conditions, served kinds, and their end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type JsonObject, listAt, objectAt, textAt } from "../../../../src/dev/json.ts";
import { KindRegistry } from "../../../../src/dev/kube/kind-registry.ts";
import { ObjectStore } from "../../../../src/dev/kube/object-store.ts";
import { dyingDefinition, serveDefinitions } from "../../../../src/dev/structural/definition-controller.ts";
import { withDefinitionDefaults } from "../../../../src/dev/structural/definition-defaults.ts";

function cluster() {
  const store = new ObjectStore();
  const kinds = new KindRegistry();
  const events: string[] = [];
  store.subscribe(({ type, object }) => {
    const conditions = listAt(object, "status", "conditions").map((each) =>
      `${textAt(each, "type")}=${textAt(each, "status")}`
    );
    events.push([type, object.metadata.name, ...conditions].join(" "));
  });
  serveDefinitions({ store, kinds });
  const kind = kinds.builtIn("CustomResourceDefinition");
  return {
    store,
    kinds,
    kind,
    events,
    put: (content: JsonObject) => store.put(kind, withDefinitionDefaults(content, undefined)),
  };
}

function definition(plural: string, kind: string, more: JsonObject = {}): JsonObject {
  return {
    metadata: { name: `${plural}.golden.example` },
    spec: {
      group: "golden.example",
      scope: "Namespaced",
      names: { plural, kind, ...more },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
    },
  };
}

const settled = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));

test("a definition is served at once, and its status follows in two steps", async () => {
  const { store, kinds, kind, events, put } = cluster();
  put(definition("widgets", "Widget", { shortNames: ["wd"], categories: ["all"] }));
  assert.equal(kinds.named("golden.example/v1", "Widget")?.plural, "widgets");
  await settled();
  assert.deepEqual(events, [
    "ADDED widgets.golden.example",
    "MODIFIED widgets.golden.example NamesAccepted=True Established=False",
    "MODIFIED widgets.golden.example NamesAccepted=True Established=True",
  ]);
  const stored = store.get(kind, "", "widgets.golden.example");
  assert.deepEqual(objectAt(stored, "status", "acceptedNames"), {
    plural: "widgets",
    singular: "widget",
    shortNames: ["wd"],
    kind: "Widget",
    listKind: "WidgetList",
    categories: ["all"],
  });
  assert.deepEqual(listAt(stored, "status", "storedVersions"), ["v1"]);
});

test("a definition whose names are taken is kept and not served", async () => {
  const { store, kinds, kind, put } = cluster();
  put(definition("widgets", "Widget", { shortNames: ["wd"] }));
  await settled();
  put(definition("gadgets", "Gadget", { shortNames: ["wd"] }));
  await settled();
  const status = objectAt(store.get(kind, "", "gadgets.golden.example"), "status");
  assert.equal(kinds.named("golden.example/v1", "Gadget"), undefined);
  assert.deepEqual(status["acceptedNames"], {
    plural: "gadgets",
    singular: "gadget",
    kind: "Gadget",
    listKind: "GadgetList",
  });
  const told = listAt(status, "conditions").map((each) => [textAt(each, "reason"), textAt(each, "message")]);
  assert.deepEqual(told, [["ShortNamesConflict", '"wd" is already in use'], [
    "NotAccepted",
    "not all names are accepted",
  ]]);
});

test("names of another group are no conflict", async () => {
  const { kinds, put } = cluster();
  put(definition("widgets", "Widget"));
  await settled();
  const other = definition("widgets", "Widget");
  put({
    ...other,
    metadata: { name: "widgets.other.example" },
    spec: { ...objectAt(other, "spec"), group: "other.example" },
  });
  await settled();
  assert.ok(kinds.named("other.example/v1", "Widget"));
});

test("a change of the status alone changes nothing that is served", async () => {
  const { store, kinds, kind, put } = cluster();
  put(definition("widgets", "Widget"));
  await settled();
  const served = kinds.named("golden.example/v1", "Widget");
  const stored = store.get(kind, "", "widgets.golden.example");
  assert.ok(stored);
  store.put(kind, { ...stored, metadata: { ...stored.metadata, labels: { a: "b" } } });
  await settled();
  assert.equal(kinds.named("golden.example/v1", "Widget"), served);
});

test("a dying definition takes its objects along", async () => {
  const { store, kinds, kind, events, put } = cluster();
  put(definition("widgets", "Widget"));
  await settled();
  const widget = kinds.named("golden.example/v1", "Widget");
  const stored = store.get(kind, "", "widgets.golden.example");
  assert.ok(widget && stored);
  store.put(widget, { metadata: { name: "a", namespace: "default" } });
  events.length = 0;
  store.put(kind, dyingDefinition(stored));
  await settled();
  assert.deepEqual(events.map((event) => event.split(" ").slice(0, 2).join(" ")), [
    "MODIFIED widgets.golden.example",
    "DELETED a",
    "DELETED widgets.golden.example",
  ]);
  assert.equal(kinds.named("golden.example/v1", "Widget"), undefined);
});

test("a dying definition waits for the finalizers of others", async () => {
  const { store, kind, put } = cluster();
  const held = definition("widgets", "Widget");
  put({ ...held, metadata: { name: "widgets.golden.example", finalizers: ["mine.example/hold"] } });
  await settled();
  const stored = store.get(kind, "", "widgets.golden.example");
  assert.ok(stored);
  store.put(kind, dyingDefinition(stored));
  await settled();
  const rest = store.get(kind, "", "widgets.golden.example");
  assert.deepEqual(listAt(rest, "metadata", "finalizers"), ["mine.example/hold"]);
});
