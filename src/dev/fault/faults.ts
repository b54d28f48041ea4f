// An API server that fails on demand: tests switch faults on and off in front of the embedded API.

import { ProxyError } from "../../net/error.ts";
import { isTrue } from "../api/list-options.ts";
import { StatusError } from "../kube/status.ts";
import { type Gate, gated, slowed, textOf, throughText, truncated } from "./streams.ts";

/** A way to fail. */
export type Fault =
  /** The handler rejects, as `fetch` does when nobody listens; who serves it on a port cuts the connection. */
  | { readonly type: "refuse" }
  /** No answer, until the client gives up or the fault ends. */
  | { readonly type: "hang" }
  /** A Status of a server in trouble. `code` default: 500. */
  | { readonly type: "status"; readonly code?: number }
  /** 429 as the filter of a busy server writes it. `retryAfter` in seconds; default: 1. */
  | { readonly type: "throttle"; readonly retryAfter?: number }
  /** 200 and a page of somebody else's. */
  | { readonly type: "garbage" }
  /** The answer breaks off in the middle, in the middle of a line of a watch. */
  | { readonly type: "truncate" }
  /** Well-formed objects of a kind that nobody asked for. */
  | { readonly type: "wrong-kind" }
  /** Every part of an answer is late. `delay` in milliseconds. */
  | { readonly type: "slow"; readonly delay: number }
  /** The versions of all objects are smaller than they were, as after a restored backup. */
  | { readonly type: "rewind"; readonly by: number };

/** Answers a request. */
export type FetchHandler = (request: Request) => Promise<Response>;

/** What a fault applies to. Default: every request. */
export type FaultFilter = (request: Request) => boolean;

interface Active {
  readonly fault: Fault;
  readonly applies: FaultFilter;
  /** Aborted when the fault is over. */
  readonly over: AbortController;
}

/** A fetch handler with switches. */
export class FaultyApi {
  readonly #handler: FetchHandler;
  #active: Active | undefined = undefined;
  readonly #watches = new Set<Gate>();
  #isStalled = false;
  #requests = 0;

  constructor(handler: FetchHandler) {
    this.#handler = handler;
  }

  /** Requests seen so far, also those that were refused. */
  get requests(): number {
    return this.#requests;
  }

  /** Watches that are open now. */
  get watches(): number {
    return this.#watches.size;
  }

  /** Switches a fault on, in place of the one before. */
  set(fault: Fault, applies: FaultFilter = () => true): void {
    this.clear();
    this.#active = { fault, applies, over: new AbortController() };
  }

  /** All is well again; what hangs is answered. Watches that are stalled stay so. */
  clear(): void {
    this.#active?.over.abort();
    this.#active = undefined;
  }

  /** Ends every open watch, as a server that stops or a proxy with a time limit. */
  cutWatches(): void {
    for (const gate of [...this.#watches]) gate.cut();
  }

  /** Open watches, and those opened from now on, say nothing more and don't end. */
  stallWatches(): void {
    this.#isStalled = true;
    for (const gate of this.#watches) gate.stall();
  }

  /** What was held back is sent. */
  resumeWatches(): void {
    this.#isStalled = false;
    for (const gate of this.#watches) gate.resume();
  }

  /** The handler to serve. */
  readonly fetch: FetchHandler = async (request) => {
    this.#requests++;
    const active = this.#active;
    if (active === undefined || !active.applies(request)) return this.#watched(request, await this.#handler(request));
    return await this.#fail(active, request);
  };

  async #fail({ fault, over }: Active, request: Request): Promise<Response> {
    switch (fault.type) {
      case "refuse":
        throw new ProxyError("the connection was refused", { code: "kube-refused", source: "upstream", status: 502 });
      case "hang":
        await ended(over.signal, request.signal);
        return this.#watched(request, await this.#handler(request));
      case "status":
        return statusAnswer(fault.code ?? 500);
      case "throttle":
        return throttled(fault.retryAfter ?? 1);
      case "garbage":
        return new Response("<html><body>502 Bad Gateway</body></html>", { headers: { "content-type": "text/html" } });
      default:
        return await this.#spoil(fault, request);
    }
  }

  async #spoil(fault: Spoiling, request: Request): Promise<Response> {
    const answer = await this.#handler(request);
    if (answer.body === null || !answer.ok) return answer;
    const body = spoiledBody(fault, answer.body);
    return this.#watched(request, new Response(body, { status: answer.status, headers: answer.headers }));
  }

  /** Watches go through a gate, so that they can be stalled and cut. */
  #watched(request: Request, answer: Response): Response {
    if (answer.body === null || !isTrue(new URL(request.url).searchParams.get("watch"))) return answer;
    const gate = gated(answer.body, () => this.#watches.delete(gate));
    this.#watches.add(gate);
    if (this.#isStalled) gate.stall();
    return new Response(gate.stream, { status: answer.status, headers: answer.headers });
  }
}

type Spoiling = Extract<Fault, { readonly type: "truncate" | "wrong-kind" | "slow" | "rewind" }>;

function spoiledBody(fault: Spoiling, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  switch (fault.type) {
    case "truncate":
      return truncated(body);
    case "slow":
      return slowed(body, fault.delay);
    case "wrong-kind":
      return throughText(body, (text) => text.replace(/"kind":"[A-Za-z]+?(List)?"/g, '"kind":"Potato$1"'));
    case "rewind":
      return throughText(body, (text) => rewound(text, fault.by));
  }
}

function rewound(text: string, by: number): string {
  const earlier = (_whole: string, version: string) => `"resourceVersion":"${Math.max(1, Number(version) - by)}"`;
  return text.replace(/"resourceVersion":"(\d+)"/g, earlier);
}

async function ended(...signals: readonly AbortSignal[]): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    }
  });
}

function statusAnswer(code: number): Response {
  const reason = code === 503 ? "ServiceUnavailable" : "InternalError";
  const status = new StatusError(code, reason, "etcdserver: leader changed").toJson();
  return new Response(textOf(status), { status: code, headers: { "content-type": "application/json" } });
}

function throttled(seconds: number): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "retry-after": String(seconds) };
  return new Response("Too many requests, please try again later.\n", { status: 429, headers });
}
