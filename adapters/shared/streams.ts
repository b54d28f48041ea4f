// A connection as Web Streams, for embedders and middlewares that ask for them; the proxy's own path never does.

import type { Connection, ConnectionHandler, ConnectionStreams } from "../../src/net/connection.ts";
import { ProxyError } from "../../src/net/error.ts";

/** Someone waits for a drain, or for the end of the connection. */
interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Makes both views and becomes the connection's handler.
 *
 * `readable.cancel()` discards what still arrives, so that a FIN is seen, and cuts the connection when our
 * direction is over too; `writable.abort()` sends RST, so that the peer can tell a cut from an end.
 */
export function createStreams(connection: Connection): ConnectionStreams {
  const views = new StreamViews(connection);
  connection.handle(views);
  return views;
}

class StreamViews implements ConnectionHandler, ConnectionStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #connection: Connection;
  #reader: ReadableStreamDefaultController<Uint8Array> | undefined = undefined;
  #writer: WritableStreamDefaultController | undefined = undefined;
  #waiter: Waiter | undefined = undefined;
  #finished = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#reader = controller),
      pull: () => this.#connection.resume(),
      cancel: () => this.#cancel(),
    });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => void (this.#writer = controller),
      write: (chunk) => this.#write(chunk),
      close: () => this.#finish(),
      abort: () => this.#connection.reset(),
    });
  }

  data(chunk: Uint8Array): void {
    const reader = this.#reader;
    if (reader === undefined) {
      // Cancelled. A peer that goes on sending after our FIN would be read for ever.
      if (this.#finished) this.#connection.reset();
      return;
    }
    reader.enqueue(chunk);
    if ((reader.desiredSize ?? 0) <= 0) this.#connection.pause();
  }

  drain(): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.resolve();
  }

  end(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  close(error?: ProxyError): void {
    const reason = error ?? new ProxyError("the connection is closed", {
      code: "connection-closed",
      source: "internal",
      status: 502,
    });
    this.#reader?.error(reason);
    this.#reader = undefined;
    if (!this.#finished) this.#writer?.error(reason);
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.reject(reason);
  }

  #write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#connection.write(chunk)) return undefined;
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  #finish(): void {
    this.#finished = true;
    this.#connection.end();
  }

  #cancel(): void {
    this.#reader = undefined;
    if (this.#finished) this.#connection.reset();
    else this.#connection.resume();
  }
}
