// First bytes of a connection: collected under a deadline and a cap, looked at, and handed on as if nobody had looked.

import type { Connection, ConnectionHandler } from "./connection.ts";
import type { Deadlines, Waiting } from "./deadlines.ts";
import type { ProxyError } from "./error.ts";

/** Who decides by a connection's first bytes. Within each call it may end the peek by `handTo` or `take`. */
export interface PeekOwner {
  /** More bytes have come; `peek.bytes` are all so far. Doing nothing waits for more. */
  look(peek: Peek): void;
  /** The peer sent FIN, and what is there is all that comes. */
  end(peek: Peek): void;
  /** The deadline has passed. The owner decides, or sets another with `wait`. */
  expire(peek: Peek): void;
  /** The cap is reached, and `look` has not decided. The owner must, and drops the connection otherwise. */
  full(peek: Peek): void;
  /** The connection is over; the peek with it. */
  close(error?: ProxyError): void;
}

/** Bounds of a {@link Peek}. */
export interface PeekOptions {
  readonly deadlines: Deadlines;
  /** Milliseconds until `expire`; 0: never. */
  readonly timeoutMs: number;
  /** The most bytes kept. */
  readonly limit: number;
}

const FIRST_SIZE = 2048; // holds a usual ClientHello

/**
 * Becomes the connection's handler until its owner decides. Afterwards it is out of the way: the next handler is the
 * connection's own, and nothing of the peek is called again.
 */
export class Peek implements ConnectionHandler, Waiting {
  deadline = 0;
  readonly connection: Connection;
  readonly #owner: PeekOwner;
  readonly #deadlines: Deadlines;
  readonly #limit: number;
  /** The first chunk itself while it is the only one; a larger buffer of our own later. */
  #buffer: Uint8Array | undefined = undefined;
  #length = 0;
  #ended = false;
  #over = false;

  /** Begins at once: the connection's handler is set. */
  constructor(connection: Connection, options: PeekOptions, owner: PeekOwner) {
    this.connection = connection;
    this.#owner = owner;
    this.#deadlines = options.deadlines;
    this.#limit = options.limit;
    this.#deadlines.add(this);
    this.wait(options.timeoutMs);
    connection.handle(this);
  }

  /** Everything received and not discarded; valid until the next chunk. */
  get bytes(): Uint8Array {
    return this.#buffer === undefined ? EMPTY : this.#buffer.subarray(0, this.#length);
  }

  /** The peer has sent FIN. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sets the deadline anew: milliseconds from now; 0: none. */
  wait(timeoutMs: number): void {
    if (this.#over) return;
    this.deadline = timeoutMs === 0 ? 0 : this.#deadlines.now + timeoutMs;
  }

  /** Forgets the first bytes, as those of a PROXY protocol header that was read. */
  discard(length: number): void {
    this.#buffer = length >= this.#length ? undefined : this.bytes.slice(length);
    this.#length = this.#buffer?.length ?? 0;
  }

  /** Ends the peek: `next` handles the connection, and is told what came so far, bytes and FIN. */
  handTo(next: ConnectionHandler): void {
    if (this.#over) return;
    const bytes = this.#stop();
    const connection = this.connection;
    connection.handle(next);
    if (bytes.length > 0) next.data(bytes);
    if (this.#ended && !connection.closed) next.end();
  }

  /** Ends the peek for an owner that hands the bytes on itself, and sets the connection's next handler at once. */
  take(): Uint8Array {
    return this.#stop();
  }

  data(chunk: Uint8Array): void {
    this.#append(chunk);
    this.#owner.look(this);
    if (this.#over || this.#length < this.#limit) return;
    this.#owner.full(this);
    if (!this.#over) this.connection.reset();
  }

  drain(): void {}

  end(): void {
    this.#ended = true;
    this.#owner.end(this);
  }

  close(error?: ProxyError): void {
    if (this.#over) return;
    this.#stop();
    this.#owner.close(error);
  }

  expire(): void {
    if (!this.#over) this.#owner.expire(this);
  }

  #append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (this.#buffer === undefined) this.#buffer = chunk;
    else {
      // One byte at a time must not cost a copy of everything each.
      if (length > this.#buffer.length) this.#buffer = grown(this.bytes, Math.max(FIRST_SIZE, length * 2));
      this.#buffer.set(chunk, this.#length);
    }
    this.#length = length;
  }

  #stop(): Uint8Array {
    const bytes = this.bytes;
    this.#over = true;
    this.#buffer = undefined;
    this.#length = 0;
    this.deadline = 0;
    this.#deadlines.remove(this);
    return bytes;
  }
}

const EMPTY = new Uint8Array(0);

function grown(bytes: Uint8Array, size: number): Uint8Array {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  return larger;
}
