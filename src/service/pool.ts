// Idle connections to one backend address, newest first.

import type { DialOptions } from "../net/runtime.ts";
import type { UpstreamConnection } from "./upstream-connection.ts";

/** The idle connections of one `host:port`. The newest is used first, so that surplus ones age out. */
export class Pool {
  /** How another connection is dialled. */
  readonly dialOptions: DialOptions;
  readonly #idle: UpstreamConnection[] = [];
  readonly #maxIdle: number;
  #retired = false;
  /** When it was last asked for, by the clock of the transport's deadlines. */
  usedAt = 0;

  constructor(maxIdle: number, dialOptions: DialOptions) {
    this.#maxIdle = maxIdle;
    this.dialOptions = dialOptions;
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
    if (this.#retired || this.#idle.length >= this.#maxIdle) return false;
    this.#idle.push(connection);
    return true;
  }

  /** Forgets a connection that closed while it waited. */
  remove(connection: UpstreamConnection): void {
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
  }

  /** Nobody will take from it any more: takes no connections either. */
  retire(): void {
    this.#retired = true;
    this.clear();
  }

  /** Closes all that wait. */
  clear(): void {
    for (const connection of this.#idle.splice(0)) connection.discard();
  }
}
