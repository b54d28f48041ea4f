// TCP and UDP: what is wrong with their parts is found, and costs nobody else.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EntryPointFacts } from "../../../src/build/context.ts";
import type { TcpConfiguration, TcpRouter } from "../../../src/config/dynamic-tcp.ts";
import type { UdpConfiguration } from "../../../src/config/dynamic-udp.ts";
import { compileRule } from "./rule-tree.ts";
import { web, Workshop } from "./fakes.ts";

const facts: readonly EntryPointFacts[] = [
  web,
  { name: "mysql", isDefault: false, middlewares: [] },
  { name: "dns", isDefault: false, middlewares: [], protocol: "udp" },
];

function shopFor(): Workshop {
  return new Workshop({ entryPoints: () => facts });
}

const server = { address: "10.0.0.5:3306", tls: false };
const app = { kind: "loadBalancer" as const, servers: [server] };
const any = "HostSNI(`*`)";
const weightedOf = (...names: string[]) => ({
  kind: "weighted" as const,
  services: names.map((name) => ({ name, weight: 1 })),
});

const none = { kind: "loadBalancer" as const, servers: [] };
const half = { app: weightedOf("none", "b"), none, b: app };

function tcpRouter(more: Partial<TcpRouter> = {}): TcpRouter {
  return { rule: any, service: "app", ...more };
}

const source = { type: "file", file: "d.yml", line: 7 } as const;

const tcpRows: readonly [title: string, parts: Partial<TcpConfiguration>, wanted: readonly string[]][] = [
  ["a sound router", {}, []],
  ["a rule that can't be read", { routers: { r: tcpRouter({ rule: "HostSNI(" }) } }, ["bad-rule"]],
  ["an HTTP rule", { routers: { r: tcpRouter({ rule: "Host(`a`)" }) } }, ["bad-rule"]],
  ["a rule that can't be compiled", { routers: { r: tcpRouter({ rule: "ClientIP(`x`)" }) } }, ["bad-rule"]],
  ["a server name without TLS", { routers: { r: tcpRouter({ rule: "HostSNI(`a`)" }) } }, ["server-name-without-tls"]],
  [
    "a server name with TLS",
    { routers: { r: tcpRouter({ rule: "HostSNI(`a`)", tls: { passthrough: true } }) } },
    [],
  ],
  [
    "TLS options that don't exist",
    { routers: { r: tcpRouter({ tls: { passthrough: false, options: "x" } }) } },
    ["missing-tls-options"],
  ],
  ["no such service", { routers: { r: tcpRouter({ service: "x" }) } }, ["missing-service"]],
  ["no such middleware", { routers: { r: tcpRouter({ middlewares: ["x"] }) } }, ["missing-middleware"]],
  ["no such entry point", { routers: { r: tcpRouter({ entryPoints: ["x"] }) } }, ["unknown-entry-point"]],
  ["a UDP entry point", { routers: { r: tcpRouter({ entryPoints: ["dns"] }) } }, ["unknown-entry-point"]],
  [
    "one entry point of two",
    { routers: { r: tcpRouter({ entryPoints: ["mysql", "x"] }) } },
    ["unknown-entry-point"],
  ],
  [
    "a priority beyond all bounds",
    { routers: { r: tcpRouter({ priority: Number.MAX_SAFE_INTEGER }) } },
    ["bad-priority"],
  ],
  [
    "a service whose transport doesn't exist",
    { services: { app: { ...app, serversTransport: "x" } } },
    ["missing-service", "missing-service"],
  ],
  ["the default transport by name", { services: { app: { ...app, serversTransport: "default@internal" } } }, []],
  ["a missing child", { services: { app: weightedOf("b", "x"), b: app } }, ["missing-service"]],
  ["missing children only", { services: { app: weightedOf("x") } }, ["missing-service", "missing-service"]],
  ["a service of itself", { services: { app: weightedOf("app", "b"), b: app } }, ["missing-service"]],
  ["a defect beside servers", { routers: { r: tcpRouter({ defects: ["no b"] }) } }, []],
  ["a defect beside a child", { routers: { r: tcpRouter({ defects: ["no b"] }) }, services: half }, []],
  ["a defect without servers", { routers: { r: tcpRouter({ defects: ["no b"] }) }, services: { app: none } }, []],
  ["no servers", { services: { app: none } }, []],
];

const usable: Readonly<Record<string, string>> = {
  "a sound router": "enabled",
  "a server name with TLS": "enabled",
  "one entry point of two": "warning",
  "a priority beyond all bounds": "warning",
  "the default transport by name": "enabled",
  "a defect beside servers": "warning",
  "a defect beside a child": "warning",
  "no servers": "enabled",
  "a missing child": "enabled",
  "a service of itself": "enabled",
};

for (const [title, parts, wanted] of tcpRows) {
  test(`buildRoutingTable() checks TCP: ${title}`, () => {
    const { status, problems } = shopFor().build({ tcp: { routers: { r: tcpRouter() }, services: { app }, ...parts } });
    assert.deepEqual(problems.map(({ code }) => code), wanted);
    assert.equal(status.tcp.routers[0]?.state, usable[title] ?? "disabled");
    if (usable[title] !== "enabled") assert.ok((status.tcp.routers[0]?.errors.length ?? 0) > 0);
  });
}

test("buildRoutingTable() tells of TCP parts where they stand, and who uses them", () => {
  const { status, problems } = shopFor().build({
    tcp: {
      routers: {
        a: tcpRouter({ service: "split", middlewares: ["few"], entryPoints: ["mysql"] }),
        b: tcpRouter({ service: "gone", source, rulePath: ["tcp", "routers", "b", "rule"], rule: "HostSNI(`*`) && x" }),
        c: tcpRouter({ rule: compileRule("HostSNI(`c.test`)"), tls: { passthrough: true } }),
      },
      services: { split: weightedOf("app"), app, idle: app },
      middlewares: { few: { kind: "inFlightConn", options: { amount: 1 } } },
    },
  });
  assert.deepEqual(problems.map(({ severity, code, message }) => [severity, code, message]), [
    ["error", "bad-rule", problems[0]?.message],
    ["error", "missing-service", "router b@file: the service gone@file does not exist"],
  ]);
  assert.deepEqual([problems[0]?.source, problems[0]?.path], [source, ["tcp", "routers", "b", "rule"]]);
  const { routers, services, middlewares } = status.tcp;
  assert.deepEqual(routers.map(({ name, using, priority }) => [name, using, priority]), [
    ["a@file", ["mysql"], -1],
    ["b@file", [], 17],
    ["c@file", ["web"], 17],
  ]);
  assert.deepEqual(services.map(({ name, state, usedBy }) => [name, state, usedBy]), [
    ["app@file", "enabled", ["a@file", "c@file"]],
    ["idle@file", "enabled", []],
    ["split@file", "enabled", ["a@file"]],
  ]);
  assert.deepEqual(middlewares.map(({ name, usedBy }) => [name, usedBy]), [["few@file", ["a@file"]]]);
});

const dns = { kind: "loadBalancer" as const, servers: [{ address: "10.0.0.5:53" }] };
const udpRows: readonly [
  title: string,
  parts: Partial<UdpConfiguration>,
  wanted: readonly string[],
  states: readonly string[],
][] = [
  ["a sound router", {}, [], ["enabled"]],
  ["a router without entry point", { routers: { r: { service: "dns" } } }, ["no-entry-point"], ["disabled"]],
  ["a TCP entry point", { routers: { r: { entryPoints: ["web"], service: "dns" } } }, ["unknown-entry-point"], [
    "disabled",
  ]],
  ["no such service", { routers: { r: { entryPoints: ["dns"], service: "x" } } }, ["missing-service"], ["disabled"]],
  [
    "a second router of an entry point",
    { routers: { r: { entryPoints: ["dns"], service: "dns" }, s: { entryPoints: ["dns"], service: "dns" } } },
    ["entry-point-taken"],
    ["enabled", "disabled"],
  ],
  [
    "a broken router before a sound one",
    { routers: { a: { entryPoints: ["dns"], service: "x" }, s: { entryPoints: ["dns"], service: "dns" } } },
    ["missing-service"],
    ["disabled", "enabled"],
  ],
  ["a missing child", { services: { dns: weightedOf("x", "y"), y: dns } }, ["missing-service"], ["enabled"]],
  [
    "a defect beside servers, and one without",
    {
      routers: {
        r: { entryPoints: ["dns"], service: "none", defects: ["no a"] },
        s: { entryPoints: ["dns"], service: "dns", defects: ["no b"] },
      },
      services: { dns, none },
    },
    [],
    ["disabled", "warning"],
  ],
];

for (const [title, parts, wanted, states] of udpRows) {
  test(`buildRoutingTable() checks UDP: ${title}`, () => {
    const routers = { r: { entryPoints: ["dns"], service: "dns" } };
    const { status, problems } = shopFor().build({ udp: { routers, services: { dns }, ...parts } });
    assert.deepEqual(problems.map(({ code }) => code), wanted);
    assert.deepEqual(status.udp.routers.map(({ state }) => state), states);
  });
}

test("buildRoutingTable() gives a UDP entry point to the first of its routers", () => {
  const { status } = shopFor().build({
    udp: {
      routers: { r: { entryPoints: ["dns"], service: "dns" }, s: { entryPoints: ["dns"], service: "dns" } },
      services: { dns },
    },
  });
  assert.deepEqual(status.udp.routers.map(({ name, using, errors }) => [name, using, errors]), [
    ["r@file", ["dns"], []],
    ["s@file", [], ["the entry point dns has the router r@file already, and UDP entry points have one"]],
  ]);
  assert.deepEqual(status.udp.services.map(({ usedBy }) => usedBy), [["r@file", "s@file"]]);
});

test("buildRoutingTable() keeps HTTP routers off UDP entry points", async () => {
  const shop = shopFor();
  const { table } = shop;
  assert.deepEqual([...table.entryPoints.keys()], ["web", "mysql"]);
  const { problems } = shop.build({ routers: { r: { rule: "Path(`/`)", service: "x", entryPoints: ["dns"] } } });
  assert.equal(problems[0]?.code, "unknown-entry-point");
  assert.equal(await shop.ask("a.test/"), "404 404 page not found");
});

test("buildRoutingTable() survives a chain of thousands of TCP services", () => {
  const entries = Array.from({ length: 5_000 }, (_, at) => [`s${at}`, weightedOf(`s${at + 1}`)] as const);
  const { status } = shopFor().build({
    tcp: { routers: { r: tcpRouter({ service: "s0" }) }, services: Object.fromEntries(entries) },
  });
  assert.match(status.tcp.routers[0]?.errors[0] ?? "", /has more than 100 levels/);
});
