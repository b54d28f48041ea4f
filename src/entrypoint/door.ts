// A listener, and whoever serves what it accepts: the two may change independently of each other.

import type { Connection } from "../net/connection.ts";
import type { Listener } from "../net/runtime.ts";

type Serve = (connection: Connection) => void;

/** While nobody serves, connections wait; not a byte of them is read. */
export class Door {
  /** Open as soon as it is set. */
  listener: Listener | undefined = undefined;
  #serve: Serve | undefined = undefined;
  #waiting: Connection[] = [];

  /** For the listener. */
  readonly accept = (connection: Connection): void => {
    if (this.#serve === undefined) this.#waiting.push(connection);
    else this.#serve(connection);
  };

  /** From now on, `serve` gets what is accepted, and what waits. */
  lead(serve: Serve): void {
    this.#serve = serve;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const connection of waiting) serve(connection);
  }

  /** Accepts no more. Resolves when the port is free. */
  async close(): Promise<void> {
    for (const connection of this.#waiting) connection.destroy();
    this.#waiting = [];
    await this.listener?.close();
  }
}
