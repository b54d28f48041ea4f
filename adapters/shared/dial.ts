// Outgoing connections on node:net, with a deadline and a way to give up.

import { Buffer } from "node:buffer";
import { connect } from "node:net";
import type { OnReadOpts, Socket } from "node:net";
import type { Dial, DialHandler, DialOptions } from "../../src/net/runtime.ts";
import type { ProxyError } from "../../src/net/error.ts";
import { giveBack, takeForDial } from "./descriptor.ts";
import { SocketConnection } from "./connection.ts";
import { toDialError, toDialTimeout } from "./socket-error.ts";

/** What differs between the runtimes' sockets. */
export interface DialQuirks {
  /** See `SocketConnection`. */
  readonly stopsAtPush?: boolean;
  /**
   * All sockets read into one buffer, of which what came is copied. Node makes a buffer of 64 KiB for each read
   * otherwise, and shrinks it: 14 % of the CPU of a small proxied request, 6 % of one over TLS. Deno gains nothing.
   */
  readonly readsIntoOneBuffer?: boolean;
}

const READ_BYTES = 65_536; // what libuv asks the system for
const readBuffer = Buffer.alloc(READ_BYTES);

/** Starts connecting; one of the handler's functions is called later, never from inside this call. */
export function dial(options: DialOptions, handler: DialHandler, quirks: DialQuirks = {}): Dial {
  return new SocketDial(options, handler, quirks);
}

class SocketDial implements Dial {
  readonly #options: DialOptions;
  readonly #handler: DialHandler;
  readonly #quirks: DialQuirks;
  #connection: SocketConnection | undefined = undefined;
  #socket: Socket | undefined = undefined;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #over = false;

  constructor(options: DialOptions, handler: DialHandler, quirks: DialQuirks) {
    this.#options = options;
    this.#handler = handler;
    this.#quirks = quirks;
    const { host, port, timeoutMs } = options;
    if (timeoutMs > 0) this.#timer = setTimeout(() => this.#fail(toDialTimeout(host, port, timeoutMs)), timeoutMs);
    if (takeForDial()) this.#start();
    else this.#failSoon(new Error("the process has no free file descriptors: raise its limit (ulimit -n)"));
  }

  cancel(): void {
    if (this.#over) return;
    this.#settle();
    this.#socket?.destroy();
  }

  #start(): void {
    const { host, port, keepAliveMs = 0 } = this.#options;
    const asks = { keepAlive: keepAliveMs > 0, keepAliveInitialDelay: keepAliveMs };
    try {
      const onread = this.#quirks.readsIntoOneBuffer === true ? { onread: this.#reader() } : {};
      this.#follow(connect({ host, port, allowHalfOpen: true, noDelay: true, ...asks, ...onread }));
    } catch (error) {
      giveBack();
      this.#failSoon(error); // a port or host that the system was not even asked about
    }
  }

  #reader(): OnReadOpts {
    return {
      buffer: readBuffer,
      callback: (length) => this.#connection?.copyFrom(readBuffer, length) ?? true,
    };
  }

  #follow(socket: Socket): void {
    const failed = (error: unknown) => this.#fail(toDialError(this.#options.host, this.#options.port, error));
    this.#socket = socket;
    socket.once("close", giveBack);
    socket.once("error", failed);
    socket.once("connect", () => {
      if (this.#over) return;
      this.#settle();
      const { stopsAtPush, readsIntoOneBuffer } = this.#quirks;
      const connection = new SocketConnection(socket, "upstream", undefined, stopsAtPush);
      if (readsIntoOneBuffer === true) socket.pause(); // until somebody handles it: nothing keeps what comes before
      this.#connection = connection;
      socket.off("error", failed);
      this.#handler.open(connection);
    });
  }

  #failSoon(cause: unknown): void {
    queueMicrotask(() => this.#fail(toDialError(this.#options.host, this.#options.port, cause)));
  }

  #fail(error: ProxyError): void {
    if (this.#over) return;
    this.#settle();
    const socket = this.#socket;
    if (socket !== undefined) {
      socket.on("error", ignore);
      socket.destroy();
    }
    this.#handler.fail(error);
  }

  #settle(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}

function ignore(): void {}
