// TCP and UDP routers in force: the tables and handlers that entry points get, and what closes a router.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EntryPointFacts } from "../../../src/build/context.ts";
import type {
  TcpConfiguration,
  TcpLoadBalancer,
  TcpRouter,
  TcpServersTransport,
} from "../../../src/config/dynamic-tcp.ts";
import { TcpSession } from "../../../src/net/tcp-session.ts";
import { decideConnection } from "../../../src/router/tcp-table.ts";
import type { FirstBytesFacts } from "../../../src/router/tcp-table.ts";
import { MemoryConnection, Peer, settled } from "../../support/memory-connection.ts";
import { type Parts, web, Workshop } from "./fakes.ts";

const facts: readonly EntryPointFacts[] = [
  web,
  { name: "db", isDefault: false, middlewares: [] },
  { name: "dns", isDefault: false, middlewares: [], protocol: "udp" },
];

const app = { kind: "loadBalancer" as const, servers: [{ address: "10.0.0.5:80", tls: false }] };
const unread: FirstBytesFacts = { kind: "unread" };

function router(more: Partial<TcpRouter> = {}): TcpRouter {
  return { rule: "HostSNI(`*`)", service: "app", entryPoints: ["db"], ...more };
}

function build(parts: Parts): Workshop {
  const shop = new Workshop({ entryPoints: () => facts });
  shop.build(parts);
  return shop;
}

/** What a client of the entry point `db` gets for a request that its server understands; empty: it is closed. */
async function connect({ table }: Workshop, first: FirstBytesFacts = unread): Promise<string> {
  const tcp = table.tcp.get("db");
  const verdict = tcp === undefined ? undefined : decideConnection(tcp, first, "192.0.2.1");
  if (verdict?.kind !== "tcp") return verdict?.kind ?? "no table";
  const ours = new MemoryConnection();
  const client = new Peer(ours.pair());
  verdict.route.handler(new TcpSession(ours, { entryPoint: "db", idleMs: 0 }));
  client.send("GET / HTTP/1.1\r\n\r\n");
  await settled();
  const text = client.text.split("\r\n\r\n")[1] ?? "";
  client.connection.reset();
  await settled();
  return text;
}

const services = { app };
const none: TcpLoadBalancer = { kind: "loadBalancer", servers: [] };
const rows: readonly [title: string, tcp: Partial<TcpConfiguration>, wanted: string][] = [
  ["a sound router serves", { routers: { r: router() }, services }, "10.0.0.5:80"],
  [
    "a router elsewhere leaves the entry point alone",
    { routers: { r: router({ entryPoints: ["web"] }) }, services },
    "no table",
  ],
  ["a bad rule leaves the entry point alone", { routers: { r: router({ rule: "HostSNI(" }) }, services }, "no table"],
  ["a missing service closes", { routers: { r: router({ service: "x" }) }, services }, ""],
  ["a missing middleware closes", { routers: { r: router({ middlewares: ["x"] }) }, services }, ""],
  ["a defect beside servers serves", { routers: { r: router({ defects: ["no b"] }) }, services }, "10.0.0.5:80"],
  [
    "a service without servers closes, and does not shadow a sound one of its priority",
    { routers: { a: router({ service: "none", defects: ["no b"] }), b: router() }, services: { app, none } },
    "10.0.0.5:80",
  ],
  [
    "a service without servers closes at a higher priority",
    {
      routers: { a: router({ service: "none", defects: ["no b"], priority: 9 }), b: router() },
      services: { app, none },
    },
    "",
  ],
  [
    "a middleware that refuses closes",
    {
      routers: { r: router({ middlewares: ["none"] }) },
      services,
      middlewares: { none: { kind: "ipAllowList", options: { sourceRange: ["10.0.0.0/8"] } } },
    },
    "",
  ],
  [
    "a middleware that lets it pass serves",
    {
      routers: { r: router({ middlewares: ["few"] }) },
      services,
      middlewares: { few: { kind: "inFlightConn", options: { amount: 1 } } },
    },
    "10.0.0.5:80",
  ],
  [
    "a broken router does not shadow a sound one of its priority",
    { routers: { a: router({ service: "x" }), b: router() }, services },
    "10.0.0.5:80",
  ],
  [
    "a broken router of higher priority is not passed over",
    { routers: { a: router({ service: "x", priority: 9 }), b: router() }, services },
    "",
  ],
];

for (const [title, tcp, wanted] of rows) {
  test(`buildRoutingTable() of TCP: ${title}`, async () => {
    assert.equal(await connect(build({ tcp })), wanted);
  });
}

test("buildRoutingTable() gives TLS connections that are passed through to the router of their name", async () => {
  const tls = { passthrough: true };
  const shop = build({ tcp: { routers: { r: router({ rule: "HostSNI(`a.test`)", tls }) }, services } });
  const hello = (serverName: string): FirstBytesFacts => ({ kind: "tls", serverName, alpn: [] });
  assert.equal(await connect(shop), "read");
  assert.equal(await connect(shop, hello("a.test")), "10.0.0.5:80");
  assert.equal(await connect(shop, hello("b.test")), "https");
});

const transport: TcpServersTransport = { dialKeepAliveMs: 0, dialTimeoutMs: 1_000, terminationDelayMs: 5 };
const clientTls = { insecureSkipVerify: false, rootCAs: [] };
const broken: readonly [title: string, tls: NonNullable<TcpServersTransport["tls"]>, message: RegExp][] = [
  ["SPIFFE", { ...clientTls, spiffe: {} }, /SPIFFE identities are checked against rootCAs/],
  ["a file nobody could read", { ...clientTls, rootCAs: [{ file: "/ca.pem" }] }, /in \/ca\.pem can't be read/],
];

for (const [title, tls, message] of broken) {
  test(`buildRoutingTable() of TCP: a transport that wants ${title} closes its routers`, async () => {
    const shop = build({
      tcp: {
        routers: { r: router() },
        services: { app: { ...app, serversTransport: "t" } },
        serversTransports: { t: { ...transport, tls } },
      },
    });
    assert.equal(await connect(shop), "");
    assert.match(shop.table.problems.map((problem) => problem.message).join("\n"), message);
    assert.equal(shop.table.status.tcp.routers[0]?.state, "disabled");
  });
}

test("buildRoutingTable() of TCP dials with the start options where no transport is named", async () => {
  const secure = { kind: "loadBalancer" as const, servers: [{ address: "10.0.0.6:80", tls: true }] };
  const rows: readonly [TcpLoadBalancer, keepAliveMs: number, skipsVerify: boolean | undefined][] = [
    [app, 7_000, undefined],
    [secure, 7_000, true],
    [{ ...secure, serversTransport: "t" }, 15_000, undefined],
  ];
  for (const [service, keepAliveMs, skipsVerify] of rows) {
    const shop = new Workshop({
      entryPoints: () => facts,
      tcpTransport: { keepAliveMs: 7_000 },
      tcpClientTls: () => ({ ...clientTls, insecureSkipVerify: true }),
    });
    const serversTransports = { t: transport };
    shop.build({ tcp: { routers: { r: router() }, services: { app: service }, serversTransports } });
    await connect(shop);
    const [dialled] = shop.fake.dials;
    assert.deepEqual([dialled?.keepAliveMs, dialled?.tls?.skipVerify], [keepAliveMs, skipsVerify]);
    assert.equal(dialled?.tls !== undefined, service !== app);
  }
});

test("buildRoutingTable() of TCP tells the state of servers", () => {
  const { table } = build({ tcp: { routers: { r: router() }, services } });
  assert.deepEqual(table.status.tcp.services.map((service) => service.serverStatus()), [{ "10.0.0.5:80": "UP" }]);
});

test("buildRoutingTable() of UDP gives the entry point's sessions to its router's service", () => {
  const dns = { kind: "loadBalancer" as const, servers: [{ address: "10.0.0.5:53" }, { address: "10.0.0.6:53" }] };
  const { table } = build({ udp: { routers: { r: { entryPoints: ["dns"], service: "dns" } }, services: { dns } } });
  const handler = table.udp.get("dns");
  const remote = { ip: "192.0.2.1", port: 5 };
  const leases = [1, 2, 3].map(() => handler?.({ remote }));
  assert.deepEqual(leases.map((lease) => `${lease?.host}:${lease?.port}`), [
    ...["10.0.0.5:53", "10.0.0.6:53", "10.0.0.5:53"],
  ]);
  for (const lease of leases) lease?.end();
  assert.deepEqual([...build({}).table.udp.keys()], []);
});
