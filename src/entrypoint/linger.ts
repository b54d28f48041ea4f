// The end of a connection that was refused with an answer: it must arrive, which a reset would prevent.

import type { Connection, ConnectionHandler } from "../net/connection.ts";
import type { Deadlines, Waiting } from "../net/deadlines.ts";

const LINGER_MS = 2_000;

/** Sends a last answer and FIN, then reads and forgets what still comes, for a moment. Becomes the handler. */
export function lingerAndClose(connection: Connection, answer: Uint8Array, deadlines: Deadlines): void {
  const lingering = new Lingering(connection, deadlines);
  connection.handle(lingering);
  connection.write(answer);
  connection.end();
}

class Lingering implements ConnectionHandler, Waiting {
  deadline: number;
  readonly #connection: Connection;
  readonly #deadlines: Deadlines;

  constructor(connection: Connection, deadlines: Deadlines) {
    this.#connection = connection;
    this.#deadlines = deadlines;
    deadlines.add(this); // before anybody asks for the time
    this.deadline = deadlines.now + LINGER_MS;
  }

  data(): void {
    // nobody wants it
  }

  drain(): void {
    // nothing more is written
  }

  end(): void {
    // both directions are over: the close event follows
  }

  close(): void {
    this.#deadlines.remove(this);
  }

  expire(): void {
    this.#connection.destroy();
  }
}
