// The log of one pod: the last lines, and whoever follows them.

import type { LogLine, PodLog } from "../api/context.ts";

const KEPT = 1000; // lines per pod

/** A bounded log. */
export class RingLog implements PodLog {
  #lines: LogLine[] = [];
  readonly #listeners = new Set<(line: LogLine) => void>();

  lines(): readonly LogLine[] {
    return this.#lines.slice(-KEPT);
  }

  follow(listener: (line: LogLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds a line. */
  write(line: LogLine): void {
    this.#lines.push(line);
    if (this.#lines.length >= 2 * KEPT) this.#lines = this.#lines.slice(-KEPT); // rarely, so that a line costs little
    for (const listener of this.#listeners) listener(line);
  }
}
