// Backends that die, refuse, hang or close at the wrong moment: what the client sees of it, on every runtime.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { startDeaf } from "../support/deaf.ts";
import { balance, oneService, withProxy } from "../support/proxy-fixture.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { headerOf, plainAnswer, type ScriptedBackend, type Seen, startScripted } from "../support/scripted-backend.ts";
import { get, post, SteadyClient, WireClient } from "../support/wire-client.ts";

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
const reset = (socket: Socket): void => void socket.resetAndDestroy();
const fin = (socket: Socket): void => void socket.end();

const deaths: readonly Death[] = [
  { name: "length, reset", protocol: "HTTP/1.1", part: Buffer.concat([length, part]), die: reset },
  { name: "length, FIN", protocol: "HTTP/1.1", part: Buffer.concat([length, part]), die: fin },
  { name: "chunked, reset", protocol: "HTTP/1.1", part: Buffer.concat([chunked, part]), die: reset },
  { name: "chunked, FIN", protocol: "HTTP/1.1", part: Buffer.concat([chunked, part, Buffer.from("\r\n")]), die: fin },
  { name: "until close, reset", protocol: "HTTP/1.1", part: Buffer.concat([untilClose, part]), die: reset },
  { name: "until close, reset, old client", protocol: "HTTP/1.0", part: Buffer.concat([untilClose, part]), die: reset },
];

for (const runtime of threeRuntimes) {
  test(`100 backends killed within their answer are 100 aborts for the client on ${runtime.name}`, async () => {
    let dying: Seen | undefined = undefined;
    let kind = 0;
    const request = (seen: Seen): void => {
      dying = seen;
      seen.socket.write(deaths[kind]?.part ?? "");
    };
    const backends = await Promise.all([startScripted({ request }), startScripted({ request })]);
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
    await Promise.all(backends.map((backend) => backend.close()));
  });

  test(`1,000 GETs all succeed while one of two servers resets every connection on ${runtime.name}`, async () => {
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
        if (connection % 2 === 0) socket.resetAndDestroy();
        return connection % 2 === 0;
      },
      request: (each) => {
        note(seen, each.head);
        each.socket.resetAndDestroy();
      },
    });
    const [failed, refused] = await withProxy(runtime, oneService(balance(urls([bad, good]))), [], async ({ port }) => {
      const gets = await load(port, 4, 1_000, () => get("app.test"));
      const posts = await load(port, 4, 300, (id) => post("app.test", "x".repeat(100), `X-Id: ${id}\r\n`));
      return [gets.filter((status) => status !== 200).length, posts.filter((status) => status !== 200).length];
    });
    assert.equal(failed, 0);
    assert.deepEqual([...seen].filter(([, count]) => count > 1), [], "no POST is delivered twice");
    assert.ok(refused !== undefined && refused < 15, `${refused} of 300 POSTs failed`);
    assert.ok(bad.connections >= 3, "the bad server was tried");
    await Promise.all([good.close(), bad.close()]);
  });

  test(`a refused connection goes to the next server, POSTs too, on ${runtime.name}`, async () => {
    const good = await startScripted({ request: ({ socket }) => socket.write(plainAnswer("good")) });
    const gone = await startScripted({});
    await gone.close();
    const statuses = await withProxy(runtime, oneService(balance(urls([gone, good]))), [], ({ port }) => {
      return load(port, 2, 200, (id) => id % 2 === 0 ? get("app.test") : post("app.test", "x".repeat(100)));
    });
    assert.deepEqual(statuses.filter((status) => status !== 200), []);
    assert.equal(good.requests, 200);
    await good.close();
  });

  test(`dialTimeout, responseHeaderTimeout and a refusal answer 504, 504 and 502 on ${runtime.name}`, async () => {
    const deaf = await startDeaf();
    const silent = await startScripted({});
    const gone = await startScripted({});
    await gone.close();
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
    await Promise.all([deaf.close(), silent.close()]);
  });

  test(`a backend that closes idle connections at once fails no GET and doubles no POST on ${runtime.name}`, async () => {
    const random = createRandom(7);
    const seen = new Map<string, number>();
    const backend = await startScripted({
      request: (each) => {
        note(seen, each.head);
        each.socket.write(plainAnswer("ok"));
        closeSoon(each.socket, random);
      },
    });
    const [gets, posts] = await withProxy(runtime, oneService(balance([backend.url])), [], async ({ port }) => {
      const statuses = await load(port, 8, 2_000, (id) => {
        return id % 2 === 0 ? get("app.test") : post("app.test", "x".repeat(50), `X-Id: ${id}\r\n`);
      }, random);
      const failed = (parity: number): number =>
        statuses.filter((status, id) => id % 2 === parity && status !== 200).length;
      return [failed(0), failed(1)];
    });
    assert.equal(gets, 0, "failed GETs");
    assert.deepEqual([...seen].filter(([, count]) => count > 1), [], "no POST is delivered twice");
    assert.ok(posts !== undefined && posts <= 10, `${posts} of 1,000 POSTs failed`);
    assert.ok(backend.connections > 100, `${backend.connections} connections: the race did not happen`);
    await backend.close();
  });
}

function urls(backends: readonly ScriptedBackend[]): string[] {
  return backends.map(({ url }) => url);
}

function note(seen: Map<string, number>, head: string): void {
  const id = headerOf(head, "x-id");
  if (id !== "") seen.set(id, (seen.get(id) ?? 0) + 1);
}

/** Several clients, each one request after the other. @returns the status of each request; 0: none */
async function load(
  port: number,
  clients: number,
  count: number,
  make: (id: number) => string,
  random?: () => number,
): Promise<number[]> {
  const statuses: number[] = new Array(count);
  let next = 0;
  await Promise.all(Array.from({ length: clients }, async () => {
    const client = new SteadyClient(port);
    while (next < count) {
      const id = next++;
      statuses[id] = (await client.send(make(id))).status;
      for (let turns = random === undefined ? 0 : random() * 40; turns > 1; turns--) await turnOfTheLoop();
    }
    client.close();
  }));
  return statuses;
}

/** Closes now, or some turns of the event loop later; by FIN or by reset. */
function closeSoon(socket: Socket, random: () => number): void {
  const turns = Math.floor(random() * 30);
  const isReset = random() < 0.3;
  const step = (left: number): void => {
    if (left > 0) setImmediate(step, left - 1);
    else if (isReset) socket.resetAndDestroy();
    else socket.end();
  };
  // The answer has left by then: an end right behind it, but not before it.
  if (turns === 0) socket.end();
  else step(turns);
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
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
