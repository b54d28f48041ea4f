// Reloads and restarts under traffic: no request is lost, and what was learnt is not forgotten.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { appliedCount, balance, type DynamicFile, withProxy } from "../support/proxy-fixture.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { plainAnswer, type ScriptedBackend, startScripted } from "../support/scripted-backend.ts";
import { ask, get, SteadyClient, WireClient } from "../support/wire-client.ts";

const RELOADS = 200;
const ROUTERS = 1_000;
const LOAD_CLIENTS = 4;
/** Issue 2: applying a configuration of 1,000 routers takes no longer. */
const APPLY_MS = 100;
const MIB = 1024 * 1024;

for (const runtime of threeRuntimes) {
  test(`${RELOADS} reloads of ${ROUTERS} routers under load fail no request and forget nothing on ${runtime.name}`, async (t) => {
    const backends = await startNamed(t, ["v1", "v2", "well", "sick"]);
    const found = await withProxy(
      runtime,
      large(backends, 0),
      ["--providers.providersthrottleduration=1ms"],
      async (proxy) => {
        await proxy.weir.waitFor(/server is down/);
        const sickBefore = backends.sick.requests;
        const load = startLoad(proxy.port);
        for (let reload = 1; reload <= RELOADS; reload++) await proxy.apply(large(backends, reload));
        const { requests, complaints, versions } = await load.stop();
        assert.deepEqual(complaints, []);
        const durations = [...proxy.weir.output().matchAll(/configuration applied.*durationMs=(\d+)/g)]
          .map((match) => Number(match[1])).slice(-RELOADS).sort((a, b) => a - b);
        return {
          requests,
          versions,
          durations,
          sick: backends.sick.requests - sickBefore,
          applied: appliedCount(proxy.weir),
        };
      },
    );
    const median = found.durations[RELOADS / 2] ?? Infinity;
    t.diagnostic(
      `${found.requests} requests; applying took ${median} ms (median), ${found.durations.at(-1)} ms (most)`,
    );
    assert.ok(found.requests > 1_000, `${found.requests} requests are no load`);
    assert.ok(found.applied >= RELOADS, `${found.applied} configurations applied`);
    assert.ok(median <= APPLY_MS, `applying took ${median} ms`);
    assert.deepEqual(unevenBlocks(found.versions), [], "weights 1:2 hold in every block of three");
    assert.equal(found.sick, 0, "requests to the server that is down, its probes left out");
  });

  test(`downloads survive a reload that removes their router on ${runtime.name}`, async (t) => {
    const slow = await startSlow(t);
    await withProxy(runtime, small(slow.backend.url, "Host(`old.test`)"), [], async (proxy) => {
      const client = await WireClient.open(proxy.port);
      const download = client.send(get("old.test"));
      await slow.begun;
      await proxy.apply(small(slow.backend.url, "Host(`new.test`)"));
      assert.equal((await ask(proxy.port, get("old.test"))).status, 404);
      slow.finish();
      const answer = await download;
      assert.deepEqual([answer.status, answer.body.length, answer.ending], [200, 2 * MIB, "whole"]);
      client.close();
    });
  });

  test(`SIGTERM: a download finishes, new connections are refused, exit code 0 on ${runtime.name}`, async (t) => {
    const slow = await startSlow(t);
    await withProxy(runtime, small(slow.backend.url, "PathPrefix(`/`)"), [], async ({ weir, port }) => {
      const idle = await WireClient.open(port);
      const client = await WireClient.open(port);
      const download = client.send(get("app.test"));
      await slow.begun;
      const idleEnd = once(idle.socket, "end");
      weir.signal("SIGTERM");
      await idleEnd;
      assert.equal(await connectError(port), "ECONNREFUSED");
      slow.finish();
      const answer = await download;
      assert.deepEqual([answer.status, answer.body.length, answer.ending], [200, 2 * MIB, "whole"]);
      const before = performance.now();
      assert.equal(await weir.exited(), 0);
      const tookMs = performance.now() - before;
      t.diagnostic(`exit ${Math.round(tookMs)} ms after the last answer`);
      assert.ok(tookMs < 1_000, `the exit took ${tookMs} ms`);
    });
  });

  test(`SIGTERM with requestAcceptGraceTimeout: /ping answers 503 while requests are still served on ${runtime.name}`, async (t) => {
    const backends = await startNamed(t, ["v1"]);
    const flags = [
      "--entrypoints.web.transport.lifecycle.requestacceptgracetimeout=2s",
      "--ping=true",
      "--ping.entrypoint=web",
    ];
    await withProxy(runtime, small(backends.v1.url, "Host(`app.test`)"), flags, async ({ weir, port }) => {
      assert.equal((await ask(port, get("any.test", "/ping"))).status, 200);
      weir.signal("SIGTERM");
      await weir.waitFor(/stops/);
      const statuses = [(await ask(port, get("any.test", "/ping"))).status, (await ask(port, get("app.test"))).status];
      assert.deepEqual(statuses, [503, 200]);
      assert.equal(await weir.exited(), 0);
      assert.equal(await connectError(port), "ECONNREFUSED");
    });
  });

  test(`graceTimeOut cuts what does not finish on ${runtime.name}`, async (t) => {
    const slow = await startSlow(t);
    const flags = ["--entrypoints.web.transport.lifecycle.gracetimeout=500ms"];
    await withProxy(runtime, small(slow.backend.url, "PathPrefix(`/`)"), flags, async ({ weir, port }) => {
      const client = await WireClient.open(port);
      const download = client.send(get("app.test"));
      await slow.begun;
      weir.signal("SIGTERM");
      const answer = await download;
      assert.notEqual(answer.ending, "whole");
      assert.equal(await weir.exited(), 0);
    });
  });
}

type Named<N extends string> = Readonly<Record<N, ScriptedBackend>>;

/** Backends that answer with their name; `sick` is not well when asked for /health. */
async function startNamed<N extends string>(t: TestContext, names: readonly N[]): Promise<Named<N>>;
async function startNamed(t: TestContext, names: readonly string[]): Promise<Named<string>> {
  const entries = await Promise.all(names.map(async (name) => {
    const backend = await startScripted({
      request: ({ path, socket }) => {
        const isSick = name === "sick" && path === "/health";
        socket.write(plainAnswer(name, "", isSick ? "503 Service Unavailable" : "200 OK"));
      },
    });
    t.after(backend.close);
    return [name, backend] as const;
  }));
  return Object.fromEntries(entries);
}

/** A configuration of many routers, different each time: for a weighted service, a checked one, and all others. */
function large({ v1, v2, well, sick }: Named<"v1" | "v2" | "well" | "sick">, version: number): DynamicFile {
  const routers: Record<string, unknown> = {
    weighted: { rule: "Host(`weighted.test`)", service: "weighted" },
    checked: { rule: "Host(`checked.test`)", service: "checked" },
  };
  for (let at = 2; at < ROUTERS; at++) {
    const version10 = at % 10 === 0 ? version : 0;
    routers[`r${at}`] = {
      rule: `Host(\`h${at}.test\`) && PathPrefix(\`/\`) && !Query(\`v\`, \`${version10}\`)`,
      service: "well",
    };
  }
  const healthCheck = { path: "/health", interval: "1h" };
  // A third server comes and goes: the health of the others is not its business.
  const third = version % 2 === 0 ? [] : [`http://localhost:${well.port}`];
  return {
    http: {
      routers,
      services: {
        v1: balance([v1.url]),
        v2: balance([v2.url]),
        well: balance([well.url]),
        weighted: { weighted: { services: [{ name: "v1", weight: 1 }, { name: "v2", weight: 2 }] } },
        checked: balance([well.url, sick.url, ...third], { healthCheck }),
      },
    },
  };
}

function small(url: string, rule: string): DynamicFile {
  return { http: { routers: { app: { rule, service: "app" } }, services: { app: balance([url]) } } };
}

interface LoadReport {
  readonly requests: number;
  readonly complaints: readonly string[];
  /** Answers of the weighted service, one after the other. */
  readonly versions: readonly string[];
}

/** Clients that ask without a break: one the weighted service, the others all else. */
function startLoad(port: number): { stop(): Promise<LoadReport> } {
  let isOver = false;
  let requests = 0;
  const complaints: string[] = [];
  const versions: string[] = [];
  const run = async (host: () => string, check: (body: string) => boolean): Promise<void> => {
    const client = new SteadyClient(port);
    while (!isOver && complaints.length < 10) {
      const name = host();
      const answer = await client.send(get(name));
      requests++;
      const body = answer.body.toString();
      if (answer.status !== 200 || answer.ending !== "whole" || !check(body)) {
        complaints.push(`${name}: ${answer.status} ${answer.ending} ${JSON.stringify(body)}`);
      }
    }
    client.close();
  };
  let turn = 0;
  const any = (): string => {
    turn++;
    return turn % 5 === 0 ? "checked.test" : `h${2 + turn % (ROUTERS - 2)}.test`;
  };
  const clients = Array.from({ length: LOAD_CLIENTS - 1 }, () => run(any, (body) => body === "well"));
  clients.push(run(() => "weighted.test", (body) => versions.push(body) > 0));
  return {
    async stop() {
      isOver = true;
      await Promise.all(clients);
      return { requests, complaints, versions };
    },
  };
}

/** Blocks of three answers in a row that are not one v1 and two v2. */
function unevenBlocks(versions: readonly string[]): string[] {
  const blocks: string[] = [];
  for (let at = 0; at + 3 <= versions.length; at += 3) {
    const block = versions.slice(at, at + 3);
    if (block.toSorted().join() !== "v1,v2,v2") blocks.push(`${at}: ${block.join()}`);
  }
  return blocks;
}

interface Slow {
  readonly backend: ScriptedBackend;
  /** Resolves when an answer is under way. */
  readonly begun: Promise<void>;
  finish(): void;
}

/** A backend that sends half of an answer, and the rest when told to. */
async function startSlow(t: TestContext): Promise<Slow> {
  const begun = Promise.withResolvers<void>();
  let finish = (): void => undefined;
  const backend = await startScripted({
    request: ({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${2 * MIB}\r\n\r\n`);
      socket.write(Buffer.alloc(MIB, "a"), () => begun.resolve());
      finish = () => void socket.write(Buffer.alloc(MIB, "b"));
    },
  });
  t.after(backend.close);
  return { backend, begun: begun.promise, finish: () => finish() };
}

/** @returns why a connection could not be opened, or an empty text */
function connectError(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve("");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
