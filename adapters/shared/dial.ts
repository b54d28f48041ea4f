// Outgoing connections on node:net, with a deadline and a way to give up.

import { connect } from "node:net";
import type { Socket } from "node:net";
import type { Dial, DialHandler, DialOptions } from "../../src/net/runtime.ts";
import type { ProxyError } from "../../src/net/error.ts";
import { SocketConnection } from "./connection.ts";
import { toDialError, toDialTimeout } from "./socket-error.ts";

/** Starts connecting; one of the handler's functions is called later, never from inside this call. */
export function dial(options: DialOptions, handler: DialHandler): Dial {
  return new SocketDial(options, handler);
}

class SocketDial implements Dial {
  readonly #options: DialOptions;
  readonly #handler: DialHandler;
  #socket: Socket | undefined = undefined;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #over = false;

  constructor(options: DialOptions, handler: DialHandler) {
    this.#options = options;
    this.#handler = handler;
    const { host, port, timeoutMs } = options;
    if (timeoutMs > 0) this.#timer = setTimeout(() => this.#fail(toDialTimeout(host, port, timeoutMs)), timeoutMs);
    try {
      this.#start();
    } catch (error) {
      queueMicrotask(() => this.#fail(toDialError(host, port, error)));
    }
  }

  cancel(): void {
    if (this.#over) return;
    this.#settle();
    this.#socket?.destroy();
  }

  #start(): void {
    const { host, port } = this.#options;
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const refused = (error: unknown) => this.#fail(toDialError(host, port, error));
    this.#socket = socket;
    socket.once("error", refused);
    socket.once("connect", () => {
      if (this.#over) return;
      this.#settle();
      const connection = new SocketConnection(socket, "upstream");
      socket.off("error", refused);
      this.#handler.open(connection);
    });
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
