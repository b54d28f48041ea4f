// A listener, and whoever serves what it accepts: the two may change independently of each other.

import type { Connection } from "../net/connection.ts";
import type { Listener } from "../net/runtime.ts";

type Serve = (connection: Connection) => void;

/** Tries to get the port again that was just given up: it may take the system a moment. */
const REOPEN_TRIES = 50;
const REOPEN_PAUSE_MS = 20;

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
   * Listens anew at the same port; connections stay. For a moment, nobody can connect.
   * @param listen opens another listener at that port
   * @throws {ProxyError} `listen-failed`
   */
  reopen(listen: (port: number) => Promise<Listener>): Promise<void> {
    return this.#reopening ??= this.#reopen(listen).finally(() => {
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

  async #reopen(listen: (port: number) => Promise<Listener>): Promise<void> {
    const { listener } = this;
    if (listener === undefined || this.#closed) return;
    await listener.close();
    for (let tries = 1; !this.#closed; tries++) {
      try {
        this.listener = await listen(listener.port);
        return;
      } catch (error) {
        if (tries >= REOPEN_TRIES) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, REOPEN_PAUSE_MS));
    }
  }
}
