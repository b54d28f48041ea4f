// Addresses to publish: by the type of the Service, and what counts as published already.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type KubeObject, toKubeObject } from "../../../../../src/provider/kubernetes/store/object.ts";
import {
  addressesOf,
  isPublished,
  nodeAddresses,
  withAddresses,
} from "../../../../../src/provider/kubernetes/write-back/load-balancer.ts";

function object(kind: string, content: Readonly<Record<string, unknown>>): KubeObject {
  const names = { apiVersion: kind === "Ingress" ? "networking.k8s.io/v1" : "v1", kind };
  const made = toKubeObject({ ...names, metadata: { name: "x" }, ...content }, names);
  assert.ok(made);
  return made;
}

const node = (internal: string, external: string) =>
  object("Node", {
    status: {
      addresses: [{ type: "InternalIP", address: internal }, { type: "ExternalIP", address: external }, {
        type: "Hostname",
        address: "n",
      }],
    },
  });
const nodes = [node("10.0.0.1", "1.0.0.1"), node("10.0.0.2", "1.0.0.2"), node("10.0.0.2", "1.0.0.2")];

test("addressesOf() reads a Service by its type", () => {
  const ports = [{ port: 80, nodePort: 30080, protocol: "TCP" }, { port: 443 }];
  const rows: readonly (readonly [name: string, service: Readonly<Record<string, unknown>>, wanted: unknown])[] = [
    ["a balancer's ip and name", {
      spec: { type: "LoadBalancer" },
      status: { loadBalancer: { ingress: [{ ip: "1.2.3.4", ipMode: "VIP" }, { hostname: "lb.test", ip: "" }] } },
    }, [{ ip: "1.2.3.4" }, { hostname: "lb.test" }]],
    ["a balancer without an address yet", { spec: { type: "LoadBalancer" }, status: { loadBalancer: {} } }, undefined],
    ["a balancer's null", { spec: { type: "LoadBalancer" }, status: { loadBalancer: { ingress: null } } }, undefined],
    ["external addresses", { spec: { type: "ClusterIP", externalIPs: ["9.9.9.9"], ports } }, [
      { ip: "9.9.9.9", ports: [{ port: 80, protocol: "TCP" }, { port: 443, protocol: "TCP" }] },
    ]],
    ["no type", { spec: { externalIPs: ["9.9.9.9"] } }, [{ ip: "9.9.9.9" }]],
    ["no external address", { spec: { type: "ClusterIP", ports } }, undefined],
    ["node ports", { spec: { type: "NodePort", ports } }, [
      { ip: "1.0.0.1", ports: [{ port: 30080, protocol: "TCP" }] },
      { ip: "1.0.0.2", ports: [{ port: 30080, protocol: "TCP" }] },
    ]],
    ["another name", { spec: { type: "ExternalName", externalName: "lb.example" } }, [{ hostname: "lb.example" }]],
    ["nonsense", { spec: { type: 7 } }, undefined],
  ];
  for (const [name, service, wanted] of rows) {
    assert.deepEqual(addressesOf(object("Service", service), nodes), wanted, name);
  }
});

test("nodeAddresses() gives each address once, in the order of the Nodes", () => {
  assert.deepEqual(nodeAddresses(nodes, "InternalIP"), [{ ip: "10.0.0.1" }, { ip: "10.0.0.2" }]);
  assert.deepEqual(nodeAddresses([object("Node", {})], "InternalIP"), []);
});

test("isPublished() compares names, addresses and ports, in any order", () => {
  const a = { ip: "1.1.1.1" };
  const b = { hostname: "b.test", ports: [{ port: 80, protocol: "TCP" }] };
  const ingress = (ingress: unknown) => object("Ingress", { status: { loadBalancer: { ingress } } });
  assert.equal(isPublished(ingress([b, a]), [a, b]), true);
  assert.equal(isPublished(ingress([{ ...a, ipMode: "Proxy", hostname: "" }]), [a]), true);
  assert.equal(isPublished(ingress([a]), [a, b]), false);
  assert.equal(isPublished(ingress([{ hostname: "b.test" }]), [b]), false);
  assert.equal(isPublished(ingress(undefined), [a]), false);
  assert.equal(isPublished(ingress("nonsense"), [a]), false);
  assert.equal(isPublished(object("Ingress", {}), [a]), false);
});

test("withAddresses() changes nothing but the addresses", () => {
  const before = object("Ingress", { spec: { x: 1 }, status: { other: 2, loadBalancer: { ingress: [], more: 3 } } });
  const after = withAddresses(before, [{ ip: "1.1.1.1" }]);
  assert.deepEqual(after["status"], { other: 2, loadBalancer: { ingress: [{ ip: "1.1.1.1" }], more: 3 } });
  assert.deepEqual({ ...after, status: 0 }, { ...before.raw, status: 0 });
});
