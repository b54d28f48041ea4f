// TCP and HTTP on the connections of one entry point: who gets each of them, and what is left of them at a shutdown.

import type { Address, Connection } from "../net/connection.ts";
import type { Deadlines } from "../net/deadlines.ts";
import { type TakeBack, TcpSession } from "../net/tcp-session.ts";
import type { FirstBytes } from "../net/tls.ts";
import type { TcpRoute, TcpTable } from "../router/tcp-table.ts";
import { decideConnection } from "../router/tcp-table.ts";
import { FirstBytesReader } from "./first-bytes-reader.ts";
import { ProxiedConnection } from "./proxied-connection.ts";

/** Settings and ears of one entry point. */
export interface TcpServerOptions {
  readonly entryPoint: string;
  /** Milliseconds for the first bytes: PROXY protocol header, ClientHello. 0: none. */
  readonly firstBytesMs: number;
  /**
   * Milliseconds of silence after which a client is taken for one that waits for the server to speak first; then the
   * plain route gets the connection that would have it. 0: never.
   */
  readonly silenceMs: number;
  /** Milliseconds in which not a byte of a connection moves, after which it is closed; 0: none. */
  readonly idleMs: number;
  /** Whose PROXY protocol headers are believed; undefined: such headers are not looked for. */
  readonly trustsProxy: ((ip: string) => boolean) | undefined;
  /** A connection was closed for what its first bytes were. */
  rejected(reason: string, remote: Address): void;
}

/** What was read of a connection before it was decided who gets it. */
export interface ReadSoFar {
  readonly bytes: Uint8Array;
  readonly ended: boolean;
}

/** The ends of a connection as a PROXY protocol header tells them. */
export interface ToldAddresses {
  readonly remote: Address;
  readonly local: Address;
}

/** Takes a connection that speaks HTTP. */
export type ServeHttp = (connection: Connection, read: ReadSoFar | undefined) => void;

/** Takes a connection whose client wants HTTPS. */
export type ServeHttps = (connection: Connection, first: FirstBytes, told: ToldAddresses | undefined) => void;

/** What is known besides, when a route gets a connection. */
export interface Handover {
  readonly read?: ReadSoFar | undefined;
  readonly told?: ToldAddresses | undefined;
  readonly serverName?: string | undefined;
  readonly isPostgres?: boolean;
  readonly takeBack?: TakeBack;
}

/** Decides who gets each connection of an entry point. */
export class TcpServer {
  readonly options: TcpServerOptions;
  readonly deadlines: Deadlines;
  /** What connections are given to; one keeps the route it was given to. undefined: HTTP has them all. */
  table: TcpTable | undefined = undefined;
  readonly #serveHttp: ServeHttp;
  readonly #serveHttps: ServeHttps;
  readonly #readers = new Set<FirstBytesReader>();
  readonly #sessions = new Set<TcpSession>();
  #draining = false;
  #drained: (() => void) | undefined = undefined;

  constructor(
    options: TcpServerOptions,
    deadlines: Deadlines,
    serve: { readonly http: ServeHttp; readonly https: ServeHttps },
  ) {
    this.options = options;
    this.deadlines = deadlines;
    this.#serveHttp = serve.http;
    this.#serveHttps = serve.https;
  }

  /** Connections that are TCP's, or undecided. */
  get connections(): number {
    return this.#readers.size + this.#sessions.size;
  }

  /** Takes over an accepted connection. */
  serve(connection: Connection): void {
    if (this.options.trustsProxy === undefined) {
      const { table } = this;
      if (table === undefined) return this.#serveHttp(connection, undefined);
      const verdict = decideConnection(table, UNREAD, connection.remote.ip);
      if (verdict.kind === "tcp") return this.give(connection, verdict.route, {});
      if (verdict.kind === "http") return this.#serveHttp(connection, undefined);
    }
    if (this.#draining) return connection.destroy();
    const reader = new FirstBytesReader(this, connection);
    this.#readers.add(reader);
    reader.begin();
  }

  /** A route gets a connection. */
  give(connection: Connection, route: TcpRoute, handover: Handover): void {
    const { read, told, serverName, isPostgres = false, takeBack } = handover;
    const { entryPoint, idleMs } = this.options;
    const session = new TcpSession(connection, {
      entryPoint,
      idleMs,
      remote: told?.remote,
      local: told?.local,
      serverName,
      isPostgres,
      first: read?.bytes,
      ended: read?.ended ?? false,
      takeBack,
    });
    this.#sessions.add(session);
    session.onOver(() => this.#forget(session));
    route.handler(session);
  }

  /** HTTP gets a connection. */
  giveHttp(connection: Connection, { read, told }: Handover): void {
    this.#serveHttp(told === undefined ? connection : new ProxiedConnection(connection, told), read);
  }

  /** HTTPS gets a connection. */
  giveHttps(connection: Connection, first: FirstBytes, told: ToldAddresses | undefined): void {
    this.#serveHttps(connection, first, told);
  }

  /** A connection that a route was guessed for is to be decided upon after all. @returns false: it is too late */
  undecided(reader: FirstBytesReader): boolean {
    if (!this.#draining) this.#readers.add(reader);
    return !this.#draining;
  }

  /** The first bytes of a connection are decided upon, or it is over. */
  decided(reader: FirstBytesReader): void {
    this.#readers.delete(reader);
    this.#lookIfDrained();
  }

  /** Cuts the connections whose handshake is still under way. */
  cutHandshakes(): void {
    for (const session of this.#sessions) if (session.isInHandshake) session.cut();
  }

  /** Cuts every connection that is still open. */
  destroy(): void {
    for (const reader of this.#readers) reader.cut();
    for (const session of this.#sessions) session.cut();
  }

  /** Closes what has not begun; TCP connections go on until somebody ends them. Resolves when none is left. */
  drain(): Promise<void> {
    this.#draining = true;
    for (const reader of this.#readers) reader.cut();
    if (this.connections === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  #forget(session: TcpSession): void {
    this.#sessions.delete(session);
    this.#lookIfDrained();
  }

  #lookIfDrained(): void {
    if (this.#draining && this.connections === 0) this.#drained?.();
  }
}

const UNREAD = { kind: "unread" } as const;
