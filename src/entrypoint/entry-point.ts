// A named listener: accepts connections, serves HTTP/1.1 on them, and stops without losing a request.

import { textResponse } from "../http/response.ts";
import type { Handler } from "../http/handler.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { Listener, Runtime } from "../net/runtime.ts";
import type { Http1Options } from "./http1-server.ts";
import { Http1Server } from "./http1-server.ts";

/** Where an entry point listens, and how it serves. */
export interface EntryPointOptions {
  readonly host: string;
  readonly port: number;
  readonly reusePort: boolean;
  /** Open connections; undefined: no cap. */
  readonly maxConnections: number | undefined;
  readonly http1: Http1Options;
}

/** See the file's sentence. */
export class EntryPoint {
  readonly name: string;
  readonly #runtime: Runtime;
  readonly #options: EntryPointOptions;
  readonly #server: Http1Server;
  #listener: Listener | undefined = undefined;

  constructor(runtime: Runtime, deadlines: Deadlines, options: EntryPointOptions) {
    this.name = options.http1.entryPoint;
    this.#runtime = runtime;
    this.#options = options;
    this.#server = new Http1Server(options.http1, deadlines, () => textResponse(404, "404 page not found\n"));
  }

  /** The address it listens on; the port asked for before it is open. */
  get address(): { readonly host: string; readonly port: number } {
    return { host: this.#options.host, port: this.#listener?.port ?? this.#options.port };
  }

  /** True between `open` and `close`. */
  get isOpen(): boolean {
    return this.#listener !== undefined;
  }

  /** Open client connections. */
  get connections(): number {
    return this.#server.connections;
  }

  /** Replaces what answers; requests under way keep what they began with. */
  set handler(handler: Handler) {
    this.#server.handler = handler;
  }

  /** Begins to accept. @throws {ProxyError} `listen-failed` */
  async open(): Promise<void> {
    const { host, port, reusePort, maxConnections } = this.#options;
    const options = { host, port, reusePort, ...(maxConnections !== undefined && { maxConnections }) };
    this.#listener = await this.#runtime.listen(options, (connection) => this.#server.serve(connection));
  }

  /**
   * Stops accepting, lets requests finish, then cuts what is left.
   * @param graceMs how long requests under way may take
   */
  async close(graceMs: number): Promise<void> {
    const freed = this.#listener?.close();
    const drained = this.#server.drain();
    const cut = setTimeout(() => this.#server.destroy(), graceMs);
    await drained;
    clearTimeout(cut);
    await freed;
  }
}
