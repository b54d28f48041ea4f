// A Kubernetes API that refuses, hangs, fails, lies or forgets: traffic does not notice, and weir catches up afterwards.

import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";
import { plainAnswer, startScripted } from "../support/scripted-backend.ts";
import { startWeir, type Weir } from "../support/weir.ts";
import { ask, get, SteadyClient } from "../support/wire-client.ts";
import { ApiServer, errorLine, type Manifest, status } from "../unit/provider/kubernetes/api-server.ts";
import { route, slice, web } from "../unit/provider/kubernetes/harness.ts";

/** Issue 2: so long after the API is back, a change made meanwhile is in force. */
const CONVERGED_MS = 5_000;
/** Between two requests of the load: three runtimes are tried at the same time. */
const PAUSE_MS = 2;
/** Requests that an outage must have met before it counts as one. */
const MET = 3;

interface Outage {
  readonly name: string;
  /** Begins it. Resolves when weir has met it. */
  begin(server: ApiServer, weir: Weir): Promise<void>;
  /** Ends it. */
  end(server: ApiServer): Promise<void>;
}

const outages: readonly Outage[] = [
  {
    name: "refuses",
    begin: async (server, weir) => {
      const before = errorsIn(weir.output());
      await server.close();
      await weir.waitUntil((output) => errorsIn(output) > before);
    },
    end: (server) => server.listen(),
  },
  ...[
    { name: "hangs", answer: () => undefined, forgets: false },
    { name: "answers 500", answer: failing(500, "etcdserver: request timed out"), forgets: false },
    { name: "answers 503", answer: failing(503, "apiserver is shutting down"), forgets: false },
    { name: "breaks watches off within an event", answer: truncated, forgets: false },
    { name: "answers lists with truncated JSON", answer: truncated, forgets: true },
    { name: "answers lists with other JSON", answer: saying('{"kind":"Odd"}'), forgets: true },
    { name: "answers lists with HTML", answer: saying("<html>bad gateway</html>"), forgets: true },
  ].map(faulty),
  {
    name: "has forgotten its history (410 on watch)",
    begin: (server) => {
      server.forgotten = server.version;
      server.removeSilently(route("no-such-route"));
      server.endWatches();
      const asked = server.seen.length;
      return server.until(() => server.seen.slice(asked).filter(({ watch }) => watch).length >= MET);
    },
    end: () => Promise.resolve(),
  },
];

test(
  "no outage of the Kubernetes API reaches traffic, and weir catches up within 5 s",
  { concurrency: 3 },
  async (t) => {
    await Promise.all(threeRuntimes.map((runtime) => {
      return t.test(`on ${runtime.name}`, async (each) => each.diagnostic(await outlive(runtime)));
    }));
  },
);

/** @returns how long catching up took */
async function outlive(runtime: RuntimeCommand): Promise<string> {
  const backend = await startScripted({ request: ({ socket }) => socket.write(plainAnswer("ok")) });
  const server = new ApiServer();
  server.apply(web, { ...slice("127.0.0.1"), ports: [{ port: backend.port }] }, route("steady.test"));
  await server.listen();
  const weir = await startWeir(runtime, [
    "--entrypoints.web.address=127.0.0.1:0",
    `--providers.kubernetescrd.endpoint=${server.endpoint}`,
    "--log.level=DEBUG",
    "--log.nocolor=true",
  ]);
  try {
    const took: string[] = [];
    for (const [index, outage] of outages.entries()) {
      took.push(`${outage.name}: ${await outliveOne({ server, weir, host: `after-${index}.test` }, outage)} ms`);
    }
    const counts = [...weir.output().matchAll(/configuration applied.*routers=(\d+)/g)].map((match) =>
      Number(match[1])
    );
    assert.deepEqual(counts.slice(counts.findIndex((count) => count > 0)).filter((count) => count === 0), []);
    return took.join(", ");
  } finally {
    await weir.stop();
    await server.close();
    await backend.close();
  }
}

interface Stage {
  readonly server: ApiServer;
  readonly weir: Weir;
  /** Routed by an object that is made during the outage. */
  readonly host: string;
}

/** @returns milliseconds from the end of the outage until traffic follows */
async function outliveOne({ server, weir, host }: Stage, outage: Outage): Promise<number> {
  const port = weir.port("web");
  await server.until(() => server.openWatches >= 4);
  const load = startLoad(port);
  await outage.begin(server, weir);
  const added: Manifest = route(host);
  server.apply(added);
  await outage.end(server);
  const endedAt = performance.now();
  while ((await ask(port, get(host))).status !== 200) {
    assert.ok(
      performance.now() - endedAt < CONVERGED_MS,
      `${outage.name}: ${host} is not served after ${CONVERGED_MS} ms`,
    );
  }
  const tookMs = Math.round(performance.now() - endedAt);
  assert.deepEqual(await load.stop(), [], outage.name);
  return tookMs;
}

/** A client that asks without a break. `stop` tells what went wrong. */
function startLoad(port: number): { stop(): Promise<readonly string[]> } {
  const complaints: string[] = [];
  let isOver = false;
  const run = async (): Promise<void> => {
    const client = new SteadyClient(port);
    while (!isOver && complaints.length < 5) {
      const answer = await client.send(get("steady.test"));
      await delay(PAUSE_MS);
      if (answer.status !== 200 || answer.ending !== "whole") complaints.push(`${answer.status} ${answer.ending}`);
    }
    client.close();
  };
  const running = run();
  return {
    async stop() {
      isOver = true;
      await running;
      return complaints;
    },
  };
}

/** Every list, probe and, unless it shall find its history forgotten, watch is answered so; open watches break off. */
function faulty({ name, answer, forgets }: Faulty): Outage {
  return {
    name,
    begin: (server) => {
      let met = 0;
      server.fault = ({ watch }, response) => {
        if (watch && forgets) response.end(errorLine(410, "too old resource version"));
        else {
          met++;
          answer(response);
        }
        return true;
      };
      server.cutAll();
      return server.until(() => met >= MET);
    },
    end: (server) => {
      server.fault = undefined;
      server.cutAll(); // what still hangs breaks off, as behind a load balancer
      return Promise.resolve();
    },
  };
}

interface Faulty {
  readonly name: string;
  readonly answer: (response: ServerResponse) => void;
  /** Watches are told to list again, so that the lists meet the fault. */
  readonly forgets: boolean;
}

/** A 200 whose body breaks off within an object. */
function truncated(response: ServerResponse): void {
  const text = '{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"na';
  response.writeHead(200, { "content-type": "application/json" });
  response.end(text);
}

function saying(text: string): (response: ServerResponse) => void {
  return (response) => void response.end(text);
}

function failing(code: number, message: string): (response: ServerResponse) => void {
  return (response) => status(response, code, message);
}

function errorsIn(output: string): number {
  return output.split("Kubernetes API: ").length - 1;
}
