// What the HTTP/2 codec costs by itself: a small GET and its answer, both sides in memory, no socket.

import { requestLimits } from "../../src/http1/limits.ts";
import type { RequestPolicy } from "../../src/http1/request-head.ts";
import type { AnswerHandler, ClientHandler, Http2Request } from "../../src/http2/client-session.ts";
import { ClientSession } from "../../src/http2/client-session.ts";
import { clientOptions, serverOptions } from "../../src/http2/options.ts";
import { toHeaderList } from "../../src/http2/request-head.ts";
import type { ServerHandler } from "../../src/http2/server-session.ts";
import { ServerSession } from "../../src/http2/server-session.ts";

const WARM_UP = 100_000;
const REQUESTS = 400_000;
const BATCH = 10; // requests per chunk, as a client with as many streams sends them
const BODY = new TextEncoder().encode("0123456789".repeat(5));

const policy: RequestPolicy = { scheme: "http", limits: requestLimits, sanitizePath: true, encodedFilter: undefined };
const clock = { now: 0 };

/** Bytes of one direction, joined as a socket joins them. */
interface Wire {
  parts: Uint8Array[];
}

function take(wire: Wire): Uint8Array {
  const joined = new Uint8Array(Buffer.concat(wire.parts)); // the session's buffers are its own
  wire.parts = [];
  return Buffer.from(joined.buffer);
}

const nothing = () => undefined;

function createServer(out: Wire, date: () => string): ServerSession {
  const handler: ServerHandler = {
    write: (bytes) => out.parts.push(bytes) > 0,
    wake: nothing,
    over: (error) => {
      throw error ?? new TypeError("the connection ended");
    },
    request: (stream, head) => {
      read += toHeaderList(head).toText().length;
      const text = `Content-Type: text/plain\r\nServer: bench\r\nDate: ${date()}\r\nContent-Length: ${BODY.length}\r\n`;
      stream.respond(200, text, false);
      stream.write(BODY, true);
      return work;
    },
    refused: nothing,
    malformed: nothing,
  };
  return new ServerSession(handler, policy, serverOptions, clock);
}

function createClient(out: Wire): ClientSession {
  const handler: ClientHandler = {
    write: (bytes) => out.parts.push(bytes) > 0,
    wake: nothing,
    over: nothing,
    available: nothing,
    pong: nothing,
  };
  return new ClientSession(handler, clientOptions, clock);
}

const work = { begin: nothing };
let read = 0;
let answered = 0;
const answer: AnswerHandler = {
  interim: nothing,
  head: (head) => {
    read += head.status;
  },
  data: (bytes) => {
    read += bytes.length;
  },
  end: nothing,
  drain: nothing,
  stalled: nothing,
  closed: () => {
    answered++;
  },
};

/** What a browser sends for an asset. */
const request: Http2Request = {
  method: "GET",
  scheme: "http",
  authority: "www.example.test",
  path: "/assets/app.js?v=3",
  text: "user-agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0\r\naccept: */*\r\n" +
    "accept-encoding: gzip, deflate, br\r\naccept-language: en\r\nreferer: https://www.example.test/\r\n",
};

/** CPU µs of each side per request. */
function measure(vary: boolean): { readonly server: number; readonly client: number } {
  const [up, down]: [Wire, Wire] = [{ parts: [] }, { parts: [] }];
  let second = 0;
  const server = createServer(down, () => `Fri, 20 Nov 2026 14:00:${String(second % 60).padStart(2, "0")} GMT`);
  const client = createClient(up);
  let inServer = 0;
  let inClient = 0;
  for (let sent = 0; sent < WARM_UP + REQUESTS; sent += BATCH) {
    const begin = performance.now();
    for (let index = 0; index < BATCH; index++) {
      const path = vary ? `/assets/${sent + index}.js` : request.path;
      client.open(vary ? { ...request, path } : request, true, answer);
    }
    client.flush();
    const chunk = take(up);
    const served = performance.now();
    server.receive(chunk);
    server.flush();
    const done = performance.now();
    client.receive(take(down));
    if (sent < WARM_UP) continue;
    inServer += done - served;
    inClient += performance.now() - done + (served - begin);
    if (sent % 10_000 === 0) second++;
  }
  return { server: inServer * 1000 / REQUESTS, client: inClient * 1000 / REQUESTS };
}

for (const [name, vary] of [["the same request", false], ["another path each", true]] as const) {
  const { server, client } = measure(vary);
  process.stdout.write(`${name}: server ${server.toFixed(2)} µs, client ${client.toFixed(2)} µs per request\n`);
}
if (answered < 2 * REQUESTS || read === 0) process.exitCode = 1;
