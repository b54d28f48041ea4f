// Which objects ask for the address of a Service or of Nodes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asksForAddress } from "../../../../src/dev/cluster/simulated-address.ts";
import { createObject } from "../../../../src/dev/kube/object.ts";

const identity = {
  name: "a",
  namespace: "shop",
  uid: "u",
  resourceVersion: "1",
  generation: 1,
  creationTimestamp: "2026-01-01T00:00:00Z",
};
const traefik = "traefik.io/v1alpha1";
const annotated = (name: string, value: string) => ({
  annotations: { [`traefik.ingress.kubernetes.io/${name}`]: value },
});
const service = (fields: object) => ({ routes: [{ match: "Host(`a`)", services: [{ name: "a", ...fields }] }] });

const rows: readonly (readonly [what: string, apiVersion: string, kind: string, content: object, asks: boolean])[] = [
  ["nativeLB", traefik, "IngressRoute", { spec: service({ nativeLB: true }) }, true],
  ["nodePortLB", traefik, "IngressRouteTCP", { spec: service({ nodePortLB: true }) }, true],
  ["a mirror", traefik, "TraefikService", { spec: { mirroring: { mirrors: [{ name: "a", nativeLB: true }] } } }, true],
  ["a page of errors", traefik, "Middleware", { spec: { errors: { service: { name: "a", nativeLB: true } } } }, true],
  ["nativeLB that is off", traefik, "IngressRoute", { spec: service({ nativeLB: false }) }, false],
  ["neither", traefik, "IngressRoute", { spec: service({}) }, false],
  ["the annotation", "v1", "Service", { metadata: annotated("service.nativelb", "true") }, true],
  ["the annotation that is off", "v1", "Service", { metadata: annotated("service.nativelb", "false") }, false],
  ["a field of that name elsewhere", "v1", "Service", { spec: { nativeLB: true } }, false],
];

for (const [what, apiVersion, kind, content, asks] of rows) {
  test(`asksForAddress() is ${asks} of ${kind} with ${what}`, () => {
    const object = createObject({ ...content }, { ...identity, apiVersion, kind });
    assert.equal(asksForAddress(object), asks);
  });
}
