// A backend that answers with what it was sent, and on some paths with what a test needs.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A listening backend. */
export interface Echo {
  readonly url: string;
  /** Requests received so far, by path. */
  readonly paths: readonly string[];
  /** Resolves when a request for that path has come. */
  arrived(path: string): Promise<void>;
  /** Answers the requests for `/held`. */
  release(): void;
  close(): Promise<void>;
}

/** What the backend says it was sent. */
export interface Echoed {
  readonly method: string;
  readonly url: string;
  /** Keys in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

const BIG = "0123456789abcdef".repeat(1024);

/**
 * Paths: `/held` answers when it is released; `/events` sends one event and goes on; `/big` is 16 KiB of text;
 * everything else is echoed as JSON with the header `X-Backend: echo`.
 */
export async function startEcho(): Promise<Echo> {
  const paths: string[] = [];
  const held: ServerResponse[] = [];
  const waiting = new Map<string, () => void>();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    paths.push(path);
    waiting.get(path)?.();
    if (path === "/held") held.push(response);
    else if (path === "/events") sendEvent(response);
    else if (path === "/big") response.writeHead(200, { "Content-Type": "text/plain" }).end(BIG);
    else echo(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    paths,
    arrived: (path) => paths.includes(path) ? Promise.resolve() : new Promise((resolve) => waiting.set(path, resolve)),
    release: () => held.splice(0).forEach((response) => response.end("released")),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Reads what `startEcho` answered. */
export function toEchoed(body: string): Echoed {
  return JSON.parse(body);
}

function sendEvent(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("data: first\n\n");
}

function echo(request: IncomingMessage, response: ServerResponse): void {
  const { method, url, rawHeaders } = request;
  const headers: Record<string, string> = {};
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const key = (rawHeaders[at] ?? "").toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${rawHeaders[at + 1]}` : rawHeaders[at + 1] ?? "";
  }
  request.resume();
  request.on("end", () => {
    response.writeHead(200, { "Content-Type": "application/json", "X-Backend": "echo" });
    response.end(JSON.stringify({ method, url, headers }));
  });
}
