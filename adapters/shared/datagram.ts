// UDP on node:dgram. A wildcard is opened as one socket per local address: none of the runtimes tells where a datagram
// was sent to, and an answer from another address of this machine would be thrown away by the client.

import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import type { Address } from "../../src/net/connection.ts";
import type { DatagramHandler, DatagramOptions, DatagramSocket } from "../../src/net/datagram.ts";
import type { Runtime } from "../../src/net/runtime.ts";
import { canonicalIp } from "./address.ts";
import { type DatagramQuirks, fitDatagram } from "./datagram-bytes.ts";
import { resolveHost } from "./resolve.ts";
import { errorCode, toListenError } from "./socket-error.ts";

/** A machine with more addresses than this (nodes of a cluster can have thousands) gets one wildcard socket after all. */
const MOST_ADDRESSES = 64;

/** Addresses come and go: new ones are opened, at most this much later. */
const RESCAN_MS = 10_000;

/** Ports that are free on the first address and taken on another: so often another one is asked for. */
const PORT_ATTEMPTS = 10;

/** Wanted of the system for what arrives while JavaScript is busy; it gives what its limits allow. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** Bytes that wait for the network; more are lost, as the network would lose them. */
const SEND_QUEUE_BYTES = 4 * 1024 * 1024;

/** Makes `Runtime.openDatagrams`, which throws a ProxyError with code `listen-failed`, naming address and cause. */
export function createDatagrams(quirks: DatagramQuirks): Runtime["openDatagrams"] {
  return (options, handler) => openDatagrams(options, handler, quirks);
}

async function openDatagrams(
  options: DatagramOptions,
  handler: DatagramHandler,
  quirks: DatagramQuirks,
): Promise<DatagramSocket> {
  for (let attempt = 1;; attempt++) {
    const opened = new SharedDatagramSocket(options, handler, quirks);
    try {
      await opened.open();
      return opened;
    } catch (cause) {
      await opened.close();
      if (options.port !== 0 || errorCode(cause) !== "EADDRINUSE" || attempt === PORT_ATTEMPTS) {
        throw toListenError(options.host, options.port, cause);
      }
    }
  }
}

class SharedDatagramSocket implements DatagramSocket {
  readonly host: string;
  readonly #options: DatagramOptions;
  readonly #handler: DatagramHandler;
  readonly #quirks: DatagramQuirks;
  /** By local address; one entry with a wildcard where there are too many. */
  readonly #sockets = new Map<string, LocalSocket>();
  #port: number;
  #timer: ReturnType<typeof setInterval> | undefined = undefined;
  #closed = false;

  constructor(options: DatagramOptions, handler: DatagramHandler, quirks: DatagramQuirks) {
    this.#quirks = quirks;
    this.host = options.host;
    this.#options = options;
    this.#handler = handler;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  get locals(): readonly Address[] {
    return [...this.#sockets.values()].map(({ local }) => local);
  }

  /** @throws the system's error */
  async open(): Promise<void> {
    const wildcard = familiesOf(this.#options.host);
    if (wildcard === undefined) {
      await this.#openOne(await resolveHost(this.#options.host));
      return;
    }
    const addresses = localAddresses(wildcard);
    if (addresses.length === 0 || addresses.length > MOST_ADDRESSES) {
      await this.#openOne(wildcard.includes(6) ? "::" : "0.0.0.0");
      return;
    }
    for (const ip of addresses) await this.#openOne(ip);
    this.#timer = setInterval(() => this.#rescan(wildcard), RESCAN_MS);
    this.#timer.unref();
  }

  send(bytes: Uint8Array, to: Address, from?: Address): void {
    if (from !== undefined) {
      const socket = this.#sockets.get(from.ip);
      if (socket !== undefined) return socket.send(bytes, to);
    }
    const isV6 = to.ip.includes(":");
    for (const socket of this.#sockets.values()) {
      if (socket.serves(isV6)) return socket.send(bytes, to);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    const open = [...this.#sockets.values()];
    this.#sockets.clear();
    await Promise.all(open.map((socket) => socket.close()));
  }

  async #openOne(ip: string): Promise<void> {
    const socket = new LocalSocket(ip, this.#handler, this.#quirks);
    await socket.bind(this.#port);
    this.#port = socket.local.port;
    if (this.#closed) await socket.close();
    else this.#sockets.set(socket.local.ip, socket);
  }

  #rescan(families: readonly number[]): void {
    const addresses = localAddresses(families);
    for (const [ip, socket] of this.#sockets) {
      if (addresses.includes(ip)) continue;
      this.#sockets.delete(ip);
      void socket.close();
    }
    for (const ip of addresses) {
      if (this.#sockets.has(ip) || this.#sockets.size >= MOST_ADDRESSES) continue;
      this.#openOne(ip).catch(ignore); // not ready yet, or taken: the next scan tries again
    }
  }
}

/** One bound socket. */
class LocalSocket {
  readonly #socket: Socket;
  readonly #ip: string;
  readonly #isV6: boolean;
  readonly #handler: DatagramHandler;
  readonly #quirks: DatagramQuirks;
  #local: Address;
  #closed = false;

  constructor(ip: string, handler: DatagramHandler, quirks: DatagramQuirks) {
    this.#ip = ip;
    this.#quirks = quirks;
    this.#isV6 = isIPv6(ip);
    this.#handler = handler;
    this.#local = { ip, port: 0 };
    // An address that needs no look-up is used at once, and not a turn of the event loop later.
    const lookup = (host: string, _: unknown, found: (error: null, address: string, family: number) => void) =>
      found(null, host, this.#isV6 ? 6 : 4);
    this.#socket = createSocket({ type: this.#isV6 ? "udp6" : "udp4", ipv6Only: this.#isV6 && ip !== "::", lookup });
  }

  get local(): Address {
    return this.#local;
  }

  /** A dual-stack wildcard takes mapped addresses. */
  serves(isV6: boolean): boolean {
    return this.#isV6 === isV6 || this.#ip === "::";
  }

  /** @throws the system's error */
  async bind(port: number): Promise<void> {
    const socket = this.#socket;
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind({ address: this.#ip, port, exclusive: true }, () => {
        socket.off("error", reject);
        resolve();
      });
    });
    const { port: real } = socket.address();
    this.#local = { ip: canonicalIp(this.#ip), port: real };
    socket.on("error", ignore); // of single datagrams
    socket.on("message", (bytes: Uint8Array, from: RemoteInfo) => this.#onMessage(bytes, from));
    this.#quirks.growBuffer(socket, RECEIVE_BUFFER_BYTES);
  }

  send(bytes: Uint8Array, to: Address): void {
    if (this.#closed || queueSize(this.#socket) > SEND_QUEUE_BYTES) return;
    const ip = this.#isV6 && !to.ip.includes(":") ? `::ffff:${to.ip}` : to.ip;
    try {
      this.#socket.send(bytes, 0, bytes.length, to.port, ip);
    } catch {
      // A port or address that can't be sent to: the datagram is lost.
    }
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    return new Promise((resolve) => {
      try {
        this.#socket.close(resolve);
      } catch {
        resolve(); // it never got as far as being open
      }
    });
  }

  #onMessage(bytes: Uint8Array, from: RemoteInfo): void {
    if (this.#closed) return;
    const own = this.#quirks.wastesBuffers ? fitDatagram(bytes) : bytes;
    this.#handler.message(own, { ip: canonicalIp(from.address), port: from.port }, this.#local);
  }
}

/** @returns the families a wildcard stands for; undefined: it is none */
function familiesOf(host: string): readonly number[] | undefined {
  if (host === "" || host === "::") return [4, 6];
  return host === "0.0.0.0" ? [4] : undefined;
}

/** Without link-local ones, which mean something only together with an interface. */
function localAddresses(families: readonly number[]): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const wanted = all.filter(({ address }) => families.includes(isIPv6(address) ? 6 : 4) && !/^fe80:/i.test(address));
  return [...new Set(wanted.map(({ address }) => address))];
}

/** For runtimes whose node:dgram does all it says. */
export const noDatagramQuirks: DatagramQuirks = {
  growBuffer(socket, bytes) {
    try {
      socket.setRecvBufferSize(bytes);
    } catch {
      // The system's own size has to do.
    }
  },
  wastesBuffers: false,
};

/** 0 where the runtime does not tell. */
function queueSize(socket: Socket): number {
  return typeof socket.getSendQueueSize === "function" ? socket.getSendQueueSize() : 0;
}

function ignore(): void {}
