// The TLS server of one option set, kept for as long as some table needs it: sessions survive reloads.

import type { Runtime } from "../net/runtime.ts";
import type { SecureServer, SecureSettings } from "../net/tls.ts";

/** Keys of session tickets are no older: whoever steals one reads no more than a day of recorded traffic. */
const ROTATE_MS = 24 * 60 * 60 * 1000;

/** Sessions of one option set can't be resumed under another: each has its own keys. */
export class OptionServer {
  readonly #runtime: Pick<Runtime, "secureServer">;
  readonly #settings: SecureSettings;
  #server: SecureServer;
  #since: number;

  /**
   * @param now milliseconds of any clock
   * @throws {ProxyError} `bad-tls-options`
   */
  constructor(runtime: Pick<Runtime, "secureServer">, settings: SecureSettings, now: number) {
    this.#runtime = runtime;
    this.#settings = settings;
    this.#server = runtime.secureServer(settings);
    this.#since = now;
  }

  /** With other ticket keys once a day; clients with older tickets do a whole handshake. */
  get(now: number): SecureServer {
    if (now - this.#since >= ROTATE_MS) {
      this.#server = this.#runtime.secureServer(this.#settings);
      this.#since = now;
    }
    return this.#server;
  }
}

/** For `StateStore.take`. */
export function isOptionServer(value: unknown): value is OptionServer {
  return value instanceof OptionServer;
}
