// Idle connections to one backend address, newest first.

import type { UpstreamConnection } from "./upstream-connection.ts";

/** The idle connections of one `host:port`. The newest is used first, so that surplus ones age out. */
export class Pool {
  readonly #idle: UpstreamConnection[] = [];
  readonly #maxIdle: number;

  constructor(maxIdle: number) {
    this.#maxIdle = maxIdle;
  }

  /** How many wait. */
  get size(): number {
    return this.#idle.length;
  }

  /** A connection to use, or undefined: dial one. */
  take(): UpstreamConnection | undefined {
    return this.#idle.pop();
  }

  /** Takes a connection whose exchange is over. @returns false when there are enough already */
  put(connection: UpstreamConnection): boolean {
    if (this.#idle.length >= this.#maxIdle) return false;
    this.#idle.push(connection);
    return true;
  }

  /** Forgets a connection that closed while it waited. */
  remove(connection: UpstreamConnection): void {
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
  }

  /** Closes all that wait. */
  clear(): void {
    for (const connection of this.#idle.splice(0)) connection.discard();
  }
}
