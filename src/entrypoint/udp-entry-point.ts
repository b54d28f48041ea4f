// A named UDP port: keeps a session for each client, and gives each session to a server.

import type { Address } from "../net/connection.ts";
import type { DatagramHandler, DatagramSocket } from "../net/datagram.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import type { Runtime } from "../net/runtime.ts";
import type { UdpHandler } from "../net/udp-handler.ts";
import { UdpSession, type UdpSessionOwner } from "./udp-session.ts";
import { UdpSessionTable } from "./udp-session-table.ts";

/** Where a UDP entry point listens, and how long it waits. */
export interface UdpEntryPointOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Milliseconds in which no datagram of a session comes, after which it ends. */
  readonly timeoutMs: number;
  /** Each has a socket of its own. */
  readonly maxSessions: number;
  /** The port can't be used any more. */
  failed(error: ProxyError): void;
}

/** See the file's sentence. */
export class UdpEntryPoint implements UdpSessionOwner {
  readonly name: string;
  readonly protocol = "udp";
  readonly runtime: Runtime;
  readonly deadlines: Deadlines;
  readonly timeoutMs: number;
  /** What new sessions get their server of; those there are keep theirs. undefined: datagrams are dropped. */
  handler: UdpHandler | undefined = undefined;
  isClosing = false;
  readonly #options: UdpEntryPointOptions;
  #sessions: UdpSessionTable;
  #port: UdpPort | undefined = undefined;
  #drained: (() => void) | undefined = undefined;

  constructor(runtime: Runtime, deadlines: Deadlines, options: UdpEntryPointOptions) {
    this.name = options.name;
    this.runtime = runtime;
    this.deadlines = deadlines;
    this.timeoutMs = options.timeoutMs;
    this.#options = options;
    this.#sessions = new UdpSessionTable(options.maxSessions);
  }

  /** The address it listens on; the port asked for before it is open. */
  get address(): { readonly host: string; readonly port: number } {
    return { host: this.#options.host, port: this.#port?.socket?.port ?? this.#options.port };
  }

  /** True between `open` and `close`. */
  get isOpen(): boolean {
    return this.#port?.socket !== undefined;
  }

  /** Sessions there are. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** Begins to receive. @throws {ProxyError} `listen-failed` */
  async open(): Promise<void> {
    const { host, port } = this.#options;
    const opened = new UdpPort(this);
    opened.socket = await this.runtime.openDatagrams({ host, port }, opened);
    this.#port = opened;
  }

  /** Gets another one's port and sessions; those there are keep their server and their timeout. */
  takeOver(before: UdpEntryPoint): void {
    if (before.#port !== undefined) before.#port.owner = this;
    this.#port = before.#port;
    this.#sessions = before.#sessions;
    before.#sessions = new UdpSessionTable(0);
  }

  /** Everything it had is another's. */
  retire(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Takes no new clients, lets sessions run out, then ends what is left.
   * @param graceMs how long they may take
   */
  async close(graceMs: number): Promise<void> {
    this.isClosing = true;
    for (const session of this.#sessions.all()) session.hasten();
    if (this.#sessions.size > 0 && graceMs > 0) {
      const drained = Promise.withResolvers<void>();
      this.#drained = drained.resolve;
      const cut = setTimeout(drained.resolve, graceMs);
      await drained.promise;
      clearTimeout(cut);
    }
    for (const session of this.#sessions.all()) session.end();
    await this.#port?.socket?.close();
  }

  message(bytes: Uint8Array, remote: Address, local: Address): void {
    const key = `${remote.port} ${remote.ip} ${local.ip}`;
    const session = this.#sessions.use(key) ?? this.#begin(key, remote, local);
    session?.receive(bytes);
  }

  fail(error: ProxyError): void {
    this.#options.failed(error);
    for (const session of this.#sessions.all()) session.end();
  }

  ended(session: UdpSession): void {
    const owner = this.#port?.owner ?? this; // another one, when the port was taken over
    owner.#sessions.delete(session);
    if (owner.isClosing && owner.#sessions.size === 0) owner.#drained?.();
  }

  #begin(key: string, remote: Address, local: Address): UdpSession | undefined {
    const socket = this.#port?.socket;
    if (this.isClosing || socket === undefined) return undefined;
    const lease = this.handler?.({ remote });
    if (lease === undefined) return undefined;
    this.#sessions.victim()?.end();
    const session = new UdpSession(key, { socket, remote, local }, lease, this);
    this.#sessions.add(session);
    return session;
  }
}

/** A socket, and the entry point it belongs to: that may change. */
class UdpPort implements DatagramHandler {
  socket: DatagramSocket | undefined = undefined;
  owner: UdpEntryPoint;

  constructor(owner: UdpEntryPoint) {
    this.owner = owner;
  }

  message(bytes: Uint8Array, remote: Address, local: Address): void {
    this.owner.message(bytes, remote, local);
  }

  fail(error: ProxyError): void {
    this.owner.fail(error);
  }
}
