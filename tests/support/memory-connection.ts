// Two ends of a connection in memory, for tests of the wire code: every cut, stall and reset is the script's choice.

import { fromLatin1, toLatin1 } from "../../src/net/bytes.ts";
import type { Address, Connection, ConnectionHandler, ConnectionStreams } from "../../src/net/connection.ts";
import { ProxyError } from "../../src/net/error.ts";

/** What one end is like. */
export interface MemoryOptions {
  readonly remote?: Address;
  readonly local?: Address;
  /** Bytes the peer has not taken at which `write` answers false. Default: 64 KiB. */
  readonly highWater?: number;
}

/** What travels from one end to the other. */
type Parcel = Uint8Array | "fin";

/**
 * One end of a pair. Every `write` reaches the peer as one chunk of its own, in a later microtask, as long as the peer
 * is not paused: what a test writes in pieces arrives in these pieces.
 */
export class MemoryConnection implements Connection {
  readonly remote: Address;
  readonly local: Address;
  /** What the owner asked for, in order: `write 12`, `pause`, `resume`, `end`, `reset`, `destroy`. */
  readonly calls: string[] = [];
  closed = false;
  pending = 0;
  readonly #highWater: number;
  #peer: MemoryConnection = this;
  #handler: ConnectionHandler | undefined = undefined;
  /** On their way to this end. */
  #incoming: Parcel[] = [];
  #paused = false;
  #full = false;
  #finSent = false;
  #finSeen = false;
  #isDelivering = false;
  #isOver = false;

  constructor(options: MemoryOptions = {}) {
    this.remote = options.remote ?? { ip: "192.0.2.1", port: 40_000 };
    this.local = options.local ?? { ip: "127.0.0.1", port: 80 };
    this.#highWater = options.highWater ?? 65_536;
  }

  /** Makes the other end. */
  pair(options: MemoryOptions = {}): MemoryConnection {
    const other = new MemoryConnection({ remote: this.local, local: this.remote, ...options });
    this.#peer = other;
    other.#peer = this;
    return other;
  }

  /** True while its owner has stopped reading. */
  get paused(): boolean {
    return this.#paused;
  }

  handle(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#deliverSoon();
  }

  write(data: Uint8Array | string): boolean {
    const bytes = typeof data === "string" ? fromLatin1(data) : data;
    this.calls.push(`write ${bytes.length}`);
    if (this.#finSent || this.closed || bytes.length === 0) return true;
    this.pending += bytes.length;
    this.#peer.#take(bytes);
    if (this.pending < this.#highWater) return true;
    this.#full = true;
    return false;
  }

  writeTogether(head: string, body: Uint8Array): boolean {
    const bytes = new Uint8Array(head.length + body.length);
    bytes.set(fromLatin1(head));
    bytes.set(body, head.length);
    return this.write(bytes);
  }

  pause(): void {
    this.calls.push("pause");
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.calls.push("resume");
    this.#paused = false;
    this.#deliverSoon();
  }

  end(): void {
    this.calls.push("end");
    if (this.#finSent || this.closed) return;
    this.#finSent = true;
    this.#peer.#take("fin");
    this.#closeWhenBothEnded();
  }

  reset(): void {
    this.calls.push("reset");
    if (this.closed) return;
    this.closed = true;
    this.#peer.#broken();
    queueMicrotask(() => this.#over(undefined));
  }

  destroy(): void {
    this.calls.push("destroy");
    if (this.closed) return;
    this.closed = true;
    this.#peer.#take("fin");
    queueMicrotask(() => this.#over(undefined));
  }

  get streams(): ConnectionStreams {
    throw new Error("not needed in memory");
  }

  #take(parcel: Parcel): void {
    if (this.closed) return;
    this.#incoming.push(parcel);
    this.#deliverSoon();
  }

  #deliverSoon(): void {
    if (this.#isDelivering || this.#handler === undefined) return;
    this.#isDelivering = true;
    queueMicrotask(() => {
      this.#isDelivering = false;
      this.#deliver();
    });
  }

  /** One parcel per turn, so that whatever it set off happens before the next one. */
  #deliver(): void {
    if (this.closed || this.#paused) return;
    const parcel = this.#incoming.shift();
    if (parcel === undefined) return;
    if (parcel === "fin") {
      this.#finSeen = true;
      this.#handler?.end();
      this.#closeWhenBothEnded();
    } else {
      this.#handler?.data(parcel);
      this.#peer.#taken(parcel.length);
    }
    this.#deliverSoon();
  }

  #taken(bytes: number): void {
    this.pending -= bytes;
    if (!this.#full || this.pending > 0 || this.closed || this.#finSent) return;
    this.#full = false;
    this.#handler?.drain();
  }

  #closeWhenBothEnded(): void {
    if (!this.#finSent || !this.#finSeen || this.closed) return;
    this.closed = true;
    queueMicrotask(() => this.#over(undefined));
  }

  #broken(): void {
    if (this.closed) return;
    this.closed = true;
    const error = new ProxyError("the peer reset the connection", {
      code: "connection-reset",
      source: "upstream",
      status: 502,
    });
    queueMicrotask(() => this.#over(error));
  }

  #over(error: ProxyError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#incoming = [];
    this.#handler?.close(error);
  }
}

/** The test's own end of a connection: reads everything, and remembers how it ended. */
export class Peer implements ConnectionHandler {
  readonly connection: MemoryConnection;
  /** Everything received, one character per byte. */
  text = "";
  /** The other side sent FIN. */
  ended = false;
  closed = false;
  /** Why it closed, if it was cut. */
  error: ProxyError | undefined = undefined;

  constructor(connection: MemoryConnection) {
    this.connection = connection;
    connection.handle(this);
  }

  /** Each piece arrives as a chunk of its own. */
  send(...pieces: readonly string[]): void {
    for (const piece of pieces) this.connection.write(piece);
  }

  /** Takes what came so far and forgets it. */
  take(): string {
    const { text } = this;
    this.text = "";
    return text;
  }

  data(chunk: Uint8Array): void {
    this.text += toLatin1(chunk);
  }

  drain(): void {
    // tests look at `pending` instead
  }

  end(): void {
    this.ended = true;
  }

  close(error?: ProxyError): void {
    this.closed = true;
    this.error = error;
  }
}

/** Lets everything that waits for a microtask happen. */
export async function settled(turns = 200): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}
