// What the API is given to show: names for keys, and no secrets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInTlsOptions } from "../../../src/config/dynamic-tls.ts";
import { takeSnapshot } from "../../../src/control/snapshot.ts";
import { middlewareRegistry } from "../../../src/middleware/registry.ts";
import { middleware, router, web, Workshop } from "../build/fakes.ts";

const facts = {
  entryPoints: () => [],
  providers: ["File"],
  features: { tracing: "", metrics: "", accessLog: false },
  problems: () => [],
};
const app = { kind: "loadBalancer" as const, servers: [{ address: "a:1", tls: false }], displayName: "app" };
const split = { kind: "weighted" as const, services: [{ name: "[1]", weight: 1 }] };

test("takeSnapshot() shows TCP and UDP parts by the names people know", () => {
  const shop = new Workshop({ entryPoints: () => [web, { ...web, name: "dns", protocol: "udp" }] });
  const table = shop.build({
    tcp: {
      routers: {
        r: {
          ...{ rule: "HostSNI(`*`)", service: "[1]", middlewares: ["[2]"], displayName: "shown" },
          tls: { passthrough: false, options: "[3]" },
        },
      },
      services: { "[1]": app, split },
      middlewares: { "[2]": { kind: "inFlightConn", options: { amount: 1 }, displayName: "few" } },
    },
    udp: {
      routers: { u: { entryPoints: ["dns"], service: "split" } },
      services: { "[1]": { ...app, servers: [{ address: "a:1" }] }, split },
    },
    tls: { options: { "[3]": { ...builtInTlsOptions, displayName: "strict" } } },
  });
  const { tcp, udp } = takeSnapshot(table, facts);
  const [shown] = tcp.routers;
  assert.deepEqual([shown?.name, shown?.service, shown?.middlewares], ["shown@file", "app@file", ["few@file"]]);
  assert.deepEqual(shown?.tls, { passthrough: false, options: "strict@file" });
  assert.deepEqual(shown.entryPoints, ["web"]);
  const children = [...tcp.services, ...udp.services].map(({ service }) =>
    service.kind === "weighted" && service.services
  );
  assert.deepEqual(children.filter(Boolean), [[{ name: "app@file", weight: 1 }], [{ name: "app@file", weight: 1 }]]);
  assert.deepEqual(udp.routers.map(({ name, service, using }) => [name, service, using]), [
    ["u@file", "split@file", ["dns"]],
  ]);
});

test("takeSnapshot() shows no secret of a middleware", () => {
  const shop = new Workshop({ middlewares: middlewareRegistry });
  const table = shop.build({
    routers: { r: router("a.test", "x", { middlewares: ["auth"] }) },
    middlewares: {
      auth: middleware("basicAuth", { users: ["me:hash"], realm: "r" }),
      jwt: middleware("plugin", { jwt: { anything: "hush" } }),
    },
  });
  const { middlewares } = takeSnapshot(table, facts);
  assert.deepEqual(middlewares.map(({ options }) => options), [
    { users: ["xxxx"], realm: "r" },
    { jwt: { anything: "xxxx" } },
  ]);
});

test("takeSnapshot() shows a proxy without a table, too", () => {
  const { routers, tcp, udp } = takeSnapshot(undefined, facts);
  assert.deepEqual([routers, tcp.routers, udp.services], [[], [], []]);
});
