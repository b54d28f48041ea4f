// TCP load balancers: who gets a connection, what happens when a server can't be reached, and what servers are told.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TcpSessionFacts } from "../../../../src/net/tcp-session.ts";
import { ServerTls } from "../../../../src/service/server-tls.ts";
import { toKeepAlive } from "../../../../src/service/tcp/tcp-transport.ts";
import { type Peer, settled } from "../../../support/memory-connection.ts";
import { balance, sceneTest, TcpScene } from "./fakes.ts";

sceneTest("createTcpService() joins client and server, first bytes included", async () => {
  const scene = new TcpScene();
  const { service } = scene.build(balance(["10.0.0.1:1"]));
  const client = scene.connect(service, { first: new TextEncoder().encode("hel") });
  client.send("lo");
  await settled();
  const [first] = scene.dialled;
  assert.equal(first?.server.text, "hello");
  assert.deepEqual([scene.meter.open.value, scene.meter.total.value], [1, 1]);
  first?.server.send("answer");
  first?.server.connection.end();
  client.connection.end();
  await settled();
  assert.deepEqual([client.text, client.closed, scene.meter.open.value], ["answer", true, 0]);
  assert.deepEqual([scene.meter.received.value, scene.meter.sent.value], [5, 6]);
});

sceneTest("createTcpService() goes round its servers, and by the client's address with hrw", async () => {
  for (const [strategy, wanted] of [[undefined, 2], ["hrw", 1]] as const) {
    const scene = new TcpScene();
    const config = balance(["10.0.0.1:1", "10.0.0.2:1"], strategy === undefined ? {} : { strategy });
    const { service } = scene.build(config);
    for (let turn = 0; turn < 6; turn++) scene.connect(service);
    await settled();
    assert.equal(new Set(scene.dialled.map(({ address }) => address)).size, wanted);
    assert.equal(scene.dialled.length, 6);
  }
});

sceneTest("createTcpService() picks the least busy of two with p2c, counting open connections", async () => {
  const scene = new TcpScene();
  const { service } = scene.build(balance(["10.0.0.1:1", "10.0.0.2:1"], { strategy: "p2c" }));
  for (let turn = 0; turn < 4; turn++) scene.connect(service);
  await settled();
  assert.deepEqual(scene.dialled.map(({ address }) => address).sort(), [
    ...["10.0.0.1:1", "10.0.0.1:1", "10.0.0.2:1", "10.0.0.2:1"],
  ]);
});

sceneTest("createTcpService() tries the other servers when one refuses, each once", async () => {
  const scene = new TcpScene();
  const { service } = scene.build(balance(["10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1"]));
  scene.dead.add("10.0.0.1:1").add("10.0.0.2:1");
  const client = scene.connect(service);
  client.send("kept");
  await settled();
  assert.equal(scene.dialled[0]?.address, "10.0.0.3:1");
  assert.equal(scene.dialled[0]?.server.text, "kept");
  scene.dead.add("10.0.0.3:1");
  const other = scene.connect(service);
  await settled();
  assert.equal(other.closed || other.ended, true);
  assert.equal(scene.tried.length, 6);
  assert.equal(scene.meter.open.value, 1);
});

sceneTest(
  "createTcpService() gives each server 5 s while there are others, and all of them the dial timeout",
  () => {
    const scene = new TcpScene();
    const { service } = scene.build(balance(["10.0.0.1:1", "10.0.0.2:1"]), { dialTimeoutMs: 7_000 });
    scene.deaf.add("10.0.0.1:1").add("10.0.0.2:1");
    scene.connect(service);
    assert.equal(scene.tried[0]?.timeoutMs, 5_000);
    const alone = new TcpScene();
    alone.connect(alone.build(balance(["10.0.0.1:1"]), { dialTimeoutMs: 7_000 }).service);
    assert.equal(alone.tried[0]?.timeoutMs, 7_000);
  },
);

sceneTest("createTcpService() has connections to silent servers asked after 15 s, or as the transport says", () => {
  for (
    const [transport, wanted] of [[{}, 15_000], [{ keepAliveMs: 0 }, 0], [{ keepAliveMs: 40_000 }, 40_000]] as const
  ) {
    const scene = new TcpScene();
    scene.connect(scene.build(balance(["10.0.0.1:1"]), transport).service);
    assert.equal(scene.tried[0]?.keepAliveMs, wanted);
  }
});

for (const [option, wanted] of [[0, 15_000], [-1, 0], [5_000, 5_000]] as const) {
  test(`toKeepAlive() of ${option} is ${wanted}`, () => assert.equal(toKeepAlive(option), wanted));
}

sceneTest("createTcpService() gives up a dial when its client leaves", async () => {
  const scene = new TcpScene();
  const { service } = scene.build(balance(["10.0.0.1:1"]));
  scene.deaf.add("10.0.0.1:1");
  const client = scene.connect(service);
  client.connection.reset();
  await settled();
  assert.deepEqual([scene.cancelled, scene.meter.open.value], [1, 0]);
});

sceneTest("createTcpService() closes connections of a service without servers", async () => {
  const scene = new TcpScene();
  const { service } = scene.build(balance([]));
  assert.equal(service.available(), false);
  const client = scene.connect(service);
  await settled();
  assert.equal(client.closed || client.ended, true);
  assert.equal(scene.meter.open.value, 0);
});

sceneTest("createTcpService() leaves out an address that is none, and says so", () => {
  const { service, problems } = new TcpScene().build(balance(["10.0.0.1", "10.0.0.2:1"]));
  assert.deepEqual(problems.map(({ code, path }) => [code, path]), [["bad-server-address", ["servers", 0, "address"]]]);
  assert.deepEqual(service.serverStatus(), { "10.0.0.2:1": "UP" });
});

sceneTest("createTcpService() uses a terminating server only while no other is left", async () => {
  const scene = new TcpScene();
  const servers = [{ address: "10.0.0.1:1", tls: false, fenced: true }, { address: "10.0.0.2:1", tls: false }];
  scene.connect(scene.build({ kind: "loadBalancer", servers }).service);
  scene.connect(scene.build({ kind: "loadBalancer", servers: servers.slice(0, 1) }).service);
  await settled();
  assert.deepEqual(scene.dialled.map(({ address }) => address), ["10.0.0.2:1", "10.0.0.1:1"]);
});

for (
  const [version, wanted] of [
    [1, "PROXY TCP4 198.51.100.7 203.0.113.5 4711 443\r\nhi"],
    [2, "\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c\xc63d\x07\xcb\0q\x05\x12g\x01\xbbhi"],
  ] as const
) {
  sceneTest(`createTcpService() tells servers who the client is by PROXY protocol v${version}`, async () => {
    const scene = new TcpScene();
    const { service } = scene.build(balance(["10.0.0.1:1"]), { proxyProtocol: version });
    const client = scene.connect(service, {
      remote: { ip: "198.51.100.7", port: 4711 },
      local: { ip: "203.0.113.5", port: 443 },
    });
    client.send("hi");
    await settled();
    assert.equal(scene.dialled[0]?.server.text, wanted);
  });
}

sceneTest("createTcpService() dials servers of TLS in TLS, with the PROXY header before it", () => {
  const scene = new TcpScene();
  const tls = new ServerTls("db", { dial: { serverName: "db.test" } });
  const servers = [{ address: "10.0.0.1:1", tls: true }];
  scene.connect(scene.build({ kind: "loadBalancer", servers }, { tls, proxyProtocol: 1 }).service);
  const [{ tls: asked } = {}] = scene.tried;
  assert.equal(asked?.serverName, "db.test");
  assert.match(new TextDecoder().decode(asked?.preamble), /^PROXY TCP4 192\.0\.2\.1 /);
});

const postgres: readonly [title: string, answer: string, wanted: string | undefined][] = [
  ["hands the ClientHello on when it agrees", "S", "hello"],
  ["closes when it does not speak TLS", "N", undefined],
  ["closes when more than the answer comes", "SX", undefined],
];

for (const [title, reply, wanted] of postgres) {
  sceneTest(`createTcpService() asks a PostgreSQL server for TLS first, and ${title}`, async () => {
    const scene = new TcpScene();
    const { service } = scene.build(balance(["10.0.0.1:1"]));
    const client = scene.connect(service, { isPostgres: true, first: new TextEncoder().encode("hello") });
    await settled();
    const server = scene.dialled[0]?.server;
    assert.equal(server?.take(), "\0\0\0\b\x04\xd2\x16/");
    server?.send(reply);
    await settled();
    if (wanted === undefined) assert.equal(client.closed || client.ended, true);
    else assert.equal(server?.text, wanted);
  });
}

sceneTest("createTcpService() closes when a PostgreSQL server does not answer", async () => {
  const scene = new TcpScene();
  const { service } = scene.build(balance(["10.0.0.1:1"]), { dialTimeoutMs: 1_000 });
  const client = scene.connect(service, { isPostgres: true });
  await settled();
  await scene.pass(1_500);
  assert.equal(client.closed || client.ended, true);
  assert.equal(scene.deadlines.size, 0);
});

sceneTest(
  "createTcpService() splits by weight, also through services of services, and skips what has no servers",
  async () => {
    const scene = new TcpScene();
    const { service, problems } = scene.build(
      {
        kind: "weighted",
        services: [{ name: "a", weight: 2 }, { name: "b", weight: 1 }, { name: "c", weight: 9 }, {
          name: "gone",
          weight: 1,
        }],
      },
      {},
      {
        a: balance(["10.0.0.1:1"]),
        b: { kind: "weighted", services: [{ name: "deep", weight: 1 }] },
        c: balance([]),
        deep: balance(["10.0.0.2:1"]),
      },
    );
    for (let turn = 0; turn < 6; turn++) scene.connect(service);
    await settled();
    const counts = Map.groupBy(scene.dialled, ({ address }) => address);
    assert.deepEqual([counts.get("10.0.0.1:1")?.length, counts.get("10.0.0.2:1")?.length], [4, 2]);
    assert.deepEqual(problems.map(({ code }) => code), ["missing-service"]);
  },
);

sceneTest("createTcpService() lets a server that keeps failing rest", async () => {
  const scene = new TcpScene();
  const { service } = scene.build(balance(["10.0.0.1:1", "10.0.0.2:1"]));
  scene.dead.add("10.0.0.1:1");
  for (let turn = 0; turn < 10; turn++) {
    scene.connect(service);
    await settled();
  }
  assert.equal(scene.tried.filter(({ host }) => host === "10.0.0.1").length, 3);
  assert.equal(scene.dialled.length, 10);
});

/** A guess that is taken back when the client says TLS. */
function guess(taken: string[]): Partial<TcpSessionFacts> {
  return {
    takeBack: (session, bytes) => {
      const text = new TextDecoder().decode(bytes);
      if (!text.startsWith("TLS")) return false;
      taken.push(text);
      session.over();
      session.client.handle({ data: ignore, drain: ignore, end: ignore, close: ignore });
      return true;
    },
  };
}

function ignore(): void {}

function isGone(peer: Peer | undefined): boolean | undefined {
  return peer?.closed || peer?.ended;
}

sceneTest("createTcpService() gives a client back that turns out to want something else", async () => {
  const scene = new TcpScene();
  const { service } = scene.build(balance(["10.0.0.1:1"]));
  const taken: string[] = [];
  const client = scene.connect(service, guess(taken));
  await settled();
  assert.equal(scene.dialled[0]?.server.text, "");
  client.send("TLS hello", "more");
  await settled();
  assert.deepEqual([taken, scene.meter.open.value, client.closed], [["TLS hello"], 0, false]);
  assert.deepEqual([scene.dialled[0]?.server.text, isGone(scene.dialled[0]?.server)], ["", true]);
  await scene.pass(1_000_000);
  assert.equal(client.closed, false);
});

sceneTest("createTcpService() keeps a client that speaks in clear, or hears its server first", async () => {
  const scene = new TcpScene();
  const { service } = scene.build(balance(["10.0.0.1:1"]));
  const taken: string[] = [];
  const [plain, silent, early] = [1, 2, 3].map(() => scene.connect(service, guess(taken)));
  await settled();
  const [one, two, three] = scene.dialled;
  plain?.send("PING");
  two?.server.send("5.7.0-MySQL");
  three?.server.connection.end();
  await settled();
  assert.deepEqual([one?.server.text, silent?.text, early?.ended], ["PING", "5.7.0-MySQL", true]);
  one?.server.send("PONG");
  silent?.send("TLS now goes through");
  early?.send("last words");
  await settled();
  assert.deepEqual([plain?.text, two?.server.text], ["PONG", "TLS now goes through"]);
  assert.deepEqual([three?.server.text, taken], ["last words", []]);
});

sceneTest("createTcpService() cuts a silent client whose server is cut", async () => {
  const scene = new TcpScene();
  const { service } = scene.build(balance(["10.0.0.1:1"]));
  const client = scene.connect(service, guess([]));
  await settled();
  scene.dialled[0]?.server.connection.reset();
  await settled();
  assert.deepEqual([client.closed, scene.meter.open.value], [true, 0]);
});

sceneTest(
  "createTcpService() ends a silence of both that lasts too long, and gives up when the client leaves",
  async () => {
    const scene = new TcpScene();
    const { service } = scene.build(balance(["10.0.0.1:1"]));
    const [client, leaving] = [1, 2].map(() => scene.connect(service, { ...guess([]), idleMs: 5_000 }));
    await settled();
    leaving?.connection.reset();
    await settled();
    assert.deepEqual([isGone(scene.dialled[1]?.server), scene.meter.open.value], [true, 1]);
    await scene.pass(6_000);
    assert.deepEqual([isGone(client), isGone(scene.dialled[0]?.server), scene.meter.open.value], [true, true, 0]);
  },
);
