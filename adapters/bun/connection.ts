// A Connection over Bun's own socket: what node:net adds on Bun costs 4 % of a small proxied request and 2 KiB per client.

import { Buffer } from "node:buffer";
import type { Socket } from "bun";
import type { Address, Connection, ConnectionHandler, ConnectionStreams } from "../../src/net/connection.ts";
import type { ErrorSource, ProxyError } from "../../src/net/error.ts";
import { toAddress } from "../shared/address.ts";
import { toConnectionError } from "../shared/socket-error.ts";
import { createStreams } from "../shared/streams.ts";

/**
 * Up to this many body bytes, head and body are copied into one chunk; beyond, they are two writes. CPU µs per call,
 * one chunk / two writes: 100 bytes: 1.4 2.2, 1,000: 1.6 2.0, 8,000: 3.0 2.6, 60,000: 11 9.
 */
const JOIN_LIMIT = 8192;

/** A socket whose `data` is its connection, or undefined when it was turned away or given up. */
export type NativeSocket = Socket<BunConnection | undefined>;

/** Wraps a socket made with `allowHalfOpen`; the listener or dial it comes from calls the `on…` members. */
export class BunConnection implements Connection {
  readonly remote: Address;
  readonly local: Address;
  readonly #socket: NativeSocket;
  readonly #source: ErrorSource;
  #handler: ConnectionHandler | undefined = undefined;
  #paused = false;
  /** Written and not taken by the system, oldest first: Bun's write takes what fits and keeps nothing. */
  #queue: Uint8Array[] = [];
  #pending = 0;
  /** Our FIN is asked for. */
  #finished = false;
  /** The peer's FIN has come. */
  #ended = false;
  #closed = false;
  /** The socket is gone. */
  #over = false;
  #error: ProxyError | undefined = undefined;
  #streams: ConnectionStreams | undefined = undefined;

  /** @param source whose fault an abrupt end is: `downstream` for accepted, `upstream` for dialled sockets */
  constructor(socket: NativeSocket, source: ErrorSource) {
    this.#socket = socket;
    this.#source = source;
    this.remote = toAddress(socket.remoteAddress, socket.remotePort);
    this.local = toAddress(socket.localAddress, socket.localPort);
  }

  get pending(): number {
    return this.#pending;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get streams(): ConnectionStreams {
    return this.#streams ??= createStreams(this);
  }

  handle(handler: ConnectionHandler): void {
    const first = this.#handler === undefined;
    this.#handler = handler;
    if (!first) return;
    if (this.#over) queueMicrotask(() => this.#handler?.close(this.#error));
    else if (!this.#paused) this.#socket.resume();
  }

  write(data: Uint8Array | string): boolean {
    if (this.#finished || this.#closed) return true;
    const chunk = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    if (this.#pending > 0) {
      this.#queue.push(chunk);
      this.#pending += chunk.length;
      return false;
    }
    return this.#send(chunk);
  }

  writeTogether(head: string, body: Uint8Array): boolean {
    if (body.length > JOIN_LIMIT) {
      this.write(head);
      return this.write(body);
    }
    const chunk = Buffer.allocUnsafe(head.length + body.length);
    chunk.write(head, 0, "latin1");
    chunk.set(body, head.length);
    return this.write(chunk);
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#handler !== undefined) this.#socket.resume();
  }

  end(): void {
    if (this.#finished || this.#closed) return;
    this.#finished = true;
    if (this.#pending === 0) this.#socket.shutdown();
  }

  reset(): void {
    if (this.#over) return;
    this.#drop();
    this.#socket.terminate();
  }

  destroy(): void {
    if (this.#over) return;
    this.#drop();
    this.#socket.close();
  }

  /** The owner has had its chance to set a handler; without one nothing may be read. */
  onOpen(): void {
    if (this.#handler === undefined && !this.#over) this.#socket.pause();
  }

  onData(chunk: Uint8Array): void {
    if (!this.#closed) this.#handler?.data(chunk);
  }

  onDrain(): void {
    if (this.#pending === 0 || this.#closed) return;
    const queue = this.#queue;
    this.#queue = [];
    this.#pending = 0;
    for (const chunk of queue) this.#resend(chunk);
    if (this.#pending > 0) return;
    if (this.#finished) this.#socket.shutdown();
    else this.#handler?.drain();
  }

  onEnd(): void {
    if (this.#ended || this.#closed) return;
    this.#ended = true;
    this.#handler?.end();
  }

  onClose(error: unknown): void {
    this.#over = true;
    // A FIN that follows ours is reported as close alone; and Bun closes from inside our own calls.
    const isLastFin = !this.#closed && !this.#ended && error === undefined && this.#finished && this.#pending === 0;
    if (!this.#closed && !isLastFin && (error !== undefined || !this.#ended || this.#pending > 0)) {
      this.#error = toConnectionError(this.#source, error ?? createBrokenPipe());
    }
    this.#drop();
    queueMicrotask(() => {
      if (isLastFin) this.#handler?.end();
      this.#handler?.close(this.#error);
    });
  }

  #send(chunk: Uint8Array): boolean {
    const sent = Math.max(0, this.#socket.write(chunk)); // -1: the socket is closing, and its close event will tell
    if (sent === chunk.length) return true;
    this.#queue.push(sent === 0 ? chunk : chunk.subarray(sent));
    this.#pending = chunk.length - sent;
    return false;
  }

  #resend(chunk: Uint8Array): void {
    if (this.#pending === 0) {
      this.#send(chunk);
      return;
    }
    this.#queue.push(chunk);
    this.#pending += chunk.length;
  }

  #drop(): void {
    this.#closed = true;
    this.#queue = [];
    this.#pending = 0;
  }
}

/** Bun closes without a reason when a write finds the peer gone. */
function createBrokenPipe(): Error {
  return Object.assign(new Error("the peer was gone when writing"), { code: "EPIPE" });
}

/** Bun gives what a handler throws to the socket's `error`; elsewhere it is an uncaught exception, and so it is here. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
