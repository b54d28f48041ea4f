// Outgoing connections on Bun.connect, to addresses that have answered before; node:net dials all others.
//
// They cost an eighth less for large answers. But Bun can't give up a connect: so a new address, or one that stopped
// answering, is dialled by node:net.

import { isIP } from "node:net";
import type { SocketHandler } from "bun";
import type { Dial, DialHandler, DialOptions } from "../../src/net/runtime.ts";
import type { ProxyError } from "../../src/net/error.ts";
import { giveBack, takeForDial } from "../shared/descriptor.ts";
import { dial as sharedDial } from "../shared/dial.ts";
import { toDialError, toDialTimeout } from "../shared/socket-error.ts";
import { BunConnection, type NativeSocket, throwLater } from "./connection.ts";

const MOST_KNOWN = 10_000; // addresses; forgetting them costs a dial by node:net each

/** Addresses whose last dial was answered. */
const known = new Set<string>();

/** Starts connecting; one of the handler's functions is called later, never from inside this call. */
export function dial(options: DialOptions, handler: DialHandler): Dial {
  const address = `${options.host} ${options.port}`;
  if (known.has(address) && takeForDial()) return new NativeDial(options, handler, address);
  if (isIP(options.host) === 0) return sharedDial(options, handler, { stopsAtPush: true });
  const noting: DialHandler = {
    open: (connection) => {
      if (known.size >= MOST_KNOWN) known.clear();
      known.add(address);
      handler.open(connection);
    },
    fail: (error) => handler.fail(error),
  };
  return sharedDial(options, noting, { stopsAtPush: true });
}

class NativeDial implements Dial {
  readonly #options: DialOptions;
  readonly #handler: DialHandler;
  readonly #address: string;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #over = false;
  #hasDescriptor = true;

  constructor(options: DialOptions, handler: DialHandler, address: string) {
    this.#options = options;
    this.#handler = handler;
    this.#address = address;
    const { host, port, timeoutMs } = options;
    if (timeoutMs > 0) this.#timer = setTimeout(() => this.#fail(toDialTimeout(host, port, timeoutMs)), timeoutMs);
    // What `connectError` tells, the promise says again.
    Bun.connect({ hostname: host, port, allowHalfOpen: true, socket: this.#createHandler() }).catch((error: unknown) =>
      this.#onFailed(error)
    );
  }

  cancel(): void {
    known.delete(this.#address); // nobody waits for an address that answers as it should
    this.#settle();
  }

  #createHandler(): SocketHandler<BunConnection | undefined> {
    return {
      open: (socket) => this.#onOpen(socket),
      data: (socket, chunk) => socket.data?.onData(chunk),
      drain: (socket) => socket.data?.onDrain(),
      end: (socket) => socket.data?.onEnd(),
      close: (socket, error) => this.#onClose(socket, error),
      connectError: (_, error) => this.#onFailed(error),
      error: (_, error) => throwLater(error),
    };
  }

  #onOpen(socket: NativeSocket): void {
    socket.data = undefined;
    if (this.#over) {
      socket.terminate();
      return;
    }
    this.#settle();
    const { keepAliveMs = 0 } = this.#options;
    if (keepAliveMs > 0) socket.setKeepAlive(true, keepAliveMs);
    const connection = new BunConnection(socket, "upstream");
    socket.data = connection;
    this.#handler.open(connection);
    connection.onOpen();
  }

  #onClose(socket: NativeSocket, error: unknown): void {
    this.#giveBack();
    socket.data?.onClose(error);
  }

  #onFailed(error: unknown): void {
    this.#giveBack();
    this.#fail(toDialError(this.#options.host, this.#options.port, error));
  }

  #fail(error: ProxyError): void {
    if (this.#over) return;
    known.delete(this.#address);
    this.#settle();
    this.#handler.fail(error);
  }

  #settle(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  /** The system may close a connect that was given up long after. */
  #giveBack(): void {
    if (!this.#hasDescriptor) return;
    this.#hasDescriptor = false;
    giveBack();
  }
}
