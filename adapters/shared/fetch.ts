// The fetch of the control plane, on node:http and node:https: one implementation with every TLS option on all
// runtimes. Bun's own `fetch` holds 256 requests open and no more, Deno's can neither set a server name nor skip
// verification, and Node's takes TLS options through a private symbol only.

import * as http from "node:http";
import * as https from "node:https";
import { createGunzip } from "node:zlib";
import type { Readable } from "node:stream";
import { ProxyError } from "../../src/net/error.ts";
import type { FetchClient, FetchIdentity, FetchRequest } from "../../src/net/runtime.ts";
import { checkIdentity } from "./identity.ts";
import { createTunnel } from "./tunnel.ts";

const KEEP_ALIVE_MS = 30_000; // TCP keep-alive probes: a watch is silent for minutes, and its peer may be gone

/** Answers whose body is none, by definition. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** See `Runtime.createFetch`. */
export function createFetch(identity: FetchIdentity): FetchClient {
  checkIdentity(identity);
  return new Client(identity);
}

interface Agents {
  readonly "http:": http.Agent;
  readonly "https:": http.Agent;
  readonly keepAlive: boolean;
}

class Client implements FetchClient {
  /** Connections are used again. */
  readonly #kept: Agents;
  /** Each request has a connection of its own: Deno's client sends a request again when a kept one turns out dead. */
  readonly #fresh: Agents;
  #closed: boolean;

  constructor(identity: FetchIdentity) {
    this.#kept = createAgents(identity, true);
    this.#fresh = createAgents(identity, false);
    this.#closed = false;
  }

  async fetch(url: string, request: FetchRequest): Promise<Response> {
    if (this.#closed) throw closedError(url);
    const isRepeatable = request.method !== "POST" && request.method !== "PATCH";
    const first = await send({ url, request, agents: isRepeatable ? this.#kept : this.#fresh });
    // A kept connection that died while it was idle says nothing about the server.
    return first === "dead" ? await sendFresh({ url, request, agents: this.#fresh }) : first;
  }

  close(): void {
    this.#closed = true;
    dropIdle(this.#kept["http:"]);
    dropIdle(this.#kept["https:"]);
  }
}

interface Sending {
  readonly url: string;
  readonly request: FetchRequest;
  readonly agents: Agents;
}

async function sendFresh(sending: Sending): Promise<Response> {
  const response = await send(sending);
  if (response === "dead") throw closedError(sending.url);
  return response;
}

/** @returns `dead` when the connection was an idle one that had died */
function send({ url, request, agents }: Sending): Promise<Response | "dead"> {
  return new Promise((resolve, reject) => {
    const { signal, body = "" } = request;
    if (signal.aborted) return reject(signal.reason);
    const target = new URL(url);
    const isTls = target.protocol === "https:";
    const headers = toHeaders(request);
    const options = { method: request.method, headers, agent: agents[isTls ? "https:" : "http:"] };
    const sent = isTls ? https.request(target, options) : http.request(target, options);
    // Not every runtime tells a request that is destroyed early of its end.
    const abort = () => {
      reject(signal.reason);
      sent.destroy();
    };
    const over = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort);
    sent.on("socket", (socket) => {
      if (signal.aborted) socket.destroy();
      else socket.setKeepAlive(true, KEEP_ALIVE_MS);
    });
    sent.on("error", (error) => {
      over();
      if (sent.reusedSocket && agents.keepAlive) return resolve("dead");
      reject(error);
    });
    sent.on("response", (message) => {
      over();
      resolve(toResponse(message, signal));
    });
    sent.end(body);
  });
}

function toHeaders({ headers, body = "" }: FetchRequest): http.OutgoingHttpHeaders {
  const made: http.OutgoingHttpHeaders = { "accept-encoding": "gzip" };
  for (const [name, value] of Object.entries(headers)) made[name] = typeof value === "string" ? value : [...value];
  if (body !== "") made["content-length"] = Buffer.byteLength(body);
  return made;
}

function toResponse(message: http.IncomingMessage, signal: AbortSignal): Response {
  const status = message.statusCode ?? 502;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(message.headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  if (BODILESS.has(status)) {
    message.resume();
    return new Response(null, { status, headers });
  }
  const isZipped = headers.get("content-encoding") === "gzip";
  if (isZipped) headers.delete("content-encoding");
  return new Response(toStream(message, isZipped ? message.pipe(createGunzip()) : message, signal), {
    status,
    headers,
  });
}

/**
 * @param message whose end decides whether the body is whole
 * @param source what is read: the message, or what comes out of its decoder
 */
function toStream(message: http.IncomingMessage, source: Readable, signal: AbortSignal): ReadableStream<Uint8Array> {
  let isOver = false;
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      const fail = (error: unknown) => {
        if (isOver) return;
        isOver = true;
        signal.removeEventListener("abort", abort);
        controller.error(error);
        message.destroy();
      };
      const abort = () => fail(signal.reason);
      signal.addEventListener("abort", abort);
      message.once("close", () => signal.removeEventListener("abort", abort));
      source.on("data", (chunk: Uint8Array) => {
        if (isOver) return;
        controller.enqueue(chunk);
        if ((controller.desiredSize ?? 0) <= 0) source.pause();
      });
      source.once("end", () => {
        if (isOver) return;
        if (!message.complete) return fail(cutError());
        isOver = true;
        controller.close();
      });
      source.on("error", fail);
      message.on("error", fail);
      // Not every runtime says more than this of a body that was cut.
      message.once("close", () => void (message.complete || fail(cutError())));
      source.pause();
    },
    pull: () => void source.resume(),
    cancel: () => {
      isOver = true;
      message.destroy();
    },
  });
}

function createAgents(identity: FetchIdentity, keepAlive: boolean): Agents {
  const { ca, cert, key, serverName, insecureSkipVerify = false, proxyUrl } = identity;
  const tls = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && serverName !== "" && { servername: serverName }),
    rejectUnauthorized: !insecureSkipVerify,
    ALPNProtocols: ["http/1.1"], // a connection of its own for each watch: one that hangs holds up no other
  };
  const options = { keepAlive, keepAliveMsecs: KEEP_ALIVE_MS };
  if (proxyUrl === undefined) {
    return { keepAlive, "http:": new http.Agent(options), "https:": new https.Agent({ ...options, ...tls }) };
  }
  return { keepAlive, ...createTunnel(proxyUrl, options, tls) };
}

/** Sockets in use end with their requests, and are not kept any more. */
function dropIdle(agent: http.Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of [...sockets ?? []]) socket.destroy();
}

function cutError(): ProxyError {
  return new ProxyError("the answer broke off", { code: "connection-reset", source: "upstream", status: 502 });
}

function closedError(url: string): ProxyError {
  return new ProxyError(`${url}: the client is closed`, { code: "connection-closed", source: "internal", status: 500 });
}
