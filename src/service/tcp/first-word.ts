// A server that a silent client was given to on a guess: who speaks first, client or server, shows whether it was right.

import type { Connection, ConnectionHandler } from "../../net/connection.ts";
import type { Deadlines, Waiting } from "../../net/deadlines.ts";
import { ProxyError } from "../../net/error.ts";

/** Listens to the server until it is told to stop; each of them is called at most once. */
export interface FirstWordListener {
  /**
   * The server has said that; undefined: it has sent FIN without a word. Whoever is told sets the connection's next
   * handler at once.
   */
  serverSpoke(word: FirstWord, chunk: Uint8Array | undefined): void;
  /** The server's connection is gone, or was given up after a silence of both that lasted too long. */
  serverLeft(error: ProxyError | undefined): void;
}

/** Handles the server's connection while neither side has spoken. */
export class FirstWord implements ConnectionHandler, Waiting {
  deadline = 0;
  readonly server: Connection;
  readonly #deadlines: Deadlines;
  readonly #listener: FirstWordListener;
  #isOver = false;

  /** @param idleMs how long both may be silent; 0: for ever */
  constructor(server: Connection, deadlines: Deadlines, idleMs: number, listener: FirstWordListener) {
    this.server = server;
    this.#deadlines = deadlines;
    this.#listener = listener;
    deadlines.add(this);
    this.deadline = idleMs === 0 ? 0 : deadlines.now + idleMs;
    server.handle(this);
    server.resume();
  }

  /** The client speaks: the server is somebody else's business now. */
  stop(): void {
    this.#isOver = true;
    this.deadline = 0;
    this.#deadlines.remove(this);
  }

  data(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.stop();
    this.#listener.serverSpoke(this, chunk);
  }

  drain(): void {
    // a PROXY protocol header at most was written
  }

  end(): void {
    if (this.#isOver) return;
    this.stop();
    this.#listener.serverSpoke(this, undefined);
  }

  close(error?: ProxyError): void {
    if (this.#isOver) return;
    this.stop();
    this.#listener.serverLeft(error);
  }

  expire(): void {
    if (this.#isOver) return;
    this.stop();
    this.server.destroy();
    const message = "nothing moved for too long";
    this.#listener.serverLeft(new ProxyError(message, { code: "idle-timeout", source: "internal", status: 504 }));
  }
}
