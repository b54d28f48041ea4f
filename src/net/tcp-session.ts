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
  /** From the ClientHello; undefined without TLS, or where the client names no server. */
  readonly serverName?: string | undefined;
  /** The client was told to go on with TLS by PostgreSQL's own start; a server that decrypts must be asked likewise. */
  readonly isPostgres?: boolean;
}

/** A connection that is being proxied. */
export class TcpSession {
  /** Not read from before somebody sets its handler; first bytes that were looked at are delivered again. */
  readonly client: Connection;
  readonly entryPoint: string;
  readonly serverName: string | undefined;
  readonly isPostgres: boolean;
  readonly idleMs: number;
  /** Name of the router that took it, for the log. */
  routerName = "";
  isOver = false;
  #listeners: (() => void)[] = [];

  constructor(client: Connection, facts: TcpSessionFacts) {
    this.client = client;
    this.entryPoint = facts.entryPoint;
    this.serverName = facts.serverName;
    this.isPostgres = facts.isPostgres ?? false;
    this.idleMs = facts.idleMs;
  }

  /** The client; of the PROXY protocol's header, where one was believed. */
  get remote(): Address {
    return this.client.remote;
  }

  /** Has `listener` called when the connection is over. */
  onOver(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Closes a connection that nobody serves. */
  refuse(): void {
    this.client.destroy();
    this.over();
  }

  /** The client's socket is closed. Called by whoever has taken the connection over. */
  over(): void {
    if (this.isOver) return;
    this.isOver = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}
