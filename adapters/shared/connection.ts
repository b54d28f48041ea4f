// A Connection over a net.Socket: the hottest code of the project. One closure per event and connection, none per write.

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Address, Connection, ConnectionHandler, ConnectionStreams } from "../../src/net/connection.ts";
import type { ErrorSource, ProxyError } from "../../src/net/error.ts";
import { toAddress } from "./address.ts";
import { toConnectionError } from "./socket-error.ts";
import { createStreams } from "./streams.ts";

/** Chunks that sockets deliver are Buffers, whose own latin1 reader is native. */
interface LatinSource {
  latin1Slice?: (start: number, end: number) => string;
}

/**
 * Up to this many body bytes, head and body leave as one string; beyond, corked as one writev. CPU µs per call,
 * cork / one string / one Buffer / two writes: Node 24, 100 bytes: 2.0 1.5 1.9 2.4, 1,000: 2.2 1.9 1.8 2.3,
 * 4,000: 2.2 2.7 2.3 2.3, 60,000: 8.9 18 19 11; Deno 2.2 1.6 3.1 2.5, 2.1 1.7 2.9 2.3, 2.6 1.9 5.1 2.1, 9.3 14 21 12.
 */
const JOIN_LIMIT = 2048;

const NOTHING = new Uint8Array(0);

/** The TCP socket below a TLS socket, and what the TLS layer between them can't do. */
export interface Below {
  readonly carrier: Socket;
  /** Its own `resetAndDestroy` works (Bun, where the socket below is closed earlier); else that of the carrier does. */
  readonly resetsItself: boolean;
  /** It writes strings of latin1 as such (Deno's TLS writes them as UTF-8). */
  readonly takesText: boolean;
  /**
   * Tells at the end of reading whether the peer reset the connection, where the TLS layer reports that as an end, and
   * a write of nothing, which tells elsewhere, fails (Deno) or never ends (Node 22).
   */
  readonly wasReset: ((carrier: Socket) => boolean) | undefined;
}

/**
 * Wraps a connected socket made with `allowHalfOpen`, so that a FIN of the peer leaves our direction open.
 * The socket reads nothing before the first handler: a `data` listener is what makes it flow.
 */
export class SocketConnection implements Connection {
  readonly remote: Address;
  readonly local: Address;
  readonly #socket: Socket;
  /** The TCP socket: the same, or the one below a TLS socket. */
  readonly #carrier: Socket;
  readonly #below: Below | undefined;
  readonly #source: ErrorSource;
  readonly #stopsAtPush: boolean;
  #handler: ConnectionHandler | undefined = undefined;
  #dataListener: ((chunk: Uint8Array) => void) | undefined = undefined;
  #paused = false;
  /** The runtime was told at a push to read no more. */
  #stopped = false;
  /** A write returned false; the next drain is the owner's business. */
  #full = false;
  /** Our FIN is on its way. */
  #finished = false;
  #closed = false;
  /** The socket's close event has come. */
  #over = false;
  /** Within `reset`: node:tls may emit `close` from inside, and the owner must not hear of it before we return. */
  #resetting = false;
  #error: ProxyError | undefined = undefined;
  #streams: ConnectionStreams | undefined = undefined;

  /**
   * @param source whose fault an abrupt end is: `downstream` for accepted, `upstream` for dialled sockets
   * @param below what a TLS socket stands on
   * @param stopsAtPush a push that answers false stops reading at once, and `resume` starts it again: so it is on Bun,
   *   where the chunk after a pause would be 512 KiB. Node and Deno do not start it again where push was ours
   */
  constructor(socket: Socket, source: ErrorSource, below?: Below, stopsAtPush = false) {
    const carrier = below?.carrier ?? socket;
    this.#socket = socket;
    this.#carrier = carrier;
    this.#below = below;
    this.#source = source;
    this.#stopsAtPush = stopsAtPush;
    this.remote = toAddress(carrier.remoteAddress, carrier.remotePort);
    this.local = toAddress(carrier.localAddress, carrier.localPort);
    socket.on("error", (error) => this.#onError(error));
    socket.on("close", () => this.#onClose());
  }

  get pending(): number {
    return this.#socket.writableLength;
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
    else this.#listen();
  }

  write(data: Uint8Array | string): boolean {
    if (this.#finished || this.#closed || data.length === 0) return true;
    const socket = this.#socket;
    const taken = typeof data === "string" ? this.#writeText(data) : socket.write(data);
    // The socket answers false for every chunk above its mark, even when the system took it at once.
    if (taken || socket.writableLength === 0) return true;
    this.#full = true;
    return false;
  }

  writeTogether(head: string, body: Uint8Array & LatinSource): boolean {
    if (this.#finished || this.#closed) return true;
    // Copies the body once, as text: one write of one string. See JOIN_LIMIT.
    if (body.length <= JOIN_LIMIT && body.latin1Slice !== undefined) {
      return this.write(head + body.latin1Slice(0, body.length));
    }
    const socket = this.#socket;
    socket.cork();
    this.#writeText(head);
    const taken = socket.write(body);
    socket.uncork();
    if (taken || socket.writableLength === 0) return true;
    this.#full = true;
    return false;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#stopped = false;
    if (this.#handler !== undefined) this.#socket.resume();
  }

  end(): void {
    if (this.#finished || this.#closed) return;
    this.#finished = true;
    this.#socket.end();
  }

  reset(): void {
    if (this.#over) return;
    this.#closed = true;
    this.#resetting = true;
    // A TLS socket is destroyed only after the TCP socket is gone: before, with bytes unsent, Node crashes.
    const isApart = this.#below !== undefined && !this.#below.resetsItself;
    if (isApart) {
      this.#carrier.once("close", () => {
        this.#socket.destroy();
        this.#onClose();
      });
    }
    (isApart ? this.#carrier : this.#socket).resetAndDestroy();
    // Node 22 would first send what is buffered, and a FIN with it: a cut response would look complete.
    if (!isApart && !this.#socket.destroyed) this.#socket.destroy();
    this.#resetting = false;
  }

  destroy(): void {
    if (this.#over) return;
    this.#closed = true;
    this.#socket.destroy();
  }

  /**
   * Gives the socket up, for somebody who speaks TLS over it: paused, with the bytes that were read in front of what
   * comes. This connection tells its handler nothing any more.
   * @returns undefined when it is closed
   */
  release(bytes: Uint8Array): Socket | undefined {
    if (this.#closed) return undefined;
    const socket = this.#socket;
    this.#closed = true;
    this.#handler = undefined;
    if (this.#stopped) socket.resume(); // whoever takes it does not know that reading was stopped
    socket.pause();
    if (this.#dataListener !== undefined) socket.off("data", this.#dataListener);
    Reflect.deleteProperty(socket, "push");
    if (bytes.length > 0) socket.unshift(bytes);
    return socket;
  }

  #writeText(text: string): boolean {
    if (this.#below === undefined || this.#below.takesText) return this.#socket.write(text, "latin1");
    return this.#socket.write(Buffer.from(text, "latin1"));
  }

  #listen(): void {
    const socket = this.#socket;
    this.#takeReads();
    this.#dataListener = (chunk: Uint8Array) => this.#onData(chunk);
    socket.on("data", this.#dataListener);
    socket.on("drain", () => this.#onDrain());
    socket.on("end", () => this.#onEnd());
    if (this.#paused) socket.pause();
    else socket.resume();
  }

  /**
   * Takes what the system read before it goes through the stream's buffer, unless that has something or is paused:
   * 8 to 10 % of the CPU of a small proxied request. Where a runtime does not call `push`, `data` brings the same.
   */
  #takeReads(): void {
    const socket = this.#socket;
    const push = socket.push;
    socket.push = (chunk: Uint8Array | null) => {
      if (chunk === null || this.#paused || this.#closed || socket.readableLength > 0) return push.call(socket, chunk);
      this.#handler?.data(chunk);
      this.#stopped = this.#stopsAtPush && this.#paused && !this.#closed;
      return !this.#stopped;
    };
  }

  /**
   * For a socket that reads into a buffer of its owner's: takes a copy of what came.
   * @returns whether to read on: a pause right after a resume is not seen by such a socket
   */
  copyFrom(buffer: Buffer, length: number): boolean {
    if (this.#closed) return true;
    const chunk = Buffer.allocUnsafe(length);
    buffer.copy(chunk, 0, 0, length);
    this.#handler?.data(chunk);
    return !this.#paused;
  }

  #onData(chunk: Uint8Array): void {
    if (!this.#closed) this.#handler?.data(chunk);
  }

  #onDrain(): void {
    if (!this.#full || this.#closed) return;
    this.#full = false;
    this.#handler?.drain();
  }

  /**
   * Asks before it believes: libuv below 1.52 (Node 22) reports bytes followed by RST as bytes and FIN, and a cut
   * response would look complete. A write of nothing tells; once per connection.
   */
  #onEnd(): void {
    const wasReset = this.#below?.wasReset;
    if (this.#finished) this.#reportEnd(); // once both sides have sent FIN, the system can't tell
    else if (wasReset !== undefined) {
      if (!wasReset(this.#carrier)) this.#reportEnd();
      else this.#socket.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
    } else this.#socket.write(NOTHING, (error) => void (error ? this.#socket.destroy(error) : this.#reportEnd()));
  }

  #reportEnd(): void {
    if (!this.#closed) this.#handler?.end();
  }

  #onError(error: unknown): void {
    if (this.#closed) return; // the owner dropped it: what the system says of that is not news
    this.#closed = true;
    this.#error = toConnectionError(this.#source, error);
    // node:tls leaves a socket half open that the peer has ended with an alert after the handshake.
    if (!this.#socket.destroyed) this.#socket.destroy();
  }

  #onClose(): void {
    if (this.#over) return;
    this.#closed = true;
    this.#over = true;
    if (this.#resetting) queueMicrotask(() => this.#handler?.close(this.#error));
    else this.#handler?.close(this.#error);
  }
}
