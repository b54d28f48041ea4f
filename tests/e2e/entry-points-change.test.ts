// Entry points that come, go and change while weir runs: by its file and by a signal, with clients on the others.

import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { Agent, request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { ask } from "../support/ask.ts";
import { startEcho } from "../support/echo.ts";
import { routesTo } from "../support/proxy-process.ts";
import { type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";
import { startWeir, temporaryFolder, type Weir } from "../support/weir.ts";
import { WebSocketClient, WebSocketEcho } from "../support/web-socket.ts";

const ROUNDS = 50; // of four changes each
const CLIENTS = 4;
const WEB = 'web: {address: "127.0.0.1:0"}';

interface Bench {
  readonly weir: Weir;
  readonly url: string;
  /** Writes the start-up options; `web` is always there. Resolves when the output has one more line that matches. */
  write(entryPoints: readonly string[], awaited: RegExp, rest?: string): Promise<RegExpExecArray>;
}

async function withWeir(runtime: RuntimeCommand, url: string, use: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = await temporaryFolder();
  const all = routesTo(url, "    app: {rule: 'PathPrefix(`/`)', service: app}\n");
  const dynamic = await folder.write("dynamic.yml", all);
  const options = (entryPoints: readonly string[], rest: string): string =>
    `entryPoints: {${[WEB, ...entryPoints].join(", ")}}
providers: {file: {filename: "${dynamic}"}}
log: {level: INFO}
${rest}`;
  const file = await folder.write("weir.yml", options([], ""));
  const weir = await startWeir(runtime, [`--configFile=${file}`]);
  try {
    await use({
      weir,
      url,
      async write(entryPoints, awaited, rest = "") {
        const from = weir.output().length;
        const temporary = await folder.write("part", options(entryPoints, rest));
        await rename(temporary, join(folder.path, "weir.yml"));
        await weir.waitUntil((output) => awaited.test(output.slice(from)));
        return awaited.exec(weir.output().slice(from)) ?? assert.fail();
      },
    });
  } finally {
    await weir.stop();
    await folder.remove();
  }
}

/** Clients that ask for as long as the test runs: on connections that are kept, and on new ones. */
class Load {
  asked = 0;
  readonly failures: string[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  readonly #loops: Promise<void>[] = [];
  #isOver = false;

  constructor(port: number) {
    for (let client = 0; client < CLIENTS; client++) this.#loops.push(this.#loop(port, client % 2 === 0));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
    this.#agent.destroy();
  }

  async #loop(port: number, isKept: boolean): Promise<void> {
    while (!this.#isOver) {
      try {
        const status = await this.#ask(port, isKept);
        if (status !== 200) this.failures.push(`status ${status}`);
      } catch (error) {
        this.failures.push(String(error));
      }
      this.asked++;
    }
  }

  #ask(port: number, isKept: boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      const agent = isKept ? this.#agent : false;
      const sent = request({ host: "127.0.0.1", port, agent, headers: { Host: "app.test" } }, (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
        response.on("error", reject);
      });
      sent.on("error", reject);
      sent.end();
    });
  }
}

const portIn = (line: RegExpExecArray): number => Number(line[1]);

for (const runtime of threeRuntimes) {
  test(`${ROUNDS * 4} changes of entry points fail no request on the others on ${runtime.name}`, async (t) => {
    const echo = await startEcho();
    await withWeir(runtime, echo.url, async ({ weir, write }) => {
      const load = new Load(weir.port("web"));
      try {
        for (let round = 0; round < ROUNDS; round++) {
          const name = `e${round}`;
          const opened = new RegExp(`the entry point ${name} is open[^\\n]*:(\\d+)/tcp`);
          const changed = new RegExp(`the entry point ${name} has changed[^\\n]*:(\\d+)/tcp`);
          const first = portIn(await write([`${name}: {address: "127.0.0.1:0"}`], opened));
          assert.equal((await ask({ port: first })).status, 200);
          const limited = "http: {maxHeaderBytes: 2048}";
          const same = portIn(await write([`${name}: {address: "127.0.0.1:0", ${limited}}`], changed));
          assert.equal(same, first);
          assert.equal((await ask({ port: same, headers: { "X-Large": "a".repeat(3000) } })).status, 431);
          const moved = portIn(await write([`${name}: {address: "localhost:0"}`], changed));
          assert.notEqual(moved, first);
          await assert.rejects(ask({ port: first }));
          await write([], new RegExp(`the entry point ${name} is closed`));
        }
      } finally {
        await load.stop();
      }
      t.diagnostic(`${load.asked} requests meanwhile`);
      assert.deepEqual(load.failures, []);
      assert.ok(load.asked > ROUNDS);
    });
    await echo.close();
  });

  test(`a broken change of entry points leaves everything as it was on ${runtime.name}`, async () => {
    const echo = await startEcho();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await withWeir(runtime, echo.url, async ({ weir, write }) => {
      const isServed = async () => assert.equal((await ask({ port: weir.port("web") })).status, 200);
      const both = ['other: {address: "127.0.0.1:0"}', `bad: {address: "127.0.0.1:${port}"}`];
      await write(both, new RegExp(`127\\.0\\.0\\.1:${port}[^\\n]*all entry points stay as they are`));
      await isServed();
      await write(['bad: {address: "nowhere"}'], /the start-up options have errors: entry points stay as they are/);
      await isServed();
      await write([], /need a restart: api, ping/, "api: {}\nping: {manualRouting: true}\n");
      await isServed();
      weir.signal("SIGHUP");
      await weir.waitFor(/reading the configuration again/);
      await write(['late: {address: "127.0.0.1:0"}'], /the entry point late is open/);
      await isServed();
      assert.doesNotMatch(weir.output(), /entry point other is open/);
    });
    await echo.close();
    await new Promise((resolve) => taken.close(resolve));
  });

  test(`a tunnel outlives a change of its entry point's options on ${runtime.name}`, async () => {
    const echo = await WebSocketEcho.start();
    await withWeir(runtime, echo.url, async ({ write }) => {
      const opened = await write(['ws: {address: "127.0.0.1:0"}'], /the entry point ws is open[^\n]*:(\d+)\/tcp/);
      const client = await WebSocketClient.open(portIn(opened));
      assert.equal(client.status, 101);
      const limited = 'ws: {address: "127.0.0.1:0", transport: {lifeCycle: {graceTimeOut: 1ms}}}';
      await write([limited], /the entry point ws has changed/);
      client.send("still there");
      assert.equal(String((await client.next()).payload), "still there");
      const other = await WebSocketClient.open(portIn(opened));
      await write([], /the entry point ws is closed/);
      await other.over(); // its entry point gave it a millisecond
      other.socket.destroy();
      client.send("and still");
      assert.equal(String((await client.next()).payload), "and still");
      client.socket.destroy();
      await echo.until(0);
    });
    await echo.close();
  });
}
