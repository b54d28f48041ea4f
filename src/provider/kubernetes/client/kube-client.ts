// Authenticated requests to the API server, and what its status codes mean.

import type { FetchRequest } from "../../../net/runtime.ts";
import { isRecord } from "../store/object.ts";
import type { Clock } from "./clock.ts";
import type { Access, AccessSource } from "./credentials.ts";
import { KubeError, toKubeError } from "./kube-error.ts";
import type { RetryGate } from "./retry-gate.ts";
import { type Guarded, StallGuard } from "./stall-guard.ts";
import { ServerHistory } from "./server-history.ts";
import { errorOf } from "./status-error.ts";

const BODY_LIMIT = 128 * 1024 * 1024; // characters of one answer: a page of 500 objects of 256 KiB

/** What a client is made of. */
export interface KubeClientOptions {
  readonly access: AccessSource;
  /** Shared by everybody who asks the same server. */
  readonly gate: RetryGate;
  readonly clock: Clock;
}

/** A request. */
export interface KubeRequest {
  /** Path and query. */
  readonly path: string;
  /** For messages: `list ingressroutes.traefik.io`. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** How long it may stay silent before weir asks whether the server lives. Default: the clock's. */
  readonly patienceMs?: number;
  /** Besides those of authentication. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that changes something. */
export interface KubeWrite extends Omit<KubeRequest, "headers"> {
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** How a patch is to be understood. `apply` wants a `fieldManager` in its query. */
export type PatchType = "json" | "merge" | "strategic" | "apply";

/** A 2xx answer whose body is still to be read. The reader calls `guarded.release()` at the end. */
export interface KubeAnswer {
  readonly response: Response;
  readonly guarded: Guarded;
}

/** A JSON object of an answer. */
export type KubeJson = Readonly<Record<string, unknown>>;

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml", // JSON is YAML
};

/** Speaks to one API server. */
export class KubeClient {
  readonly history: ServerHistory;
  readonly #options: KubeClientOptions;
  readonly #guard: StallGuard;

  constructor(options: KubeClientOptions) {
    const { clock, gate } = options;
    this.#options = options;
    this.history = new ServerHistory();
    this.#guard = new StallGuard(clock, {
      probe: async (signal) => {
        const isAlive = await this.#isAlive(signal);
        if (isAlive) gate.alive();
        return isAlive;
      },
      mayProbe: () => gate.tryTake(),
      silent: () => {
        gate.outage("no answer");
        gate.trouble();
      },
    });
  }

  /** The door that requests go through one by one; {@link open} leaves that to its caller. */
  get gate(): RetryGate {
    return this.#options.gate;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** The namespace of the kubeconfig's context; empty where there is none. @throws {KubeError} `misconfigured` */
  async contextNamespace(): Promise<string> {
    return (await this.#options.access.open()).namespace ?? "";
  }

  /**
   * Sends a GET and waits for the head of the answer. The caller holds a turn of the gate.
   * @throws {KubeError} when there is none, or its status is neither 2xx nor 304
   */
  open(request: KubeRequest): Promise<KubeAnswer> {
    return this.#open(request, { method: "GET", headers: { accept: "application/json", ...request.headers } });
  }

  /**
   * Reads one object, or a small list, in a turn of its own.
   * @throws {KubeError}
   */
  get(request: KubeRequest): Promise<KubeJson> {
    return this.#exchange(request, { method: "GET", headers: { accept: "application/json", ...request.headers } });
  }

  /** Creates. @throws {KubeError} `conflict` with reason AlreadyExists, `invalid`, `forbidden`, … */
  post(write: KubeWrite): Promise<KubeJson> {
    return this.#write("POST", write, "application/json");
  }

  /** Replaces; with a resourceVersion only what nobody changed meanwhile. @throws {KubeError} `conflict`, … */
  put(write: KubeWrite): Promise<KubeJson> {
    return this.#write("PUT", write, "application/json");
  }

  /** Changes parts. @throws {KubeError} */
  patch(write: KubeWrite, type: PatchType): Promise<KubeJson> {
    return this.#write("PATCH", write, PATCH_TYPES[type]);
  }

  /** Deletes; a body is DeleteOptions. @throws {KubeError} `not-found` when it is gone already, … */
  delete(write: KubeWrite): Promise<KubeJson> {
    return this.#write("DELETE", write, "application/json");
  }

  /** Lets go of idle connections; what is open goes on to its end. */
  close(): void {
    this.#options.access.close();
  }

  #write(method: string, { body, ...request }: KubeWrite, contentType: string): Promise<KubeJson> {
    const accept = "application/json";
    if (body === undefined) return this.#exchange(request, { method, headers: { accept } });
    return this.#exchange(request, {
      method,
      headers: { accept, "content-type": contentType },
      body: JSON.stringify(body),
    });
  }

  async #exchange(request: KubeRequest, sent: Omit<FetchRequest, "signal">): Promise<KubeJson> {
    const turn = await this.gate.enter(request.signal);
    try {
      const answer = await this.#open(request, sent);
      const value = parseJson(await readText(answer, request.what), request.what);
      turn.succeeded();
      return value;
    } catch (thrown) {
      const error = toKubeError(thrown, request.what);
      if (isOutage(error) && !request.signal.aborted) turn.failed(error.retryAfterMs);
      throw error;
    } finally {
      turn.left();
    }
  }

  async #open(request: KubeRequest, sent: Omit<FetchRequest, "signal">): Promise<KubeAnswer> {
    const { signal, what, path, patienceMs = this.clock.patienceMs } = request;
    const guarded = this.#guard.guard(signal, patienceMs);
    try {
      const access = await this.#options.access.open();
      const response = await this.#send(access, path, { ...sent, signal: guarded.signal });
      guarded.progress();
      if (response.ok || response.status === 304) return { response, guarded };
      const error = await errorOf(response, what);
      if (error.failure === "unauthorized") this.#options.access.refused();
      throw error;
    } catch (thrown) {
      guarded.release();
      throw failureOf(thrown, guarded.signal, what);
    }
  }

  #send({ endpoint, http, headers }: Access, path: string, request: FetchRequest): Promise<Response> {
    const merged = { "user-agent": "weir", ...headers, ...request.headers };
    return http.fetch(`${endpoint}${path}`, { ...request, headers: merged });
  }

  /** `/version` is readable by everybody on a usual cluster; a refusal is an answer too. */
  async #isAlive(signal: AbortSignal): Promise<boolean> {
    try {
      const headers = { accept: "application/json" };
      const response = await this.#send(await this.#options.access.open(), "/version", {
        method: "GET",
        headers,
        signal,
      });
      void response.body?.cancel().catch(() => {}); // only the head was wanted
      return response.status < 500;
    } catch {
      return false; // no answer is the answer
    }
  }
}

/** Whether a failure is the server's, and not of one object, one kind or one permission. */
export function isOutage({ failure }: KubeError): boolean {
  switch (failure) {
    case "unreachable":
    case "stalled":
    case "server":
    case "bad-answer":
    case "throttled":
    case "unauthorized":
    case "misconfigured":
      return true;
    default:
      return false;
  }
}

/** The error behind an aborted request is the reason it was aborted for. */
export function failureOf(thrown: unknown, signal: AbortSignal, what: string): KubeError {
  const cause: unknown = signal.aborted && signal.reason instanceof KubeError ? signal.reason : thrown;
  if (cause instanceof KubeError && cause.failure === "stalled") {
    return new KubeError(`${what}: ${cause.message}`, { failure: "stalled" });
  }
  return toKubeError(cause, what);
}

/**
 * The whole body; the answer is released.
 * @throws {KubeError} `bad-answer` with reason `TooLarge` when there is too much of it
 */
export async function readText({ response, guarded }: KubeAnswer, what: string): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      guarded.progress();
      text += decoder.decode(part.value, { stream: true });
      if (text.length > BODY_LIMIT) throw tooLarge(what);
    }
    return text + decoder.decode();
  } catch (thrown) {
    void reader?.cancel().catch(() => {}); // the rest is not wanted
    throw failureOf(thrown, guarded.signal, what);
  } finally {
    guarded.release();
  }
}

/** @throws {KubeError} `bad-answer` when it is no JSON object */
export function parseJson(text: string, what: string): KubeJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new KubeError(`${what}: the answer is not JSON (${text.length} characters)`, {
      failure: "bad-answer",
      cause,
    });
  }
  if (isRecord(value)) return value;
  throw new KubeError(`${what}: the answer is not a JSON object`, { failure: "bad-answer" });
}

function tooLarge(what: string): KubeError {
  const message = `${what}: the answer is longer than ${BODY_LIMIT / 1024 / 1024} MiB`;
  return new KubeError(message, { failure: "bad-answer", reason: "TooLarge" });
}
