// Who is up, who is down, and whose session is where: what clients see of it, and that no reload forgets it.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { balance, type DynamicFile, withProxy } from "../support/proxy-fixture.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { plainAnswer, type ScriptedBackend, startScripted } from "../support/scripted-backend.ts";
import { type Answer, ask, get, SteadyClient } from "../support/wire-client.ts";

const RELOADS = 10;
const PROBE_PATH = "/health";

for (const runtime of threeRuntimes) {
  test(`a sticky client stays at its server over reloads that move, add and remove others on ${runtime.name}`, async (t) => {
    const servers = await startServers(t, ["a", "b", "c"]);
    const { a, b, c } = servers;
    const orders = [[a, b, c], [c, b, a], [b, a], [a, c, b], [b, c, a]].map((order) => order.map(({ url }) => url));
    const at = (step: number): DynamicFile => app(balance(orders[step % orders.length] ?? [], stickyCookie), step);
    await withProxy(runtime, at(0), [], async ({ port, apply }) => {
      const sessions = await Promise.all(["a", "b"].map((name) => openSession(port, name)));
      for (let step = 1; step <= RELOADS; step++) {
        await apply(at(step));
        for (const { cookie, name } of sessions) {
          const answer = await ask(port, get("app.test", "/", `Cookie: ${cookie}\r\n`));
          assert.equal(bodyOf(answer), name, `after reload ${step}`);
          assert.equal(/^set-cookie:/im.test(answer.head), false, "the session needs no new cookie");
        }
      }
    });
  });

  test(`a sticky client of a server that goes down moves on with a new cookie on ${runtime.name}`, async (t) => {
    const { a, b } = await startServers(t, ["a", "b"]);
    const configuration = (version: number) =>
      app(balance([a.url, b.url], { ...stickyCookie, ...probes("20ms") }), version);
    await withProxy(runtime, configuration(0), [], async ({ weir, port, apply }) => {
      const { cookie } = await openSession(port, "a");
      a.isWell = false;
      await weir.waitFor(/server is down/);
      await apply(configuration(1));
      const asked = a.asked;
      const answer = await ask(port, get("app.test", "/", `Cookie: ${cookie}\r\n`));
      assert.equal(bodyOf(answer), "b");
      assert.match(answer.head, /^set-cookie: session=/im);
      assert.equal(a.asked, asked);
    });
  });

  test(`failover follows the health of the main service, over reloads too, on ${runtime.name}`, async (t) => {
    const { main, spare } = await startServers(t, ["main", "spare"]);
    const configuration = (version: number): DynamicFile => ({
      http: {
        routers: { app: { rule: `PathPrefix(\`/\`) && !Query(\`v\`, \`${version}\`)`, service: "app" } },
        services: {
          app: { failover: { service: "main", fallback: "spare" } },
          main: balance([main.url], { ...probes("20ms"), passHostHeader: version % 2 === 0 }),
          spare: balance([spare.url]),
        },
      },
    });
    await withProxy(runtime, configuration(0), [], async ({ weir, port, apply }) => {
      const client = new SteadyClient(port);
      const serving = async () => bodyOf(await client.send(get("app.test")));
      assert.equal(await serving(), "main");
      main.isWell = false;
      await weir.waitFor(/server is down/);
      const asked = main.asked;
      for (let version = 1; version <= RELOADS; version++) {
        await apply(configuration(version));
        assert.equal(await serving(), "spare", `after reload ${version}`);
      }
      assert.equal(main.asked, asked, "requests to the main service while it is down");
      main.isWell = true;
      await weir.waitFor(/server is up again/);
      await apply(configuration(RELOADS + 1));
      assert.equal(await serving(), "main");
      client.close();
    });
  });

  test(`a server that a passive check took out stays out over reloads on ${runtime.name}`, async (t) => {
    const { good, bad } = await startServers(t, ["good", "bad"]);
    bad.status = "500 Internal Server Error";
    const passive = { passiveHealthCheck: { failureWindow: "1m", maxFailedAttempts: 2 } };
    const configuration = (version: number) => app(balance([good.url, bad.url], passive), version);
    await withProxy(runtime, configuration(0), [], async ({ weir, port, apply }) => {
      const client = new SteadyClient(port);
      for (let count = 0; count < 4; count++) await client.send(get("app.test"));
      await weir.waitFor(/server is down/);
      for (let version = 1; version <= RELOADS; version++) {
        await apply(configuration(version));
        for (let count = 0; count < 4; count++) assert.equal((await client.send(get("app.test"))).status, 200);
      }
      assert.equal(bad.asked, 2);
      client.close();
    });
  });

  test(`with all servers down the answer is 503, and the first that recovers serves on ${runtime.name}`, async (t) => {
    const { a, b } = await startServers(t, ["a", "b"]);
    a.isWell = b.isWell = false;
    const configuration = app(balance([a.url, b.url], probes("20ms")), 0);
    await withProxy(runtime, configuration, [], async ({ weir, port }) => {
      await weir.waitUntil((output) => output.split("server is down").length === 3);
      const refused = await ask(port, get("app.test"));
      assert.deepEqual([refused.status, bodyOf(refused)], [503, "no available server\n"]);
      assert.deepEqual([a.asked, b.asked], [0, 0]);
      b.isWell = true;
      await weir.waitFor(/server is up again/);
      assert.equal(bodyOf(await ask(port, get("app.test"))), "b");
    });
  });
}

const stickyCookie = { sticky: { cookie: { name: "session" } } };

function probes(interval: string): Readonly<Record<string, unknown>> {
  return { healthCheck: { path: PROBE_PATH, interval, timeout: "2s" } };
}

/** @param version makes it differ from the one before */
function app(service: unknown, version: number): DynamicFile {
  return {
    http: {
      routers: { app: { rule: `PathPrefix(\`/\`) && !Query(\`v\`, \`${version}\`)`, service: "app" } },
      services: { app: service },
    },
  };
}

interface Server {
  readonly url: string;
  /** Requests, probes left out. */
  asked: number;
  /** What probes are told. */
  isWell: boolean;
  /** What all others are told. */
  status: string;
}

/** Servers that answer with their name. */
async function startServers<N extends string>(
  t: TestContext,
  names: readonly N[],
): Promise<Readonly<Record<N, Server>>>;
async function startServers(t: TestContext, names: readonly string[]): Promise<Readonly<Record<string, Server>>> {
  const entries = await Promise.all(names.map(async (name) => {
    const state = { asked: 0, isWell: true, status: "200 OK" };
    const backend: ScriptedBackend = await startScripted({
      request: ({ path, socket }) => {
        const isProbe = path === PROBE_PATH;
        if (!isProbe) state.asked++;
        const status = isProbe && !state.isWell ? "503 Service Unavailable" : state.status;
        socket.write(plainAnswer(name, "", status));
      },
    });
    t.after(backend.close);
    return [name, Object.assign(state, { url: backend.url })] as const;
  }));
  return Object.fromEntries(entries);
}

/** Asks without a cookie until the named server answers. @returns the cookie it set */
async function openSession(port: number, name: string): Promise<{ readonly name: string; readonly cookie: string }> {
  for (let count = 0; count < 10; count++) {
    const answer = await ask(port, get("app.test"));
    if (bodyOf(answer) !== name) continue;
    const cookie = /^set-cookie: *([^;\r\n]+)/im.exec(answer.head)?.[1];
    assert.ok(cookie !== undefined, answer.head);
    return { name, cookie };
  }
  assert.fail(`${name} never answered`);
}

function bodyOf({ body }: Answer): string {
  return body.toString();
}
