// Unit tests of the addresses and node ports that Services get, keep and give back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type AllocatorOptions, ServiceAllocator } from "../../../../src/dev/built-in/service-allocator.ts";
import { type JsonObject, listAt, numberAt, textAt } from "../../../../src/dev/json.ts";
import { builtInKinds } from "../../../../src/dev/kube/built-in-kinds.ts";
import { ObjectStore } from "../../../../src/dev/kube/object-store.ts";

const kind = builtInKinds.find((each) => each.kind === "Service");

function fixture(options: Partial<AllocatorOptions> = {}) {
  const store = new ObjectStore();
  const allocator = new ServiceAllocator({ store, ...options });
  const put = (service: JsonObject) => {
    assert.ok(kind !== undefined);
    return store.put(kind, service);
  };
  return { store, allocator, put };
}

const service = (name: string, spec: JsonObject): JsonObject => ({ metadata: { name, namespace: "default" }, spec });

test("a Service gets the same address each time, unless it is taken", () => {
  const { allocator, put } = fixture();
  const first = allocator.allocate(service("a", { type: "ClusterIP" }), undefined).object;
  const address = textAt(first, "spec", "clusterIP") ?? "";
  assert.match(address, /^127\.(?:9[6-9]|10\d|11[01])\./);
  assert.deepEqual(allocator.allocate(service("a", { type: "ClusterIP" }), undefined).object, first);
  put(service("b", { clusterIP: address, clusterIPs: [address] }));
  assert.notEqual(textAt(allocator.allocate(service("a", {}), undefined).object, "spec", "clusterIP"), address);
});

const addresses: readonly (readonly [string, JsonObject, string])[] = [
  [
    "out of the range",
    { clusterIP: "10.1.1.1" },
    "failed to allocate IP 10.1.1.1: the provided IP (10.1.1.1) is not in the valid range. " +
    "The range of valid IPs is 10.96.0.0/16",
  ],
  [
    "of the API server",
    { clusterIP: "10.96.0.1" },
    "failed to allocate IP 10.96.0.1: provided IP is already allocated",
  ],
];

for (const [title, spec, why] of addresses) {
  test(`an address ${title} is refused`, () => {
    const { allocator } = fixture({ serviceRange: "10.96.0.0/16" });
    const { causes } = allocator.allocate(service("a", spec), undefined);
    const shown = `[]string{"${textAt(spec, "clusterIP") ?? ""}"}`;
    const message = `Invalid value: ${shown}: ${why}`;
    assert.deepEqual(causes, [{ reason: "FieldValueInvalid", message, field: "spec.clusterIPs" }]);
  });
}

test("without a range of its own, a fixed address of any cluster is taken", () => {
  const { allocator } = fixture();
  assert.deepEqual(allocator.allocate(service("a", { clusterIP: "10.43.0.10" }), undefined).causes, []);
});

test("node ports are given, held and given back", () => {
  const { allocator, put, store } = fixture();
  const spec = { type: "NodePort", ports: [{ port: 80, protocol: "TCP", nodePort: 30080 }] };
  put(allocator.allocate(service("a", spec), undefined).object);
  const taken = allocator.allocate(service("b", spec), undefined);
  assert.deepEqual(taken.causes.map(({ field, message }) => `${field}: ${message}`), [
    "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
  ]);
  const held = allocator.allocate(service("a", spec), service("a", spec));
  assert.deepEqual(held.causes, []);
  assert.ok(kind !== undefined);
  store.remove(kind, "default", "a");
  assert.deepEqual(allocator.allocate(service("b", spec), undefined).causes, []);
});

test("a node port out of the range is refused, and automatic ones differ", () => {
  const { allocator } = fixture();
  const low = allocator.allocate(service("a", { type: "NodePort", ports: [{ port: 80, nodePort: 80 }] }), undefined);
  assert.match(low.causes[0]?.message ?? "", /not in the valid range. The range of valid ports is 30000-32767/);
  const both = allocator.allocate(
    service("a", { type: "LoadBalancer", ports: [{ port: 80 }, { port: 80 }] }),
    undefined,
  );
  const [first, second] = listAt(both.object, "spec", "ports").map((port) => numberAt(port, "nodePort"));
  assert.notEqual(first, second);
  assert.ok(first !== undefined && first >= 30000 && first <= 32767);
});

const shapes: readonly (readonly [string, JsonObject, JsonObject])[] = [
  ["ExternalName", { type: "ExternalName" }, { type: "ExternalName" }],
  [
    "headless with selector",
    { clusterIP: "None", selector: { a: "b" } },
    {
      clusterIP: "None",
      clusterIPs: ["None"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      selector: { a: "b" },
    },
  ],
  [
    "headless without selector",
    { clusterIP: "None" },
    { clusterIP: "None", clusterIPs: ["None"], ipFamilies: ["IPv4", "IPv6"], ipFamilyPolicy: "RequireDualStack" },
  ],
];

for (const [title, spec, wanted] of shapes) {
  test(`a Service that is ${title} gets its families`, () => {
    const { allocator } = fixture();
    assert.deepEqual(allocator.allocate(service("a", spec), undefined).object["spec"], wanted);
  });
}
