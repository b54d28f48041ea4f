// Unit tests of strategic merge patch, typed by the schemas of built-in kinds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInSchema } from "../../../../src/dev/built-in/built-in-schemas.ts";
import type { JsonObject } from "../../../../src/dev/json.ts";
import { strategicPatch } from "../../../../src/dev/patch/strategic-patch.ts";

const service = { spec: { ports: [{ name: "a", port: 80 }, { name: "b", port: 81 }], selector: { app: "x" } } };
const patchService = (patch: JsonObject) => strategicPatch(builtInSchema("v1", "Service"), service, patch);
const patchPod = (pod: JsonObject, patch: JsonObject) => strategicPatch(builtInSchema("v1", "Pod"), pod, patch);
const patchDeployment = (target: JsonObject, patch: JsonObject) =>
  strategicPatch(builtInSchema("apps/v1", "Deployment"), target, patch);

test("strategicPatch() merges lists by their keys and follows directives", () => {
  const rows: [object, object][] = [
    [{ spec: { ports: [{ port: 80, name: "z" }] } }, { ports: [{ name: "z", port: 80 }, { name: "b", port: 81 }] }],
    [{ spec: { ports: [{ port: 82 }] } }, { ports: [{ port: 82 }, ...service.spec.ports] }],
    [{ spec: { ports: [{ port: 80, $patch: "delete" }] } }, { ports: [{ name: "b", port: 81 }] }],
    [{ spec: { ports: [{ port: 9 }, { $patch: "replace" }] } }, { ports: [{ port: 9 }] }],
    [
      { spec: { "$setElementOrder/ports": [{ port: 81 }, { port: 80 }], ports: [{ port: 80, name: "z" }] } },
      { ports: [{ name: "b", port: 81 }, { name: "z", port: 80 }] },
    ],
    [{ spec: { ports: null } }, {}],
  ];
  for (const [patch, spec] of rows) {
    const wanted = { ok: true, value: { spec: { ...spec, selector: { app: "x" } } } };
    assert.deepEqual(patchService({ ...patch }), wanted, JSON.stringify(patch));
  }
  const replaced = patchService({ spec: { selector: { $patch: "replace", b: "c" } } });
  assert.deepEqual(replaced.ok && replaced.value["spec"], { ...service.spec, selector: { b: "c" } });
  const retained = patchService({ spec: { $retainKeys: ["selector"] } });
  assert.deepEqual(retained.ok && retained.value, { spec: { selector: { app: "x" } } });
});

test("strategicPatch() merges containers, their ports and environment, and finalizers as a set", () => {
  const pod = {
    metadata: { finalizers: ["a/b", "e/f"] },
    spec: {
      containers: [{ name: "c", image: "x:1", ports: [{ containerPort: 80 }], env: [{ name: "A", value: "1" }] }],
    },
  };
  const patch = {
    metadata: { finalizers: ["c/d"], "$deleteFromPrimitiveList/finalizers": ["a/b"] },
    spec: {
      containers: [{ name: "c", image: "x:2", ports: [{ containerPort: 81 }], env: [{ name: "A", value: "2" }] }],
    },
  };
  const result = patchPod(pod, patch);
  assert.deepEqual(result.ok && result.value, {
    metadata: { finalizers: ["c/d", "e/f"] },
    spec: {
      containers: [{
        name: "c",
        image: "x:2",
        ports: [{ containerPort: 81 }, { containerPort: 80 }],
        env: [{ name: "A", value: "2" }],
      }],
    },
  });
});

test("strategicPatch() replaces lists without a merge key", () => {
  const pod = { spec: { containers: [{ name: "c", args: ["1", "2"] }], tolerations: [{ key: "t" }] } };
  const result = patchPod(pod, { spec: { containers: [{ name: "c", args: ["3"] }], tolerations: [{ key: "u" }] } });
  assert.deepEqual(result.ok && result.value, {
    spec: { containers: [{ name: "c", args: ["3"] }], tolerations: [{ key: "u" }] },
  });
});

test("strategicPatch() keeps only what $retainKeys names, in objects and in items", () => {
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } };
  const volumes = [{ name: "v", emptyDir: {} }];
  const target = { spec: { strategy, template: { spec: { volumes } } } };
  const result = patchDeployment(target, {
    spec: {
      strategy: { $retainKeys: ["type"], type: "Recreate" },
      template: {
        spec: { volumes: [{ name: "v", $retainKeys: ["name", "configMap"], configMap: { name: "c" } }] },
      },
    },
  });
  assert.deepEqual(result.ok && result.value, {
    spec: {
      strategy: { type: "Recreate" },
      template: { spec: { volumes: [{ name: "v", configMap: { name: "c" } }] } },
    },
  });
});

test("strategicPatch() puts items that the order does not name before the first named one behind them", () => {
  const target = { spec: { containers: ["a", "x", "b", "y"].map((name) => ({ name })) } };
  const result = patchPod(target, {
    spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }], containers: [{ name: "b", image: "i" }] },
  });
  const names = ["x", "b", "a", "y"];
  assert.deepEqual(result.ok && result.value, {
    spec: { containers: names.map((name) => (name === "b" ? { name, image: "i" } : { name })) },
  });
});

test("strategicPatch() tells mistakes in the words of a real server", () => {
  const rows: [JsonObject, string][] = [
    [{ spec: { ports: [{ name: "a" }] } }, "map: map[name:a] does not contain declared merge key: port"],
    [{ spec: { $patch: "nope" } }, "unknown patch type: nope in map: map[$patch:nope]"],
    [
      { spec: { ports: [{ port: 80, $patch: "bogus" }] } },
      "unknown patch type: bogus in map: map[$patch:bogus port:80]",
    ],
    [{ spec: { $setElementOrder_: 0 } }, "expected a []interface {}, but received a int64"],
    [{ spec: { $retainKeys: ["type"], selector: {} } }, "patch content doesn't match retainKeys list"],
    [
      { spec: { "$setElementOrder/ports": [{ port: 81 }], ports: [{ port: 80 }] } },
      "The order in patch list:\n[map[port:80]]\n doesn't match $setElementOrder list:\n[map[port:81]]\n",
    ],
  ];
  for (const [patch, why] of rows) assert.deepEqual(patchService(patch), { ok: false, why });
});
