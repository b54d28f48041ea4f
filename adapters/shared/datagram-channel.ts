// UDP towards one server, on a connected node:dgram socket, so that the system tells when nobody listens there.

import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { DatagramChannel, DatagramChannelHandler, DatagramOptions } from "../../src/net/datagram.ts";
import type { Runtime } from "../../src/net/runtime.ts";
import { type DatagramQuirks, fitDatagram } from "./datagram-bytes.ts";
import { giveBack, takeForDial } from "./descriptor.ts";
import { resolveHost } from "./resolve.ts";
import { errorCode, toDialError } from "./socket-error.ts";

/** Bytes kept while the name resolves and the socket connects. */
const WAITING_BYTES = 256 * 1024;

/** Bytes that wait for the network; more are lost, as the network would lose them. */
const SEND_QUEUE_BYTES = 1024 * 1024;

/** Codes that are about one datagram, not about the server. */
const OF_ONE: ReadonlySet<string> = new Set(["EMSGSIZE", "ENOBUFS", "EAGAIN", "EPERM", "ENOMEM"]);

/** Makes `Runtime.dialDatagrams`. The handler is never called from inside that call. */
export function createDialDatagrams(quirks: DatagramQuirks): Runtime["dialDatagrams"] {
  return (options, handler) => new SharedChannel(options, handler, quirks);
}

class SharedChannel implements DatagramChannel {
  readonly #options: DatagramOptions;
  readonly #handler: DatagramChannelHandler;
  readonly #quirks: DatagramQuirks;
  #socket: Socket | undefined = undefined;
  /** Datagrams from before the socket was connected; undefined: it is. */
  #waiting: Uint8Array[] | undefined = [];
  #waitingBytes = 0;
  #hasDescriptor = false;
  #closed = false;

  constructor(options: DatagramOptions, handler: DatagramChannelHandler, quirks: DatagramQuirks) {
    this.#options = options;
    this.#handler = handler;
    this.#quirks = quirks;
    this.#hasDescriptor = takeForDial();
    if (this.#hasDescriptor) resolveHost(options.host).then((ip) => this.#connect(ip), (error) => this.#fail(error));
    else {
      const reason = new Error("the process has no free file descriptors: raise its limit (ulimit -n)");
      queueMicrotask(() => this.#fail(reason));
    }
  }

  send(bytes: Uint8Array): void {
    if (this.#closed) return;
    if (this.#waiting === undefined) return this.#send(bytes);
    if (this.#waitingBytes + bytes.length > WAITING_BYTES) return;
    this.#waitingBytes += bytes.length;
    this.#waiting.push(bytes);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = undefined;
    if (this.#hasDescriptor) giveBack();
    const socket = this.#socket;
    if (socket === undefined) return;
    try {
      socket.close();
    } catch {
      // It was about to be open; nothing of it is left.
    }
  }

  #connect(ip: string): void {
    if (this.#closed) return;
    const socket = createSocket(isIPv6(ip) ? "udp6" : "udp4");
    this.#socket = socket;
    socket.on("error", (error) => this.#onError(error));
    socket.on("message", (bytes: Uint8Array) => {
      if (!this.#closed) this.#handler.message(this.#quirks.wastesBuffers ? fitDatagram(bytes) : bytes);
    });
    try {
      socket.connect(this.#options.port, ip, () => this.#onConnected());
    } catch (error) {
      this.#fail(error);
    }
  }

  #onConnected(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const bytes of waiting) this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket === undefined || this.#closed) return;
    if (typeof socket.getSendQueueSize === "function" && socket.getSendQueueSize() > SEND_QUEUE_BYTES) return;
    try {
      socket.send(bytes, 0, bytes.length);
    } catch (error) {
      this.#onError(error);
    }
  }

  #onError(error: unknown): void {
    if (!OF_ONE.has(errorCode(error))) this.#fail(error);
  }

  #fail(cause: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#handler.fail(toDialError(this.#options.host, this.#options.port, cause));
  }
}
