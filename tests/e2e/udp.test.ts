// UDP through weir: real DNS, servers that refuse, and many clients.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { hasProgram } from "../../scripts/lib/debian.mjs";
import { eventually } from "../support/ask.ts";
import { exchangeDatagrams } from "../support/datagrams.ts";
import { type DynamicFile, withProxy } from "../support/proxy-fixture.ts";
import { threeRuntimes } from "../support/runtimes.ts";

const run = promisify(execFile);
const udpFlag = ["--entrypoints.dns.address=127.0.0.1:0/udp"];
const withoutDns = hasProgram("dnsmasq") && hasProgram("dig") ? false : "dnsmasq or dig is not installed";
const CLIENTS = 100;
/** `scripts/datagrams.mjs` does the same fifty times as long, with a table as large as it gets. */
const FLOOD = { datagrams: 20_000, sources: 4_000, conversations: 100, rate: 8_000 };
const FILE_LIMIT = 4_000;
/** Sessions take two fifths of the open files. */
const TABLE = 1_600;

/** Everything of the entry point `dns` to these ports, by weight. */
function split(weights: Readonly<Record<number, number>>): DynamicFile {
  const ports = Object.entries(weights);
  return {
    http: { routers: {}, services: {} },
    udp: {
      routers: { dns: { entryPoints: ["dns"], service: "split" } },
      services: {
        split: { weighted: { services: ports.map(([port, weight]) => ({ name: `s${port}`, weight })) } },
        ...Object.fromEntries(ports.map(([port]) => [`s${port}`, balance([Number(port)])])),
      },
    },
  };
}

function balance(ports: readonly number[]): unknown {
  return { loadBalancer: { servers: ports.map((port) => ({ address: `127.0.0.1:${port}` })) } };
}

async function bind(t: TestContext): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  t.after(() => socket.close());
  return socket;
}

/** Answers with its name and what it got. */
async function startNamed(t: TestContext, name: string): Promise<number> {
  const socket = await bind(t);
  socket.on("message", (bytes, { port, address }) => socket.send(`${name}:${bytes}`, port, address));
  return socket.address().port;
}

/** Asks from a port of its own until an answer comes: datagrams may get lost. */
async function ask(t: TestContext, port: number, text: string): Promise<string> {
  const socket = await bind(t);
  let answer = "";
  socket.on("message", (bytes) => answer = String(bytes));
  socket.send(text, port, "127.0.0.1");
  return await eventually(() => answer, (seen) => seen !== "");
}

for (const runtime of threeRuntimes) {
  test(`dig asks two weighted dnsmasq on ${runtime.name}`, { skip: withoutDns }, async (t) => {
    const first = await startDnsmasq(t, "192.0.2.1");
    const second = await startDnsmasq(t, "192.0.2.2");
    await withProxy(runtime, split({ [first]: 2, [second]: 1 }), udpFlag, async ({ weir }) => {
      const answers: string[] = [];
      for (let turn = 0; turn < 6; turn++) answers.push(await dig(weir.port("dns")));
      const counts = Map.groupBy(answers, (answer) => answer);
      assert.deepEqual([counts.get("192.0.2.1")?.length, counts.get("192.0.2.2")?.length], [4, 2]);
    });
  });

  test(`${CLIENTS} clients keep their server and get their own answers on ${runtime.name}`, async (t) => {
    const [a, b] = [await startNamed(t, "a"), await startNamed(t, "b")];
    await withProxy(runtime, split({ [a]: 1, [b]: 1 }), udpFlag, async ({ weir }) => {
      const port = weir.port("dns");
      const sockets = await Promise.all(Array.from({ length: CLIENTS }, () => bind(t)));
      const heard = sockets.map(() => new Set<string>());
      for (const [at, socket] of sockets.entries()) socket.on("message", (bytes) => heard[at]?.add(String(bytes)));
      for (const round of [1, 2, 3]) {
        for (const [at, socket] of sockets.entries()) socket.send(`${at}.${round}`, port, "127.0.0.1");
        await eventually(() => heard.every(({ size }) => size >= round), (all) => all);
      }
      for (const [at, texts] of heard.entries()) {
        const [name = ""] = [...texts][0]?.split(":") ?? [];
        assert.deepEqual([...texts].sort(), [1, 2, 3].map((round) => `${name}:${at}.${round}`));
      }
    });
  });

  test(`large datagrams pass unchanged on ${runtime.name}`, async (t) => {
    const port = await startNamed(t, "a");
    await withProxy(runtime, split({ [port]: 1 }), udpFlag, async ({ weir }) => {
      for (const size of [0, 1_472, 9_000, 60_000]) {
        assert.equal((await ask(t, weir.port("dns"), "x".repeat(size))).length, size + 2);
      }
    });
  });

  test(`sessions stay with their server over a reload, new ones go where it says on ${runtime.name}`, async (t) => {
    const [a, b] = [await startNamed(t, "a"), await startNamed(t, "b")];
    await withProxy(runtime, split({ [a]: 1 }), udpFlag, async ({ weir, apply }) => {
      const client = await bind(t);
      const heard: string[] = [];
      client.on("message", (bytes) => heard.push(String(bytes)));
      const say = async (text: string): Promise<void> => {
        client.send(text, weir.port("dns"), "127.0.0.1");
        await eventually(() => heard.at(-1)?.endsWith(text) ?? false, (is) => is);
      };
      await say("before");
      await apply(split({ [b]: 1 }));
      await say("after");
      assert.deepEqual(heard, ["a:before", "a:after"]);
      assert.equal(await ask(t, weir.port("dns"), "new"), "b:new");
    });
  });

  test(`a client of a server that is gone gets another one on ${runtime.name}`, async (t) => {
    const gone = createSocket("udp4");
    gone.bind(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address();
    gone.close();
    const b = await startNamed(t, "b");
    const flags = [...udpFlag, "--entrypoints.dns.udp.timeout=200ms"];
    await withProxy(runtime, split({ [port]: 1, [b]: 1 }), flags, async ({ weir }) => {
      const client = await bind(t);
      let answer = "";
      client.on("message", (bytes) => answer = String(bytes));
      const repeat = setInterval(() => client.send("again", weir.port("dns"), "127.0.0.1"), 300);
      await eventually(() => answer, (seen) => seen !== "");
      clearInterval(repeat);
      assert.equal(answer, "b:again");
    });
  });

  test(`a flood from ${FLOOD.sources} ports is bounded and takes no conversation's session on ${runtime.name}`, async (t) => {
    const result = await exchangeDatagrams(runtime, { ...FLOOD, fileLimit: FILE_LIMIT });
    t.diagnostic(JSON.stringify(result));
    const { sent, sessions, sessionsEver, asked, lost, moved, dropped } = result;
    assert.equal(sent, FLOOD.datagrams);
    assert.equal(sessions, TABLE);
    assert.ok(sessionsEver >= FLOOD.sources + FLOOD.conversations && asked > 2 * FLOOD.conversations);
    assert.equal(moved, 0);
    assert.ok(lost <= dropped, `${lost} of ${asked} answers are lost, and ${dropped} datagrams by the system`);
  });
}

/** Answers who.test with that address. @returns its port: another one when somebody is faster to take it */
async function startDnsmasq(t: TestContext, address: string): Promise<number> {
  let port: number | undefined;
  for (let turn = 0; turn < 5 && port === undefined; turn++) port = await tryDnsmasq(t, address);
  assert.ok(port !== undefined, "dnsmasq did not start");
  return port;
}

async function tryDnsmasq(t: TestContext, address: string): Promise<number | undefined> {
  const free = createSocket("udp4");
  free.bind(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address();
  free.close();
  const args = ["--keep-in-foreground", "--no-hosts", "--no-resolv", "--conf-file=/dev/null", "--log-facility=-"];
  const where = [`--port=${port}`, "--listen-address=127.0.0.1", "--bind-interfaces", "--user=", "--pid-file="];
  const server = spawn("dnsmasq", [...args, ...where, `--address=/who.test/${address}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.after(async () => {
    server.kill();
    if (server.exitCode === null) await once(server, "exit");
  });
  let text = "";
  for await (const chunk of server.stderr) {
    text += String(chunk);
    if (text.includes("started")) return port;
  }
  return undefined;
}

async function dig(port: number): Promise<string> {
  const { stdout } = await run("dig", ["@127.0.0.1", "-p", String(port), "who.test", "A", "+short", "+tries=3"]);
  return stdout.trim();
}
