// Standard output and error: written at once where the reader keeps up, kept in order where it does not.

import { writeSync } from "node:fs";
import { Buffer } from "node:buffer";
import { errorCode } from "./socket-error.ts";

const RETRY_MS = 5; // how soon a full pipe is tried again
const LIMIT_BYTES = 16 * 1024 * 1024; // a reader that hangs costs this much memory, then texts are dropped
const LAST_WAIT_MS = 2000; // how long the end of the process waits for a reader that does not keep up

/** One output of the process. `process.stdout` loses what a pipe did not take when the process exits. */
export class Output {
  readonly #file: number;
  #queue: Buffer[] = [];
  #queued = 0;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  /** @param file the descriptor: 1 or 2 */
  constructor(file: number) {
    this.#file = file;
  }

  /** Writes, or keeps for later what a full pipe does not take. */
  write(text: string): void {
    if (this.#queued > LIMIT_BYTES) return;
    const bytes = Buffer.from(text);
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#timer === undefined) this.#flush();
  }

  /** Blocks until everything is out, or two seconds have passed. */
  drain(): void {
    clearTimeout(this.#timer);
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    const until = performance.now() + LAST_WAIT_MS;
    while (!this.#send() && performance.now() < until) Atomics.wait(nothing, 0, 0, RETRY_MS);
  }

  #flush(): void {
    this.#timer = this.#send() ? undefined : setTimeout(() => this.#flush(), RETRY_MS);
  }

  /** @returns whether nothing is left */
  #send(): boolean {
    while (this.#queue[0] !== undefined) {
      const sent = this.#sendOne(this.#queue[0]);
      this.#queued -= sent;
      if (sent < this.#queue[0].length) {
        this.#queue[0] = this.#queue[0].subarray(sent);
        return false;
      }
      this.#queue.shift();
    }
    return true;
  }

  /** @returns bytes that are done with: taken, or owed to a reader that left, which is no reason to stop serving */
  #sendOne(bytes: Buffer): number {
    try {
      return writeSync(this.#file, bytes);
    } catch (error) {
      return errorCode(error) === "EAGAIN" ? 0 : bytes.length;
    }
  }
}
