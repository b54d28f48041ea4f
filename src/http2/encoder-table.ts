// The dynamic table as the encoder needs it: which line was sent when.

import { DEFAULT_TABLE } from "./protocol.ts";

const OVERHEAD = 32;
/** Fields larger than this share of the table would drive everything else out. */
const LARGEST_SHARE = 0.25;

/** An entry: its texts and its bytes as HPACK counts them. */
interface Entry {
  readonly line: string;
  readonly name: string;
  readonly size: number;
}

/**
 * Entries are numbered from 1 on as they are added. How far back one is, is its index in the peer's table:
 * ```
 * number     … 5     6     7 = #added
 * distance     3     2     1
 * ```
 */
export class EncoderTable {
  capacity = DEFAULT_TABLE;
  #added = 0;
  #evicted = 0;
  #size = 0;
  readonly #entries = new Map<number, Entry>();
  readonly #byLine = new Map<string, number>();
  readonly #byName = new Map<string, number>();

  /** How far back a line is; 0: it isn't there. */
  distance(line: string): number {
    const number = this.#byLine.get(line);
    return number === undefined ? 0 : this.#added - number + 1;
  }

  /** How far back the last line of that name is; 0: there is none. */
  nameDistance(name: string): number {
    const number = this.#byName.get(name);
    return number === undefined ? 0 : this.#added - number + 1;
  }

  /** Whether a field is worth a place. */
  fits(name: string, value: string): boolean {
    return name.length + value.length + OVERHEAD <= this.capacity * LARGEST_SHARE;
  }

  /** Adds a line that fits. @param line the key it is looked up by, as the sender spells it */
  add(line: string, name: string, valueLength: number): void {
    const size = name.length + valueLength + OVERHEAD;
    this.#evict(this.capacity - size);
    const number = ++this.#added;
    this.#size += size;
    this.#entries.set(number, { line, name, size });
    this.#byLine.set(line, number);
    this.#byName.set(name, number);
  }

  /** Changes the size, and forgets what has no room any more. */
  resize(capacity: number): void {
    this.capacity = capacity;
    this.#evict(capacity);
  }

  #evict(capacity: number): void {
    while (this.#size > capacity) {
      const number = ++this.#evicted;
      const entry = this.#entries.get(number);
      if (entry === undefined) return;
      this.#size -= entry.size;
      this.#entries.delete(number);
      if (this.#byLine.get(entry.line) === number) this.#byLine.delete(entry.line);
      if (this.#byName.get(entry.name) === number) this.#byName.delete(entry.name);
    }
  }
}
