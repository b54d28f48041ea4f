// Unit tests of the entry points that manifests name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { entryPointsOf } from "../../../../src/dev/cluster/entry-points.ts";

const object = (kind: string, spec: object, annotations: object = {}) => ({ kind, metadata: { annotations }, spec });

test("entryPointsOf() knows usual names, takes mentioned ports, and leaves the rest to the system", () => {
  const found = entryPointsOf([
    object("IngressRoute", { entryPoints: ["web", "web", "internal"] }),
    object("IngressRoute", { tls: {} }),
    object("IngressRouteTCP", { entryPoints: ["mongo"], routes: [{ services: [{ name: "m", port: 27018 }] }] }),
    object("IngressRouteTCP", { entryPoints: ["queue"], routes: [{ services: [{ name: "m", port: 7000 }] }] }),
    object("IngressRouteUDP", { entryPoints: ["dns"], routes: [{ services: [{ name: "d", port: 53 }] }] }),
    object("Ingress", {}, { "traefik.ingress.kubernetes.io/router.entrypoints": "traefik, web" }),
    object("Service", { entryPoints: ["no"] }),
  ]);
  assert.deepEqual(found.map(({ name, protocol, port }) => [name, protocol, port]), [
    ["dns", "udp", 0],
    ["internal", "tcp", 0],
    ["mongo", "tcp", 27017],
    ["queue", "tcp", 7000],
    ["traefik", "tcp", 8080],
    ["web", "tcp", 8000],
    ["websecure", "tcp", 8443],
  ]);
});

test("entryPointsOf() wants web for a route that names none", () => {
  assert.deepEqual(entryPointsOf([object("IngressRoute", {})]).map(({ name }) => name), ["web"]);
  assert.deepEqual(entryPointsOf([]), []);
});
