// Outgoing connections on node:net, with a deadline and a way to give up.

import { connect } from "node:net";
import type { Socket } from "node:net";
import type { Dial, DialHandler, DialOptions } from "../../src/net/runtime.ts";
import type { ProxyError } from "../../src/net/error.ts";
import { giveBack, takeForDial } from "./descriptor.ts";
import { SocketConnection } from "./connection.ts";
import { toDialError, toDialTimeout } from "./socket-error.ts";

/**
 * Starts connecting; one of the handler's functions is called later, never from inside this call.
 * @param stopsAtPush see `SocketConnection`
 */
export function dial(options: DialOptions, handler: DialHandler, stopsAtPush = false): Dial {
  return new SocketDial(options, handler, stopsAtPush);
}

class SocketDial implements Dial {
  readonly #options: DialOptions;
  readonly #handler: DialHandler;
  readonly #stopsAtPush: boolean;
  #socket: Socket | undefined = undefined;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #over = false;

  constructor(options: DialOptions, handler: DialHandler, stopsAtPush: boolean) {
    this.#options = options;
    this.#handler = handler;
    this.#stopsAtPush = stopsAtPush;
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
      this.#follow(connect({ host, port, allowHalfOpen: true, noDelay: true, ...asks }));
    } catch (error) {
      giveBack();
      this.#failSoon(error); // a port or host that the system was not even asked about
    }
  }

  #follow(socket: Socket): void {
    const failed = (error: unknown) => this.#fail(toDialError(this.#options.host, this.#options.port, error));
    this.#socket = socket;
    socket.once("close", giveBack);
    socket.once("error", failed);
    socket.once("connect", () => {
      if (this.#over) return;
      this.#settle();
      const connection = new SocketConnection(socket, "upstream", undefined, this.#stopsAtPush);
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
