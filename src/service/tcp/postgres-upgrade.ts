// Asks a PostgreSQL server for TLS, as the client behind us did: eight bytes, answered with one.

import type { Connection, ConnectionHandler } from "../../net/connection.ts";
import type { Deadlines, Waiting } from "../../net/deadlines.ts";
import { ProxyError } from "../../net/error.ts";
import { POSTGRES_YES } from "../../net/postgres-start.ts";

/** SSLRequest: a length of 8, and the code 80877103. */
const TLS_REQUEST = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);
const YES = POSTGRES_YES.charCodeAt(0);

/** The question on its way; it begins at once, and ends before anything else is read of the server. */
export class PostgresUpgrade implements ConnectionHandler, Waiting {
  deadline = 0;
  readonly #server: Connection;
  readonly #deadlines: Deadlines;
  readonly #settle: (error: ProxyError | undefined) => void;
  #isOver = false;

  /**
   * @param timeoutMs for the answer; 0: none
   * @param settle told once; without an error the connection is paused, and its next handler is to be set
   */
  constructor(
    server: Connection,
    deadlines: Deadlines,
    timeoutMs: number,
    settle: (error: ProxyError | undefined) => void,
  ) {
    this.#server = server;
    this.#deadlines = deadlines;
    this.#settle = settle;
    deadlines.add(this);
    this.deadline = timeoutMs === 0 ? 0 : deadlines.now + timeoutMs;
    server.handle(this);
    server.write(TLS_REQUEST);
  }

  /** The client is gone. */
  cancel(): void {
    if (!this.#isOver) this.#end(undefined, false);
    this.#server.destroy();
  }

  data(chunk: Uint8Array): void {
    if (chunk[0] !== YES) return this.#fail("the PostgreSQL server does not speak TLS");
    // Bytes behind the answer came in clear: whoever put them there wants them taken for the server's own.
    if (chunk.length > 1) return this.#fail("the PostgreSQL server sent more than its answer before TLS");
    this.#server.pause();
    this.#end(undefined, true);
  }

  drain(): void {
    // the question is eight bytes
  }

  end(): void {
    this.#fail("the PostgreSQL server closed the connection when asked for TLS");
  }

  close(error?: ProxyError): void {
    this.#fail("the PostgreSQL server closed the connection when asked for TLS", error);
  }

  expire(): void {
    this.#fail("the PostgreSQL server did not answer when asked for TLS");
  }

  #fail(message: string, cause?: ProxyError): void {
    if (this.#isOver) return;
    this.#server.destroy();
    this.#end(new ProxyError(message, { code: "postgres-tls-refused", source: "upstream", status: 502, cause }), true);
  }

  #end(error: ProxyError | undefined, tells: boolean): void {
    this.#isOver = true;
    this.deadline = 0;
    this.#deadlines.remove(this);
    if (tells) this.#settle(error);
  }
}
