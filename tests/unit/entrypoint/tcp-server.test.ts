// The first bytes of a connection decide whose it is: PROXY protocol, PostgreSQL's start, TLS, silence.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServeHttp, ServeHttps, TcpServerOptions } from "../../../src/entrypoint/tcp-server.ts";
import { TcpServer } from "../../../src/entrypoint/tcp-server.ts";
import { toLatin1 } from "../../../src/net/bytes.ts";
import { Deadlines } from "../../../src/net/deadlines.ts";
import type { TcpSession } from "../../../src/net/tcp-session.ts";
import { parseRule } from "../../../src/rule/parse.ts";
import { createTcpTable } from "../../../src/router/tcp-table.ts";
import { MemoryConnection, Peer, settled } from "../../support/memory-connection.ts";

/** What became of a connection: the route's name or `http`, what was read of it, and from whom it seemed to be. */
interface Given {
  readonly to: string;
  readonly first: string;
  readonly from: string;
  readonly session?: TcpSession;
}

class Scene {
  now = 0;
  readonly deadlines = new Deadlines(() => this.now);
  readonly given: Given[] = [];
  readonly rejected: string[] = [];
  readonly server: TcpServer;
  readonly clients: Peer[] = [];

  constructor(routes: readonly string[], options: Partial<TcpServerOptions> = {}) {
    const serveHttps: ServeHttps = (connection, { bytes, hello: { serverName } }) => {
      this.given.push({ to: `https ${serverName}`, first: toLatin1(bytes), from: connection.remote.ip });
      connection.destroy();
    };
    const serveHttp: ServeHttp = (connection, read) => {
      const first = read === undefined ? "" : toLatin1(read.bytes);
      this.given.push({ to: "http", first, from: `${connection.remote.ip}:${connection.remote.port}` });
      connection.handle({
        data: () => undefined,
        drain: () => undefined,
        end: () => connection.end(),
        close: () => undefined,
      });
    };
    this.server = new TcpServer(
      {
        ...{ entryPoint: "web", firstBytesMs: 10_000, silenceMs: 100, idleMs: 0, trustsProxy: undefined },
        rejected: (reason) => this.rejected.push(reason),
        ...options,
      },
      this.deadlines,
      { http: serveHttp, https: serveHttps },
    );
    this.server.table = createTcpTable(routes.map((text) => this.#route(text)));
  }

  connect(): Peer {
    const ours = new MemoryConnection({ remote: { ip: "192.0.2.1", port: 40_000 } });
    const client = new Peer(ours.pair());
    this.clients.push(client);
    this.server.serve(ours);
    return client;
  }

  async pass(ms: number): Promise<void> {
    this.now += ms;
    this.deadlines.sweep();
    await settled();
  }

  async end(): Promise<void> {
    for (const { connection } of this.clients) connection.reset();
    await settled();
    await this.pass(10_000);
  }

  /** `plain any RULE` or `tls name RULE`. */
  #route(text: string) {
    const [, kind, name = "", rule = ""] = /^(\w+) (\w+) (.*)$/.exec(text) ?? [];
    const parsed = parseRule(rule, { protocol: "tcp", syntax: "v3" });
    assert.ok("tree" in parsed);
    const handler = (session: TcpSession): void => {
      const { remote, first = new Uint8Array(0) } = session;
      this.given.push({ to: name, first: toLatin1(first), from: `${remote.ip}:${remote.port}`, session });
      session.client.handle({
        data: (chunk) => void session.settle(chunk),
        drain: () => undefined,
        end: () => session.client.end(),
        close: () => session.over(),
      });
    };
    return { name, rule: parsed.tree, priority: 0, order: 0, isTls: kind === "tls", handler };
  }
}

/** A test over one scene, which ends with it. */
function sceneTest(
  title: string,
  [routes, options]: readonly [routes: readonly string[], options?: Partial<TcpServerOptions>],
  run: (scene: Scene) => Promise<void>,
): void {
  test(`TcpServer ${title}`, async () => {
    const scene = new Scene(routes, options);
    try {
      await run(scene);
    } finally {
      await scene.end();
      assert.equal(scene.server.connections, 0);
      assert.equal(scene.deadlines.size, 0);
    }
  });
}

const any = "plain any HostSNI(`*`)";
const db = "tls db HostSNI(`db.test`)";
const all = "tls all HostSNI(`*`)";
const trusting = { trustsProxy: (ip: string) => ip === "192.0.2.1" };
const wary = { trustsProxy: () => false };
const header = "PROXY TCP4 198.51.100.7 203.0.113.5 4711 443\r\n";
const SSL_REQUEST = "\0\0\0\b\x04\xd2\x16/";
const GSS_REQUEST = "\0\0\0\b\x04\xd2\x160";

/** A ClientHello of TLS 1.2 with that server name. */
function hello(name: string): string {
  const bytes = (text: string): string => String.fromCharCode(text.length >> 8, text.length & 255) + text;
  const entry = bytes(`\0${bytes(name)}`);
  const extensions = bytes(`\0\0${bytes(entry)}`);
  const body = `\x03\x03${"r".repeat(32)}\0${bytes("\xc0\x2f")}\x01\0${extensions}`;
  const message = `\x01\0${bytes(body)}`;
  return `\x16\x03\x01${bytes(message)}`;
}

sceneTest("gives a connection to the only plain route without reading", [[any]], async (scene) => {
  scene.connect().send("later");
  assert.deepEqual(scene.given.map(({ to, first }) => [to, first]), [["any", ""]]);
  await settled();
});

sceneTest("without TCP routes gives everything to HTTP", [[]], async (scene) => {
  scene.connect();
  await settled();
  assert.deepEqual(scene.given.map(({ to }) => to), ["http"]);
});

sceneTest("hands a ClientHello on as it was read, in pieces of one byte", [[db, all]], async (scene) => {
  const client = scene.connect();
  client.send(...hello("db.test"));
  await settled(2_000);
  assert.deepEqual(scene.given.map(({ to, first }) => [to, first]), [["db", hello("db.test")]]);
  assert.equal(scene.given[0]?.session?.serverName, "db.test");
});

sceneTest("tells bytes that are no TLS from a ClientHello", [[any, db]], async (scene) => {
  scene.connect().send("GET / HTTP/1.1\r\n");
  scene.connect().send(hello("db.test"));
  await settled();
  assert.deepEqual(scene.given.map(({ to, first }) => [to, first]), [
    ["any", "GET / HTTP/1.1\r\n"],
    ["db", hello("db.test")],
  ]);
});

sceneTest("gives bytes that are no TLS to HTTP where no plain route is", [[db]], async (scene) => {
  scene.connect().send("GET / ", "HTTP/1.1\r\n");
  await settled();
  assert.deepEqual(scene.given.map(({ to, first }) => [to, first]), [["http", "GET / "]]);
});

sceneTest("gives a client that stays silent to the plain route", [[any, db]], async (scene) => {
  scene.connect();
  await settled();
  assert.equal(scene.given.length, 0);
  await scene.pass(250);
  assert.deepEqual(scene.given.map(({ to }) => to), ["any"]);
});

const guessed: readonly [title: string, said: readonly string[], wanted: readonly string[]][] = [
  ["decides again by a ClientHello that comes late", [hello("db.test")], ["any", "db"]],
  ["decides again by one that comes late and in pieces", [hello("db.test").slice(0, 1), hello("db.test").slice(1)], [
    "any",
    "db",
  ]],
  ["decides again by PostgreSQL's request that comes late", [SSL_REQUEST, hello("db.test")], ["any", "db"]],
  ["leaves a client to the plain route that speaks late and in clear", ["PING\r\n"], ["any"]],
];

for (const [title, said, wanted] of guessed) {
  sceneTest(title, [[any, db]], async (scene) => {
    const client = scene.connect();
    await scene.pass(250);
    for (const text of said) {
      client.send(text);
      await settled();
    }
    assert.deepEqual(scene.given.map(({ to }) => to), wanted);
    const last = scene.given.at(-1);
    assert.equal(last?.first, wanted.length === 1 ? "" : hello("db.test"));
    assert.equal(last?.session?.isPostgres, said[0] === SSL_REQUEST);
    assert.equal(scene.server.connections, 1);
  });
}

sceneTest("leaves a client that speaks late where it is when it drains", [[any, db]], async (scene) => {
  const client = scene.connect();
  await scene.pass(250);
  void scene.server.drain();
  client.send(hello("db.test"));
  await settled();
  assert.deepEqual(scene.given.map(({ to }) => to), ["any"]);
});

sceneTest("lets a client be silent where no plain route would have it, for a time", [[db]], async (scene) => {
  const client = scene.connect();
  await scene.pass(9_000);
  assert.equal(client.closed || client.ended, false);
  await scene.pass(2_000);
  assert.equal(client.closed || client.ended, true);
  assert.equal(scene.given.length, 0);
});

sceneTest("closes a connection whose ClientHello does not get done", [[any, db]], async (scene) => {
  const client = scene.connect();
  client.send(hello("db.test").slice(0, 20));
  await settled();
  await scene.pass(11_000);
  assert.equal(client.closed || client.ended, true);
  assert.deepEqual(scene.rejected, ["the first bytes took too long"]);
});

sceneTest("answers a malformed ClientHello with an alert", [[db]], async (scene) => {
  const client = scene.connect();
  client.send("\x16\x03\x01\0\x05\x02aaaa");
  await settled();
  assert.equal(client.text, "\x15\x03\x01\0\x02\x02\x32");
  assert.equal(client.ended, true);
});

sceneTest("gives TLS that no route wants to HTTPS, as it was read", [[db]], async (scene) => {
  scene.connect().send(hello("x.test"));
  await settled();
  assert.deepEqual(scene.given.map(({ to, first }) => [to, first]), [["https x.test", hello("x.test")]]);
});

sceneTest("begins TLS for PostgreSQL, and remembers that it did", [[any, db]], async (scene) => {
  const client = scene.connect();
  client.send(SSL_REQUEST.slice(0, 3), SSL_REQUEST.slice(3));
  await settled();
  assert.equal(client.take(), "S");
  client.send(hello("db.test"));
  await settled();
  assert.deepEqual(scene.given.map(({ to, first }) => [to, first]), [["db", hello("db.test")]]);
  assert.equal(scene.given[0]?.session?.isPostgres, true);
});

sceneTest("refuses bytes behind PostgreSQL's request (CVE-2021-23214)", [[db]], async (scene) => {
  const client = scene.connect();
  client.send(`${SSL_REQUEST}${hello("db.test")}`);
  await settled();
  assert.equal(client.text, "");
  assert.equal(client.closed || client.ended, true);
});

sceneTest("says no to GSSAPI encryption, and goes on", [[any, db]], async (scene) => {
  const client = scene.connect();
  client.send(GSS_REQUEST);
  await settled();
  assert.equal(client.take(), "N");
  client.send("\0\0\0\x09start");
  await settled();
  assert.deepEqual(scene.given.map(({ to, first }) => [to, first]), [["any", "\0\0\0\x09start"]]);
});

sceneTest("leaves PostgreSQL's request to the server where nothing needs TLS", [[any]], async (scene) => {
  scene.connect().send(SSL_REQUEST);
  await settled();
  assert.deepEqual(scene.given.map(({ to, first }) => [to, first]), [["any", ""]]);
});

sceneTest("believes a trusted peer's PROXY header", [[any], trusting], async (scene) => {
  scene.connect().send(header.slice(0, 9), `${header.slice(9)}hello`);
  await settled();
  assert.deepEqual(scene.given.map(({ to, first, from }) => [to, first, from]), [[
    "any",
    "hello",
    "198.51.100.7:4711",
  ]]);
});

sceneTest("reads another peer's PROXY header and does not believe it", [[any], wary], async (scene) => {
  scene.connect().send(`${header}hello`);
  await settled();
  assert.deepEqual(scene.given.map(({ to, first, from }) => [to, first, from]), [["any", "hello", "192.0.2.1:40000"]]);
});

sceneTest("goes without a PROXY header, which is no duty", [[any], trusting], async (scene) => {
  scene.connect().send("hello");
  await settled();
  assert.deepEqual(scene.given.map(({ first, from }) => [first, from]), [["hello", "192.0.2.1:40000"]]);
});

sceneTest(
  "routes by the address that a PROXY header tells",
  [["plain near ClientIP(`198.51.100.0/24`)"], trusting],
  async (scene) => {
    scene.connect().send(header);
    scene.connect().send("GET / HTTP/1.1\r\n");
    await settled();
    assert.deepEqual(scene.given.map(({ to }) => to), ["near", "http"]);
  },
);

sceneTest("gives HTTP the client that a PROXY header tells", [[], trusting], async (scene) => {
  scene.connect().send(`${header}GET / HTTP/1.1\r\n`);
  await settled();
  assert.deepEqual(scene.given.map(({ to, first, from }) => [to, first, from]), [
    ["http", "GET / HTTP/1.1\r\n", "198.51.100.7:4711"],
  ]);
});

sceneTest("reads the ClientHello behind a PROXY header", [[any, db], trusting], async (scene) => {
  scene.connect().send(header, hello("db.test"));
  await settled();
  assert.deepEqual(scene.given.map(({ to, from }) => [to, from]), [["db", "198.51.100.7:4711"]]);
});

sceneTest(
  "waits for the first bytes behind a PROXY header, and takes silence for what it is",
  [[any, db], trusting],
  async (scene) => {
    scene.connect().send(header);
    await settled();
    assert.equal(scene.given.length, 0);
    await scene.pass(250);
    assert.deepEqual(scene.given.map(({ to }) => to), ["any"]);
  },
);

sceneTest("closes for a malformed PROXY header", [[any], trusting], async (scene) => {
  const client = scene.connect();
  client.send("PROXY TCP4 nonsense\r\n");
  await settled();
  assert.equal(client.closed || client.ended, true);
  assert.match(scene.rejected[0] ?? "", /malformed PROXY protocol header/);
});

sceneTest("hands on a client that sent FIN behind its first bytes", [[any, db]], async (scene) => {
  const client = scene.connect();
  client.send("bye");
  client.connection.end();
  await settled();
  assert.deepEqual(scene.given.map(({ to, first }) => [to, first]), [["any", "bye"]]);
});

sceneTest("lets TCP connections live while it drains, and cuts what is left", [[any]], async (scene) => {
  const client = scene.connect();
  await settled();
  let drained = false;
  void scene.server.drain().then(() => (drained = true));
  await settled();
  assert.deepEqual([drained, client.closed, scene.server.connections], [false, false, 1]);
  scene.server.destroy();
  await settled();
  assert.deepEqual([drained, client.closed], [true, true]);
});

sceneTest("drops undecided connections when it drains", [[db]], async (scene) => {
  const client = scene.connect();
  await settled();
  await scene.server.drain();
  await settled();
  assert.equal(client.closed, true);
});

test("TcpServer keeps a connection with the route it was given to", async () => {
  const scene = new Scene([any]);
  scene.connect();
  await settled();
  scene.server.table = undefined;
  scene.connect();
  await settled();
  assert.deepEqual(scene.given.map(({ to }) => to), ["any", "http"]);
  await scene.end();
});
