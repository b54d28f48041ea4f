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
  #reopening: Promise<void> | undefined = undefined;
  #closed = false;

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

  /**
   * Makes sure that TLS can be spoken on what is accepted; connections stay.
   * @throws {ProxyError} `listen-failed`
   */
  admitTls(): Promise<void> {
    return this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
  }

  /** Resolves when nothing is being reopened. */
  async settled(): Promise<void> {
    await this.#reopening?.catch(() => undefined); // told to whoever asked for it
  }

  /** Accepts no more. Resolves when the port is free. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const connection of this.#waiting) connection.destroy();
    this.#waiting = [];
    // At once where nothing is being reopened: whoever sees an idle connection end finds the port closed.
    if (this.#reopening !== undefined) await this.settled();
    await this.listener?.close();
  }

  async #reopen(): Promise<void> {
    const { listener } = this;
    if (listener?.reopenForUpgrade === undefined || this.#closed) return;
    this.listener = await listener.reopenForUpgrade();
  }
}
