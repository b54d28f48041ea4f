// A backend that does with its sockets what a test's script says: answers, stalls, resets, closes.

import { createServer, type Socket } from "node:net";

/** A request as the backend saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly head: string;
  readonly body: Buffer;
  readonly socket: Socket;
  /** Of the backend's connections, from 0. */
  readonly connection: number;
  /** Requests before it, on all connections. */
  readonly index: number;
}

/** What happens to connections. */
export interface BackendScript {
  /** A request has come in, whole. */
  request?(seen: Seen): void;
  /** A connection was accepted. Return true to take it over: nothing is parsed then. */
  connect?(socket: Socket, connection: number): boolean;
}

/** A listening backend. */
export interface ScriptedBackend {
  readonly port: number;
  readonly url: string;
  /** Requests so far. */
  readonly requests: number;
  /** Connections so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/** The header line's value, or an empty text. */
export function headerOf(head: string, name: string): string {
  return new RegExp(`^${name}: *(.*?)\\r?$`, "im").exec(head)?.[1] ?? "";
}

/** Cuts a connection with RST. Seen on Node 24: resetting a socket that has ended keeps its handle, and the process. */
export function cut(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** An answer with Content-Length. */
export function plainAnswer(body: string, lines = "", status = "200 OK"): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n${lines}\r\n${body}`;
}

/** Starts it on a free loopback port. */
export async function startScripted(script: BackendScript): Promise<ScriptedBackend> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let requests = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    if (script.connect?.(socket, connection) === true) return;
    new RequestReader(socket, (head, body) => {
      const [method = "", path = ""] = head.split(" ", 2);
      script.request?.({ method, path, head, body, socket, connection, index: requests++ });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get requests() {
      return requests;
    },
    get connections() {
      return connections;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Splits what a connection brings into requests. */
class RequestReader {
  #input: Buffer = Buffer.alloc(0);
  readonly #found: (head: string, body: Buffer) => void;

  constructor(socket: Socket, found: (head: string, body: Buffer) => void) {
    this.#found = found;
    socket.on("data", (chunk: Buffer) => {
      this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
      while (this.#take());
    });
  }

  #take(): boolean {
    const end = this.#input.indexOf("\r\n\r\n");
    if (end === -1) return false;
    const head = this.#input.subarray(0, end).toString("latin1");
    const start = end + 4;
    const stop = /^transfer-encoding:/im.test(head)
      ? this.#endOfChunks(start)
      : start + Number(headerOf(head, "content-length") || 0);
    if (stop === undefined || this.#input.length < stop) return false;
    const body = this.#input.subarray(start, stop);
    this.#input = this.#input.subarray(stop);
    this.#found(head, body);
    return true;
  }

  #endOfChunks(start: number): number | undefined {
    const last = this.#input.indexOf("0\r\n\r\n", start);
    return last === -1 ? undefined : last + 5;
  }
}
