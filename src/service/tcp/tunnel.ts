// Two connections joined byte for byte, with backpressure both ways, half-close both ways, and an end to silence.

import { freeChunk } from "../../net/bytes.ts";
import type { Connection, ConnectionHandler } from "../../net/connection.ts";
import type { Deadlines, Waiting } from "../../net/deadlines.ts";
import { ProxyError } from "../../net/error.ts";

/** Something that counts; a counter of the metrics, mostly. */
export interface ByteCounter {
  value: number;
}

/** What a tunnel is made of. Neither connection may be in anybody else's hands. */
export interface TunnelOptions {
  readonly client: Connection;
  readonly server: Connection;
  readonly deadlines: Deadlines;
  /** Milliseconds in which not a byte moves, after which both are closed; 0: none. */
  readonly idleMs: number;
  /**
   * Milliseconds of silence that the other side has left after one side has sent FIN; negative: as long as `idleMs`
   * allows. Bytes that move begin it anew, so that an answer on its way is never cut.
   */
  readonly terminationMs: number;
  /** Bytes from the client, and from the server. */
  readonly received: ByteCounter;
  readonly sent: ByteCounter;
  /** Both connections are closed; `error` tells why when one of them was cut. */
  over(error?: ProxyError): void;
}

/**
 * Joins two connections until both are closed. What one does, the other learns in kind: FIN becomes FIN, RST becomes
 * RST, and a receiver that stops stops the sender. Never more than one chunk per direction is in this process's hands
 * beside what the sockets hold.
 */
export class Tunnel implements Waiting {
  deadline = 0;
  readonly #options: TunnelOptions;
  readonly #client: TunnelEnd;
  readonly #server: TunnelEnd;
  /** The time that silence may last now; 0: for ever. */
  #patienceMs: number;
  #isOver = false;
  #error: ProxyError | undefined = undefined;

  constructor(options: TunnelOptions) {
    this.#options = options;
    this.#patienceMs = options.idleMs;
    this.#client = new TunnelEnd(this, options.client, options.received);
    this.#server = new TunnelEnd(this, options.server, options.sent);
    this.#client.peer = this.#server;
    this.#server.peer = this.#client;
  }

  /**
   * Begins; both connections are read from now on.
   * @param first what was read of the client already @param ended whether its FIN was
   */
  start(first: readonly Uint8Array[], ended: boolean): void {
    this.#options.deadlines.add(this); // before anybody asks for the time
    this.moved();
    this.#server.start();
    this.#client.start();
    for (const chunk of first) this.#client.data(chunk);
    if (ended) this.#client.end();
  }

  /** The server spoke before the tunnel was there. @param word what it said; undefined: FIN */
  hear(word: Uint8Array | undefined): void {
    if (word === undefined) this.#server.end();
    else this.#server.data(word);
  }

  /** Some bytes moved. */
  moved(): void {
    this.deadline = this.#patienceMs === 0 ? 0 : this.#options.deadlines.now + this.#patienceMs;
  }

  /** One side has sent FIN, which was passed on. */
  ended(): void {
    const { idleMs, terminationMs } = this.#options;
    if (terminationMs >= 0) {
      this.#patienceMs = Math.max(1, idleMs === 0 ? terminationMs : Math.min(idleMs, terminationMs));
    }
    this.moved();
  }

  /** One side is closed. */
  closed(end: TunnelEnd, error: ProxyError | undefined): void {
    this.#error ??= error;
    const { peer } = end;
    if (peer.isClosed) return this.#finish();
    if (error !== undefined) peer.connection.reset();
    // With both FINs seen, what is left is to get rid of what the other side has not taken yet.
    else if (!end.hasEnded || !peer.hasEnded) peer.connection.destroy();
    this.#patienceMs = this.#options.idleMs;
    this.moved();
  }

  expire(): void {
    const isStalled = this.#client.connection.pending > 0 || this.#server.connection.pending > 0;
    const { idleMs } = this.#options;
    if (isStalled && this.#patienceMs !== idleMs) {
      // Somebody does not take what the other side has long sent: that is not the silence of a side that is done.
      this.#patienceMs = idleMs;
      return this.moved();
    }
    this.#error ??= new ProxyError("nothing moved for too long", {
      code: "idle-timeout",
      source: "internal",
      status: 504,
    });
    this.#client.connection.destroy();
    this.#server.connection.destroy();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.deadlines.remove(this);
    this.#options.over(this.#error);
  }
}

/** One of the two connections: hears what it says, and tells the other one. */
class TunnelEnd implements ConnectionHandler {
  readonly connection: Connection;
  hasEnded = false;
  isClosed = false;
  peer: TunnelEnd = this;
  readonly #tunnel: Tunnel;
  readonly #counter: ByteCounter;

  constructor(tunnel: Tunnel, connection: Connection, counter: ByteCounter) {
    this.connection = connection;
    this.#tunnel = tunnel;
    this.#counter = counter;
  }

  start(): void {
    this.connection.handle(this);
    this.connection.resume();
  }

  data(chunk: Uint8Array): void {
    this.#counter.value += chunk.length;
    this.#tunnel.moved();
    const { connection } = this.peer;
    if (!connection.write(chunk)) this.connection.pause();
    else if (connection.pending === 0) freeChunk(chunk);
  }

  drain(): void {
    this.#tunnel.moved();
    this.peer.connection.resume();
  }

  end(): void {
    this.hasEnded = true;
    this.peer.connection.end();
    this.#tunnel.ended();
  }

  close(error?: ProxyError): void {
    this.isClosed = true;
    this.#tunnel.closed(this, error);
  }
}
