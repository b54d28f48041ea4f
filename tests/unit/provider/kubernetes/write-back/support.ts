// The embedded API as a client sees it, without sockets: requests are noted, and may be answered by the test.

import { weirDefinitions } from "../../../../../src/command/crds.ts";
import { createKubeApi, type KubeApi, type KubeApiOptions } from "../../../../../src/dev/api/kube-api.ts";
import { type Clock, defaultClock } from "../../../../../src/provider/kubernetes/client/clock.ts";
import { KubeClient } from "../../../../../src/provider/kubernetes/client/kube-client.ts";
import { RetryGate } from "../../../../../src/provider/kubernetes/client/retry-gate.ts";
import { memoryLogger } from "../client/fixture.ts";

const LIMIT_MS = 10_000; // a test that waits longer has failed

/** A request that was answered. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

/** An object as JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** An API server in memory. */
export class TestApi {
  readonly api: KubeApi;
  readonly seen: Seen[] = [];
  readonly log: string[] = [];
  /** Answers instead of the API: a response, or undefined to leave it. May throw: no connection. */
  fault: ((method: string, path: string) => Response | undefined) | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(options: KubeApiOptions = {}) {
    this.api = createKubeApi({ definitions: weirDefinitions(), ...options });
  }

  /** A client with a gate of its own. */
  client(clock: Partial<Clock> = {}, token = ""): KubeClient {
    const times = { ...defaultClock, stepMs: 20, ...clock };
    const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
    const access = { endpoint: "http://api", headers, http: { fetch: this.#fetch, close: () => {} } };
    return new KubeClient({
      access: { open: () => Promise.resolve(access), refused: () => {}, close: () => {} },
      gate: new RetryGate(times, this.logger),
      clock: times,
    });
  }

  readonly logger = memoryLogger((line) => {
    this.log.push(line);
    this.look();
  });

  /** Asks as an administrator. */
  async ask(method: string, path: string, body?: Json): Promise<Json> {
    const headers = { "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" };
    const request = new Request(`http://api${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return await (await this.api.fetch(request)).json();
  }

  /** How often a method was used on paths that fit. */
  count(method: string, path: RegExp): number {
    return this.seen.filter((each) => each.method === method && path.test(each.path)).length;
  }

  /** Have {@link until} look again. */
  look(): void {
    for (const each of [...this.#waiting]) each();
  }

  /** Resolves once the condition holds; looked at after each answer and each line of the log. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`waited in vain; seen: ${JSON.stringify(this.seen)}; log: ${this.log.join("; ")}`));
      }, LIMIT_MS);
      const check = (): void => {
        if (!holds()) return;
        this.#waiting.delete(check);
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  readonly #fetch = async (
    url: string,
    { method, headers, body, signal }: {
      method: string;
      headers: Json;
      body?: string | undefined;
      signal: AbortSignal;
    },
  ): Promise<Response> => {
    const { pathname } = new URL(url);
    signal.throwIfAborted();
    const texts = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const request = new Request(url, { method, headers: texts, ...(body !== undefined && { body }) });
    const response = this.fault?.(method, pathname) ?? await this.api.fetch(request);
    this.seen.push({ method, path: pathname, status: response.status, body: body ?? "" });
    setTimeout(() => this.look(), 0); // after the client has read it
    return response;
  };
}

/** A failure as an API server tells it. */
export function failure(code: number, reason: string, message = reason): Response {
  return Response.json({ kind: "Status", apiVersion: "v1", status: "Failure", reason, message, code }, {
    status: code,
  });
}
