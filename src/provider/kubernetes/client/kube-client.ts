// Authenticated GET requests to the API server, and what its status codes mean.

import type { Clock } from "./clock.ts";
import { KubeError, type KubeFailure, toKubeError } from "./kube-error.ts";
import type { KubeFetch } from "./kube-fetch.ts";
import { type Guarded, StallGuard } from "./stall-guard.ts";
import type { TokenSource } from "./token.ts";
import { isRecord } from "../store/object.ts";

const STATUS_BODY_LIMIT = 16 * 1024; // bytes read of an error's body, for its message
const RETRY_AFTER_CAP_S = 30;

/** What a client is made of. */
export interface KubeClientOptions {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly fetch: KubeFetch;
  readonly token: TokenSource;
  readonly clock: Clock;
  /** A request and a probe after it stay without an answer: the server hangs. */
  readonly silent: () => void;
}

/** A request. */
export interface KubeRequest {
  /** Path and query. */
  readonly path: string;
  /** For messages: `list ingressroutes.traefik.io`. */
  readonly what: string;
  readonly signal: AbortSignal;
  readonly patienceMs: number;
}

/** A 2xx answer whose body is still to be read. The reader calls `guarded.release()` at the end. */
export interface KubeAnswer {
  readonly response: Response;
  readonly guarded: Guarded;
}

/** Speaks to one API server. */
export class KubeClient {
  readonly #options: KubeClientOptions;
  readonly #guard: StallGuard;

  constructor(options: KubeClientOptions) {
    this.#options = options;
    this.#guard = new StallGuard(options.clock, (signal) => this.#isAlive(signal), options.silent);
  }

  /**
   * Sends a GET and waits for the head of the answer.
   * @throws {KubeError} when there is none, or its status is not 2xx
   */
  async get(request: KubeRequest): Promise<KubeAnswer> {
    const guarded = this.#guard.guard(request.signal, request.patienceMs);
    try {
      const response = await this.#send(request.path, guarded.signal);
      guarded.progress();
      if (response.ok) return { response, guarded };
      throw await this.#toError(response, request.what);
    } catch (thrown) {
      guarded.release();
      throw failureOf(thrown, guarded.signal, request.what);
    }
  }

  async #send(path: string, signal: AbortSignal): Promise<Response> {
    const token = await this.#options.token.read();
    const headers: Record<string, string> = { accept: "application/json", "user-agent": "weir" };
    if (token !== undefined && token !== "") headers["authorization"] = `Bearer ${token}`;
    return await this.#options.fetch(`${this.#options.endpoint}${path}`, { method: "GET", headers, signal });
  }

  /** `/version` is readable by everybody on a usual cluster; a refusal is an answer too. */
  async #isAlive(signal: AbortSignal): Promise<boolean> {
    try {
      const response = await this.#send("/version", signal);
      void response.body?.cancel().catch(() => {}); // only the head was wanted
      return response.status < 500;
    } catch {
      return false; // no answer is the answer
    }
  }

  async #toError(response: Response, what: string): Promise<KubeError> {
    const failure = failureOfStatus(response.status);
    if (failure === "unauthorized") this.#options.token.invalidate();
    const text = await statusMessage(response);
    const seconds = Number(response.headers.get("retry-after") ?? "0");
    return new KubeError(`${what}: ${response.status}${text === "" ? "" : ` ${text}`}`, {
      failure,
      retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, RETRY_AFTER_CAP_S) * 1000 : 0,
    });
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

const failures: Readonly<Record<number, KubeFailure>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not-served",
  410: "expired",
  429: "throttled",
};

function failureOfStatus(status: number): KubeFailure {
  return failures[status] ?? "server";
}

/** The `message` of a Status object, or the first line of a plain text; errors on the way do not matter. */
async function statusMessage(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true });
      if (text.length > STATUS_BODY_LIMIT) break;
    }
  } catch {
    // The status alone says enough.
  }
  void reader.cancel().catch(() => {}); // the rest is not wanted
  return messageOf(text);
}

function messageOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value) && typeof value["message"] === "string") return value["message"];
  } catch {
    // Not JSON: a proxy's page or a plain text.
  }
  return text.split("\n", 1)[0]?.slice(0, 200) ?? "";
}
