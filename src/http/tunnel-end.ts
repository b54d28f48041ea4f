// One end of a tunnel: what a connection says becomes a body, and what another body says is written to it.

import type { Connection, ConnectionHandler } from "../net/connection.ts";
import type { Deadlines, Waiting } from "../net/deadlines.ts";
import { ProxyError } from "../net/error.ts";
import type { Body, BodyOwner } from "./body.ts";
import { PushBody } from "./body.ts";
import type { Tunnel } from "./upgrade.ts";

/** How long one direction may go on alone without a byte, where silence is not limited otherwise. */
const HALF_CLOSED_MS = 3_600_000;

/** What an end is made of. */
export interface TunnelEndOptions {
  readonly connection: Connection;
  readonly deadlines: Deadlines;
  /** Milliseconds in which not a byte moves, after which the connection is cut; 0: none while both directions live. */
  readonly idleMs: number;
  /** Hears once that the connection is over, and why, if it was cut. Default: nobody. */
  readonly over?: (error: ProxyError | undefined) => void;
}

/**
 * Becomes the handler of its connection. A FIN is passed on as the end of a body, and as nothing else: the other
 * direction goes on. A cut goes both ways.
 *
 * ```
 * connection ──data──▶ body ──▶ the other end
 * connection ◀─write── what the other end's body says
 * ```
 */
export class TunnelEnd implements Tunnel, ConnectionHandler, BodyOwner, Waiting {
  deadline = 0;
  readonly body: PushBody;
  /** Bytes read from the connection, and written to it. */
  received = 0;
  sent = 0;
  readonly #connection: Connection;
  readonly #deadlines: Deadlines;
  readonly #over: TunnelEndOptions["over"];
  #idleMs: number;
  #source: Body | undefined = undefined;
  /** The source was told to wait for `drain`. */
  #paused = false;
  /** The source is through, or broken. */
  #spent = false;
  #closed = false;

  constructor({ connection, deadlines, idleMs, over }: TunnelEndOptions) {
    this.body = new PushBody(undefined, this);
    this.#connection = connection;
    this.#deadlines = deadlines;
    this.#over = over;
    this.#idleMs = idleMs;
    deadlines.add(this); // before anybody asks for the time
    this.#moved();
    connection.handle(this);
  }

  /** Writes what `source` says to the connection. */
  connect(source: Body): void {
    this.#source = source;
    source.start({
      chunk: (bytes) => this.#write(bytes),
      end: () => this.#finish(),
      fail: (error) => this.#fail(error),
    });
  }

  /** Ends it at once, both ways. */
  cut(reason: ProxyError): void {
    if (this.#closed) return;
    this.#connection.reset();
    this.close(reason);
  }

  // --- ConnectionHandler -------------------------------------------------------------------------------------------

  data(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.received += chunk.length;
    this.#moved();
    this.body.push(chunk);
  }

  drain(): void {
    if (!this.#paused || this.#closed) return;
    this.#paused = false;
    this.#moved();
    this.#source?.resume();
  }

  end(): void {
    if (this.#closed) return;
    this.#halfClosed();
    this.body.finish();
  }

  close(error?: ProxyError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.deadline = 0;
    this.#deadlines.remove(this);
    // what came before an orderly end is still on its way to the other side
    if (error !== undefined || !this.body.complete) {
      this.body.fail(error ?? broken("the tunnel's connection was closed"));
    }
    if (!this.#spent) this.#source?.cancel();
    this.#over?.(error);
  }

  expire(): void {
    this.cut(broken("nothing moved in the tunnel for too long"));
  }

  // --- BodyOwner: the other side reads what this connection says ---------------------------------------------------

  pauseBody(): void {
    this.#connection.pause();
  }

  resumeBody(): void {
    this.#connection.resume();
  }

  cancelBody(): void {
    this.cut(broken("the other side of the tunnel is gone"));
  }

  // --- what the other side says ------------------------------------------------------------------------------------

  #write(bytes: Uint8Array): boolean {
    if (this.#closed) return false;
    this.sent += bytes.length;
    this.#moved();
    this.#paused = !this.#connection.write(bytes);
    return !this.#paused;
  }

  #finish(): void {
    this.#spent = true;
    this.#halfClosed();
    this.#connection.end();
  }

  #fail(error: ProxyError): void {
    this.#spent = true;
    this.cut(error);
  }

  #halfClosed(): void {
    if (this.#idleMs === 0) this.#idleMs = HALF_CLOSED_MS;
    this.#moved();
  }

  #moved(): void {
    if (this.#closed) return;
    this.deadline = this.#idleMs === 0 ? 0 : this.#deadlines.now + this.#idleMs;
  }
}

function broken(message: string): ProxyError {
  return new ProxyError(message, { code: "tunnel-broken", source: "downstream", status: 502 });
}
