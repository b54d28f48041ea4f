// A connection whose ends are those that a PROXY protocol header told.

import type { Address, Connection, ConnectionHandler, ConnectionStreams } from "../net/connection.ts";

/** Everything but the addresses is the connection's own; what arrives takes no detour. */
export class ProxiedConnection implements Connection {
  readonly remote: Address;
  readonly local: Address;
  readonly #inner: Connection;

  constructor(inner: Connection, ends: { readonly remote: Address; readonly local: Address }) {
    this.#inner = inner;
    this.remote = ends.remote;
    this.local = ends.local;
  }

  get pending(): number {
    return this.#inner.pending;
  }

  get closed(): boolean {
    return this.#inner.closed;
  }

  get streams(): ConnectionStreams {
    return this.#inner.streams;
  }

  handle(handler: ConnectionHandler): void {
    this.#inner.handle(handler);
  }

  write(data: Uint8Array | string): boolean {
    return this.#inner.write(data);
  }

  writeTogether(head: string, body: Uint8Array): boolean {
    return this.#inner.writeTogether(head, body);
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  end(): void {
    this.#inner.end();
  }

  reset(): void {
    this.#inner.reset();
  }

  destroy(): void {
    this.#inner.destroy();
  }
}
