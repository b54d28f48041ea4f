// WebSocket through weir as a process: conversations, how they end, and what they cost. Upgrades that are none.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { routesTo, withProxy as withProcess } from "../support/proxy-process.ts";
import { settledKiB, untilStill } from "../support/resident.ts";
import { plainAnswer, startScripted } from "../support/scripted-backend.ts";
import { everyRuntime, projectRoot, type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";
import { encodeFrame, opcode, WebSocketClient, WebSocketEcho, type WebSocketQuestion } from "../support/web-socket.ts";
import { startWeir, type Weir } from "../support/weir.ts";

const MESSAGES = 1_000;
/** A route of the manifests: mirrored, which conversations are not. */
const DEV_ROUTE = { host: "traefikservice-copy.kubesre.lc" } as const;
const LARGE = 5 * 1024 * 1024 + 3;
const IDLE = 1_000;
/** Enough that what a runtime keeps of the first megabytes, once, does not count. */
const STALLED = 300;
const MIB = 1024 * 1024;
/** Two sockets, their buffers and a few objects: what an idle conversation may hold. */
const MOST_IDLE_KIB = 64;

/** Writes a GiB, as fast as its socket takes it. */
class Flow {
  /** Bytes the system took. */
  sent = 0;
  readonly #socket: Socket;
  readonly #piece: Buffer = Buffer.alloc(65_536, "x");

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("drain", () => this.#fill());
    this.#fill();
  }

  #fill(): void {
    while (!this.#socket.destroyed && this.sent < 1024 * MIB) {
      this.sent += this.#piece.length;
      if (!this.#socket.write(this.#piece)) return;
    }
  }
}

interface Bench {
  readonly weir: Weir;
  readonly echo: WebSocketEcho;
  open(question?: WebSocketQuestion): Promise<WebSocketClient>;
  /** Writes the dynamic configuration anew. */
  route(text: string): Promise<void>;
}

interface BenchOptions {
  readonly flags?: readonly string[];
  /** Made of the backend's URL. */
  readonly dynamic?: (url: string) => string;
}

const toAll = (url: string) => routesTo(url, "    app: {rule: 'PathPrefix(`/`)', service: app}\n");

async function withProxy(
  runtime: RuntimeCommand,
  { flags = [], dynamic = toAll }: BenchOptions,
  use: (bench: Bench) => Promise<void>,
): Promise<void> {
  const echo = await WebSocketEcho.start();
  try {
    await withProcess(runtime, { flags, dynamic: () => dynamic(echo.url) }, async ({ weir, write }) => {
      await use({
        weir,
        echo,
        open: (question) => WebSocketClient.open(weir.port("web"), question),
        route: (text) => write("dynamic.yml", text),
      });
    });
  } finally {
    await echo.close();
  }
}

for (const runtime of threeRuntimes) {
  test(`a WebSocket carries messages, pings and closes both ways on ${runtime.name}`, () =>
    withProxy(runtime, {}, async ({ open, echo }) => {
      const client = await open({ path: "/chat?room=1" });
      assert.equal(client.status, 101);
      assert.equal(client.field("connection"), "Upgrade");
      assert.equal(client.field("upgrade"), "websocket");
      assert.equal(client.field("x-backend"), "echo");
      assert.match(echo.heads[0] ?? "", /^GET \/chat\?room=1 HTTP\/1\.1\r\n/);
      assert.match(echo.heads[0] ?? "", /^X-Forwarded-Proto: ws\r?$/m);
      for (let at = 0; at < MESSAGES; at++) client.send(`message ${at}`);
      for (let at = 0; at < MESSAGES; at++) assert.equal(String((await client.next()).payload), `message ${at}`);
      client.send("are you there", opcode.ping);
      assert.deepEqual(await client.next(), { opcode: opcode.pong, payload: Buffer.from("are you there") });
      const large = Buffer.alloc(LARGE, "0123456789abcdef");
      client.send(large);
      assert.ok((await client.next()).payload.equals(large));
      client.send(Buffer.from([0x0f, 0xa1]), opcode.close); // 4001
      assert.deepEqual([...(await client.next()).payload], [0x0f, 0xa1]);
      await client.over();
      assert.equal(client.error, undefined);
      client.socket.end();
      await echo.until(0);
    }));

  test(`a WebSocket client of the platform is served on ${runtime.name}`, () =>
    withProxy(runtime, {}, async ({ weir, echo }) => {
      const client = new WebSocket(`ws://127.0.0.1:${weir.port("web")}/`);
      const closed = new Promise<CloseEvent>((resolve) => client.addEventListener("close", resolve));
      const messages: unknown[] = [];
      await new Promise<void>((resolve, reject) => {
        client.addEventListener("error", () => reject(new Error("the client could not connect")));
        client.addEventListener("open", () => {
          for (let at = 0; at < MESSAGES; at++) client.send(String(at));
        });
        client.addEventListener("message", ({ data }) => {
          if (messages.push(data) === MESSAGES) resolve();
        });
      });
      assert.deepEqual(messages, Array.from({ length: MESSAGES }, (_, at) => String(at)));
      client.close(4002, "done");
      const { code, reason } = await closed;
      assert.deepEqual([code, reason], [4002, "done"]);
      await echo.until(0);
    }));

  test(`a WebSocket ends when either side disappears on ${runtime.name}`, () =>
    withProxy(runtime, {}, async ({ open, echo }) => {
      const ends: readonly ((client: WebSocketClient) => void)[] = [
        (client) => client.socket.destroy(),
        (client) => client.socket.resetAndDestroy(),
        () => echo.sockets.forEach((socket) => socket.destroy()),
        () => echo.sockets.forEach((socket) => socket.resetAndDestroy()),
      ];
      for (const end of ends) {
        const client = await open();
        client.send("hello");
        await client.next();
        end(client);
        if (!client.socket.destroyed) await client.over();
        client.socket.end();
        await echo.until(0);
      }
    }));

  test(`a WebSocket goes on over a reload, and is closed after the time of grace on ${runtime.name}`, () => {
    const flags = ["--entrypoints.web.transport.lifecycle.gracetimeout=300ms", "--log.level=DEBUG"];
    return withProxy(runtime, { flags }, async ({ weir, open, echo, route }) => {
      const client = await open();
      const before = weir.output().split("configuration applied").length;
      await route(routesTo("http://127.0.0.1:1", "    app: {rule: 'Host(`other.test`)', service: app}\n"));
      await weir.waitUntil((output) => output.split("configuration applied").length > before);
      client.send("still there");
      assert.equal(String((await client.next()).payload), "still there");
      assert.equal((await open()).status, 404);
      const stopping = weir.stop();
      client.send("even now");
      assert.equal(String((await client.next()).payload), "even now");
      await client.over();
      client.socket.destroy();
      await echo.until(0);
      assert.equal(await stopping, 0);
    });
  });

  test(`WebSockets pass middlewares, stick to their server, and are logged and counted on ${runtime.name}`, () =>
    withProxy(runtime, {
      flags: ["--accesslog", "--accesslog.format=json", "--metrics.prometheus"],
      dynamic: (url) =>
        `http:
  routers:
    app: {rule: 'PathPrefix(\`/app\`)', service: app, middlewares: [strip, mark, small]}
  middlewares:
    strip: {stripPrefix: {prefixes: [/app]}}
    mark: {headers: {customRequestHeaders: {X-Asked: "1"}, customResponseHeaders: {X-Answered: "1"}}}
    small: {compress: {minResponseBodyBytes: 1}}
  services:
    app: {loadBalancer: {sticky: {cookie: {name: at}}, strategy: p2c, servers: [{url: "${url}"}]}}
`,
    }, async ({ weir, open, echo }) => {
      const client = await open({ path: "/app/chat", lines: ["Accept-Encoding: gzip, br"] });
      assert.equal(client.status, 101);
      assert.match(echo.heads[0] ?? "", /^GET \/chat HTTP\/1\.1\r\n[^]*^X-Asked: 1\r?$/m);
      assert.equal(client.field("x-answered"), "1");
      assert.match(client.field("set-cookie"), /^at=/);
      assert.equal(client.field("content-encoding"), "");
      client.send("12345");
      await client.next();
      client.socket.end();
      const line = await weir.waitFor(/\{[^\n]*"DownstreamStatus":101[^\n]*\}/);
      const entry: Readonly<Record<string, unknown>> = JSON.parse(line[0]);
      assert.deepEqual([entry["RequestContentSize"], entry["DownstreamContentSize"]], [6 + 5, 2 + 5]);
      assert.equal(entry["OriginStatus"], 101);
      const metrics = await (await fetch(`http://127.0.0.1:${weir.port("traefik")}/metrics`)).text();
      assert.match(metrics, /traefik_entrypoint_requests_total\{code="101",[^}]*protocol="websocket"\} 1/);
    }));

  test(`a pod of weir dev answers WebSocket on ${runtime.name}`, async () => {
    const weir = await startWeir(runtime, [
      "dev",
      `${projectRoot}fixtures/seeds/001`,
      ...["--kube.port", "0", "--entrypoints.web.address=127.0.0.1:0", "--entrypoints.traefik.address=127.0.0.1:0"],
    ]);
    try {
      const client = await WebSocketClient.open(weir.port("web"), DEV_ROUTE);
      assert.equal(client.status, 101);
      client.send("hello");
      assert.equal(String((await client.next()).payload), "hello");
      client.socket.destroy();
    } finally {
      await weir.stop();
    }
  });

  test(`a WebSocket over TLS is one like any other on ${runtime.name}`, () => {
    const dynamic = (url: string) => routesTo(url, "    app: {rule: 'Host(`app.test`)', service: app, tls: {}}\n");
    return withProxy(runtime, { dynamic }, async ({ open, echo }) => {
      const client = await open({ secure: true });
      assert.equal(client.status, 101);
      assert.match(echo.heads[0] ?? "", /^X-Forwarded-Proto: wss\r?$/m);
      const large = Buffer.alloc(LARGE, "0123456789abcdef");
      client.send(large);
      assert.ok((await client.next()).payload.equals(large));
      client.send(Buffer.from([0x03, 0xe8]), opcode.close);
      assert.equal((await client.next()).opcode, opcode.close);
      await client.over();
      client.socket.end();
      await echo.until(0);
    });
  });

  test(`an idle WebSocket is closed after its time on ${runtime.name}`, () =>
    withProxy(runtime, {
      flags: ["--entrypoints.web.transport.respondingtimeouts.tunnelidletimeout=400ms"],
    }, async ({ open, echo }) => {
      const client = await open();
      for (let at = 0; at < 3; at++) {
        client.send("busy");
        await client.next();
      }
      await client.over();
      await echo.until(0);
    }));

  test(`${IDLE} idle WebSockets cost at most ${MOST_IDLE_KIB} KiB each on ${runtime.name}`, async (t) => {
    await withProxy(runtime, {}, async ({ weir, open, echo }) => {
      for (let at = 0; at < 50; at++) (await open()).socket.destroy();
      await echo.until(0);
      const before = await settledKiB(weir.pid);
      const clients: WebSocketClient[] = [];
      for (let at = 0; at < IDLE; at++) clients.push(await open());
      await echo.until(IDLE);
      const cost = (await settledKiB(weir.pid) - before) / IDLE;
      t.diagnostic(`${cost.toFixed(1)} KiB each`);
      assert.ok(cost <= MOST_IDLE_KIB, `${cost.toFixed(1)} KiB each`);
      clients[0]?.send("still served");
      assert.equal(String((await clients[0]?.next())?.payload), "still served");
      for (const { socket } of clients) socket.destroy();
      await echo.until(0);
    });
  });
}

for (const runtime of threeRuntimes) {
  test(`a stalled tunnel of 1 GiB costs at most 1 MiB on ${runtime.name}`, async (t) => {
    const flows = new Set<Flow>();
    const backend = await startScripted({
      request({ socket, path }) {
        if (path === "/small") return void socket.write(plainAnswer("small"));
        socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        if (path === "/down") return void flows.add(new Flow(socket));
        socket.pause();
      },
    });
    const flags = ["--entrypoints.web.transport.lifecycle.gracetimeout=100ms"];
    await withProcess(runtime, { flags, dynamic: () => toAll(backend.url) }, async ({ weir, ask }) => {
      for (let at = 0; at < 2_000; at++) assert.equal((await ask({ path: "/small" })).status, 200);
      const before = await settledKiB(weir.pid);
      const clients: WebSocketClient[] = [];
      for (let at = 0; at < STALLED; at++) {
        const path = at % 2 === 0 ? "/down" : "/up";
        const client = await WebSocketClient.open(weir.port("web"), { path });
        clients.push(client);
        if (path === "/up") flows.add(new Flow(client.socket));
        client.socket.pause();
      }
      await untilStill(() => [...flows].reduce((sum, { sent }) => sum + sent, 0), { slack: MIB, calm: 5 });
      assert.equal(flows.size, STALLED);
      for (const { sent } of flows) assert.ok(sent < 64 * MIB, `${sent} bytes were taken of one tunnel`);
      const cost = Math.round((await settledKiB(weir.pid) - before) / STALLED);
      t.diagnostic(`${cost} KiB each`);
      for (const { socket } of clients) socket.destroy();
      assert.ok(cost <= 1024, `${cost} KiB each`);
    });
    await backend.close();
  });
}

const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n";

for (const runtime of everyRuntime) {
  test(`upgrades that are none reach no backend as such on ${runtime.name}`, () =>
    withProxy(runtime, {}, async ({ open, echo }) => {
      const h2c = await open({ lines: ["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"] });
      assert.equal(h2c.status, 200, "a wish for several protocols is ignored");
      assert.doesNotMatch(echo.heads[0] ?? "", /^(?:upgrade|connection):/im);
      const badVersion = await open({ lines: ["Sec-WebSocket-Version: 777"], after: smuggled });
      assert.equal(badVersion.status, 426);
      assert.equal(badVersion.field("sec-websocket-version"), "13");
      await badVersion.over();
      const split = await open({ lines: ["Upgrade: web\rsocket"] });
      assert.equal(split.status, 400);
      const early = await open({ after: "x".repeat(20_000) });
      assert.equal(early.status, 400);
      assert.deepEqual(echo.heads.filter((head) => head.includes("smuggled")), []);
      assert.equal(echo.received, 0);
    }));

  test(`what a client says too early arrives after the 101 on ${runtime.name}`, () =>
    withProxy(runtime, {}, async ({ open }) => {
      const client = await open({ after: encodeFrame(opcode.text, "early", true).toString("latin1") });
      assert.equal(client.status, 101);
      assert.equal(String((await client.next()).payload), "early");
      client.socket.destroy();
    }));
}
