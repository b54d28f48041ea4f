// One client's TCP connection on its way from the entry point to a server, and what may take it.

import type { Address, Connection } from "./connection.ts";

/**
 * Takes a connection over: from now on the client's socket is its business. It must call `session.over` exactly once,
 * when that socket is closed.
 */
export type TcpHandler = (session: TcpSession) => void;

/** Stands before a handler: refuses a connection, or passes it on. */
export type TcpMiddleware = (next: TcpHandler) => TcpHandler;

/** What the entry point knows of a connection. */
export interface TcpSessionFacts {
  readonly entryPoint: string;
  /** Milliseconds in which not a byte moves, after which it is closed; 0: none. */
  readonly idleMs: number;
  /** The client, where a PROXY protocol header told another one than the connection has. */
  readonly remote?: Address | undefined;
  /** What the client connected to, likewise. */
  readonly local?: Address | undefined;
  /** From the ClientHello; undefined without TLS, or where the client names no server. */
  readonly serverName?: string | undefined;
  /** The client was told to go on with TLS by PostgreSQL's own start; a server that decrypts must be asked likewise. */
  readonly isPostgres?: boolean;
  /** What was read of it already. Default: nothing. */
  readonly first?: Uint8Array | undefined;
  /** The client has sent FIN already. */
  readonly ended?: boolean;
  /** The route is a guess: the client was silent. Default: it is none. */
  readonly takeBack?: TakeBack | undefined;
}

/**
 * Asked with a client's first bytes, while its server has not said a word either.
 * @returns whether they show that the guess was wrong: the client is in other hands then, and the session over
 */
export type TakeBack = (session: TcpSession, bytes: Uint8Array) => boolean;

/** A connection that is being proxied. */
export class TcpSession {
  /** Whoever takes it sets its handler at once. */
  client: Connection;
  readonly remote: Address;
  readonly local: Address;
  readonly entryPoint: string;
  readonly serverName: string | undefined;
  isPostgres: boolean;
  readonly idleMs: number;
  /** First bytes, which the server gets before all others. */
  first: Uint8Array | undefined;
  readonly ended: boolean;
  isOver = false;
  /** TLS is being terminated: nobody has taken the connection yet. */
  isInHandshake = false;
  #takeBack: TakeBack | undefined;
  readonly #listeners: (() => void)[] = [];

  constructor(client: Connection, facts: TcpSessionFacts) {
    this.client = client;
    this.remote = facts.remote ?? client.remote;
    this.local = facts.local ?? client.local;
    this.entryPoint = facts.entryPoint;
    this.serverName = facts.serverName;
    this.isPostgres = facts.isPostgres ?? false;
    this.idleMs = facts.idleMs;
    this.first = facts.first;
    this.ended = facts.ended ?? false;
    this.#takeBack = facts.takeBack;
  }

  /** Its route was chosen because the client was silent, and neither side has spoken since. */
  get isGuess(): boolean {
    return this.#takeBack !== undefined;
  }

  /**
   * Somebody speaks, and the guess is one no more.
   * @param bytes the client's; undefined: it was the server, so that the guess was right
   * @returns whether the client was taken back: it is in other hands then, and the session over
   */
  settle(bytes: Uint8Array | undefined): boolean {
    const takeBack = this.#takeBack;
    this.#takeBack = undefined;
    return bytes !== undefined && takeBack?.(this, bytes) === true;
  }

  /** Has `listener` called when the connection is over. */
  onOver(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** TLS was terminated: from now on the client is what speaks inside, of which nothing was read yet. */
  decrypt(connection: Connection): void {
    this.isInHandshake = false;
    this.client = connection;
    this.first = undefined;
    this.isPostgres = false;
  }

  /** Closes a connection that nobody serves. */
  refuse(): void {
    this.client.destroy();
    this.over();
  }

  /** Cuts it, as a shutdown does whose time is up; whoever has taken it hears of that from the connection. */
  cut(): void {
    this.client.reset();
  }

  /** The client's socket is closed. Called by whoever has taken the connection over. */
  over(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const listener of this.#listeners) listener();
  }
}
