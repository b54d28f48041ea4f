// Backends that die, refuse, hang or close at the wrong moment: what the client sees of it, on every runtime.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startDeaf } from "../support/deaf.ts";
import { balance, oneService, withProxy } from "../support/proxy-fixture.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import {
  cut,
  headerOf,
  plainAnswer,
  type ScriptedBackend,
  type Seen,
  startScripted,
} from "../support/scripted-backend.ts";
import { get, post, SteadyClient, WireClient } from "../support/wire-client.ts";

/** A backend's keep-alive timeout, its jitter, and the longest pause of a client: idle times on both sides of it. */
const IDLE_MS = 15;
const IDLE_JITTER_MS = 85;
const PAUSE_MS = 40;

const PART = 40_000;
/** What a dying backend sends: no two places look alike, so that a wrong byte shows. */
const PATTERN = Buffer.from(Array.from({ length: 20_000 }, (_, at) => at.toString(36).padStart(4, ".")).join(""));

interface Death {
  readonly name: string;
  readonly protocol: "HTTP/1.0" | "HTTP/1.1";
  /** Head and part of the body. */
  readonly part: Buffer;
  die(socket: Socket): void;
}

const length = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${PATTERN.length}\r\n\r\n`);
const chunked = Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${PART.toString(16)}\r\n`);
const untilClose = Buffer.from("HTTP/1.1 200 OK\r\n\r\n");
const part = PATTERN.subarray(0, PART);
const fin = (socket: Socket): void => void socket.end();

const deaths: readonly Death[] = [
  { name: "length, reset", protocol: "HTTP/1.1", part: Buffer.concat([length, part]), die: cut },
  { name: "length, FIN", protocol: "HTTP/1.1", part: Buffer.concat([length, part]), die: fin },
  { name: "chunked, reset", protocol: "HTTP/1.1", part: Buffer.concat([chunked, part]), die: cut },
  { name: "chunked, FIN", protocol: "HTTP/1.1", part: Buffer.concat([chunked, part, Buffer.from("\r\n")]), die: fin },
  { name: "until close, reset", protocol: "HTTP/1.1", part: Buffer.concat([untilClose, part]), die: cut },
  { name: "until close, reset, old client", protocol: "HTTP/1.0", part: Buffer.concat([untilClose, part]), die: cut },
];

for (const runtime of threeRuntimes) {
  test(`100 backends killed within their answer are 100 aborts for the client on ${runtime.name}`, async (t) => {
    let dying: Seen | undefined = undefined;
    let kind = 0;
    const request = (seen: Seen): void => {
      dying = seen;
      seen.socket.write(deaths[kind]?.part ?? "");
    };
    const backends = await Promise.all([startScripted({ request }), startScripted({ request })]);
    for (const backend of backends) t.after(backend.close);
    const found = await withProxy(runtime, oneService(balance(urls(backends))), [], async ({ port }) => {
      const complaints: string[] = [];
      for (let count = 0; count < 100; count++) {
        kind = count % deaths.length;
        const death = deaths[kind];
        assert.ok(death !== undefined);
        const client = await WireClient.open(port);
        client.socket.once("data", () => dying !== undefined && death.die(dying.socket));
        const answer = await client.send(`GET /${count} ${death.protocol}\r\nHost: app.test\r\n\r\n`);
        const isCut = answer.ending === "reset" || (answer.ending === "cut" && death.protocol === "HTTP/1.1");
        const isTrue = answer.status === 200 && PATTERN.subarray(0, answer.body.length).equals(answer.body);
        if (!isCut || !isTrue || answer.body.length > PART) {
          complaints.push(`${death.name}: ${answer.status} ${answer.ending}, ${answer.body.length} bytes`);
        }
        client.close();
      }
      return complaints;
    });
    assert.deepEqual(found, []);
    assert.equal(backends[0].requests + backends[1].requests, 100, "nothing is asked twice after the first byte");
  });

  test(`1,000 GETs all succeed while one of two servers resets every connection on ${runtime.name}`, async (t) => {
    const seen = new Map<string, number>();
    const good = await startScripted({
      request: (each) => {
        note(seen, each.head);
        each.socket.write(plainAnswer("good"));
      },
    });
    // Every other connection is reset when it is accepted, the others when a request has come in.
    const bad = await startScripted({
      connect: (socket, connection) => {
        if (connection % 2 === 0) cut(socket);
        return connection % 2 === 0;
      },
      request: (each) => {
        note(seen, each.head);
        cut(each.socket);
      },
    });
    t.after(() => Promise.all([good.close(), bad.close()]));
    const [failed, refused] = await withProxy(runtime, oneService(balance(urls([bad, good]))), [], async ({ port }) => {
      const gets = await load(port, { clients: 4, count: 1_000, make: () => get("app.test") });
      const posts = await load(port, {
        clients: 4,
        count: 300,
        make: (id) => post("app.test", "x", `X-Id: ${id}\r\n`),
      });
      return [gets.filter((status) => status !== 200).length, posts.filter((status) => status !== 200).length];
    });
    assert.equal(failed, 0);
    assert.deepEqual(doubled(seen), [], "no POST is delivered twice");
    assert.ok(refused !== undefined && refused < 15, `${refused} of 300 POSTs failed`);
    assert.ok(bad.connections >= 3, "the bad server was tried");
  });

  test(`a refused connection goes to the next server, POSTs too, on ${runtime.name}`, async (t) => {
    const good = await startScripted({ request: ({ socket }) => socket.write(plainAnswer("good")) });
    const gone = await startScripted({});
    await gone.close();
    t.after(good.close);
    const statuses = await withProxy(runtime, oneService(balance(urls([gone, good]))), [], ({ port }) => {
      return load(port, { clients: 2, count: 200, make: getOrPost });
    });
    assert.deepEqual(statuses.filter((status) => status !== 200), []);
    assert.equal(good.requests, 200);
  });

  test(`dialTimeout, responseHeaderTimeout and a refusal answer 504, 504 and 502 on ${runtime.name}`, async (t) => {
    const deaf = await startDeaf();
    const silent = await startScripted({});
    const gone = await startScripted({});
    await gone.close();
    t.after(() => Promise.all([deaf.close(), silent.close()]));
    const forwardingTimeouts = { dialTimeout: "300ms", responseHeaderTimeout: "300ms" };
    const services = { deaf: `http://127.0.0.1:${deaf.port}`, silent: silent.url, gone: gone.url };
    const configuration = {
      http: {
        routers: Object.fromEntries(
          Object.keys(services).map((name) => [name, { rule: `Path(\`/${name}\`)`, service: name }]),
        ),
        services: Object.fromEntries(
          Object.entries(services).map(([name, url]) => [name, balance([url], { serversTransport: "short" })]),
        ),
        serversTransports: { short: { forwardingTimeouts } },
      },
    };
    const statuses = await withProxy(runtime, configuration, [], async ({ port }) => {
      const client = new SteadyClient(port);
      const found: number[] = [];
      for (const path of ["/deaf", "/silent", "/gone"]) found.push((await client.send(get("app.test", path))).status);
      found.push((await client.send(post("app.test", "x").replace("POST /", "POST /silent"))).status);
      client.close();
      return found;
    });
    assert.deepEqual(statuses, [504, 504, 502, 504]);
  });

  test(`a backend that closes connections right after its answers fails no GET and doubles no POST on ${runtime.name}`, async (t) => {
    const random = createRandom(7);
    const seen = new Map<string, number>();
    const backend = await startScripted({
      request: (each) => {
        note(seen, each.head);
        each.socket.write(plainAnswer("ok"));
        closeWithin(30, each.socket, random);
      },
    });
    t.after(backend.close);
    const statuses = await withProxy(runtime, oneService(balance([backend.url])), [], ({ port }) => {
      return load(port, { clients: 8, count: 2_000, make: getOrPost, pause: () => turns(random() * 40) });
    });
    const failed = statuses.filter((status, id) => id % 2 === 0 && status !== 200).length;
    assert.equal(failed, 0, "failed GETs");
    assert.deepEqual(doubled(seen), [], "no POST is delivered twice");
    assert.ok(backend.connections > 500, `${backend.connections} connections: the race did not happen`);
  });

  test(`a backend with a short keep-alive timeout fails at most 1 % of the POSTs and doubles none on ${runtime.name}`, async (t) => {
    const random = createRandom(11);
    const seen = new Map<string, number>();
    const timers = new Map<Socket, NodeJS.Timeout>();
    const backend = await startScripted({
      request: ({ head, socket }) => {
        note(seen, head);
        socket.write(plainAnswer("ok"));
        clearTimeout(timers.get(socket));
        timers.set(socket, setTimeout(() => socket.end(), IDLE_MS + random() * IDLE_JITTER_MS));
      },
    });
    t.after(backend.close);
    const statuses = await withProxy(runtime, oneService(balance([backend.url])), [], ({ port }) => {
      const make = (id: number) => post("app.test", "x".repeat(50), `X-Id: ${id}\r\n`);
      return load(port, { clients: 10, count: 1_500, make, pause: () => delay(random() * PAUSE_MS) });
    });
    const failed = statuses.filter((status) => status !== 200).length;
    t.diagnostic(`${failed} of 1,500 POSTs failed, ${backend.connections} connections`);
    assert.deepEqual(doubled(seen), [], "no POST is delivered twice");
    assert.ok(failed <= 15, `${failed} of 1,500 POSTs failed`);
    assert.ok(backend.connections > 20, `${backend.connections} connections: the race did not happen`);
  });
}

function urls(backends: readonly ScriptedBackend[]): string[] {
  return backends.map(({ url }) => url);
}

function note(seen: Map<string, number>, head: string): void {
  const id = headerOf(head, "x-id");
  if (id !== "") seen.set(id, (seen.get(id) ?? 0) + 1);
}

/** Ids that arrived more than once. */
function doubled(seen: ReadonlyMap<string, number>): string[] {
  return [...seen].filter(([, count]) => count > 1).map(([id]) => id);
}

function getOrPost(id: number): string {
  return id % 2 === 0 ? get("app.test") : post("app.test", "x".repeat(50), `X-Id: ${id}\r\n`);
}

interface Load {
  readonly clients: number;
  readonly count: number;
  readonly make: (id: number) => string;
  /** Between two requests of a client. */
  readonly pause?: () => Promise<void>;
}

/** Several clients, each one request after the other. @returns the status of each request; 0: none */
async function load(port: number, { clients, count, make, pause }: Load): Promise<number[]> {
  const statuses: number[] = new Array(count);
  let next = 0;
  await Promise.all(Array.from({ length: clients }, async () => {
    const client = new SteadyClient(port);
    while (next < count) {
      const id = next++;
      statuses[id] = (await client.send(make(id))).status;
      await pause?.();
    }
    client.close();
  }));
  return statuses;
}

/** Closes now, or up to that many turns of the event loop later; by FIN or by reset. */
function closeWithin(most: number, socket: Socket, random: () => number): void {
  const isReset = random() < 0.3;
  const wait = Math.floor(random() * most);
  // The answer has left by then: an end may be right behind it, a reset would overtake it.
  if (wait === 0) socket.end();
  else void turns(wait).then(() => isReset ? cut(socket) : socket.end());
}

async function turns(count: number): Promise<void> {
  for (let left = count; left > 1; left--) await new Promise((resolve) => void setImmediate(resolve));
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
