// One HTTP request on a connection of its own, and waiting for an answer to change.

import { type OutgoingHttpHeaders, request } from "node:http";

/** What to ask. */
export interface Question {
  readonly port: number;
  /** Default: `app.test`. */
  readonly host?: string;
  /** Default: `/`. */
  readonly path?: string;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** What was answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const PATIENCE_MS = 10_000;

/** Asks once. Rejects when the connection breaks. */
export function ask({ port, host = "app.test", path = "/", method = "GET", headers, body }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, path, method, headers: { Host: host, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      },
    );
    sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.on("error", reject);
    sent.end(body);
  });
}

/**
 * Looks again and again until what it sees is right, for a bounded time.
 * @returns what was seen last
 */
export async function eventually<T>(look: () => Promise<T> | T, isRight: (seen: T) => boolean): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  let seen = await look();
  while (!isRight(seen) && performance.now() < end) {
    await new Promise((resolve) => setImmediate(resolve));
    seen = await look();
  }
  return seen;
}
