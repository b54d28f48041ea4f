// HPACK, reading: RFC 7541. Fields leave as objects that know already what they are to a message.

import { toLatin1 } from "../net/bytes.ts";
import { Field } from "./field.ts";
import type { Role } from "./fault.ts";
import { ConnectionFault } from "./fault.ts";
import { decodeHuffman } from "./huffman.ts";
import { DEFAULT_TABLE, errorCode } from "./protocol.ts";
import { STATIC_SIZE, staticTable } from "./static-table.ts";

/** Integers beyond are refused, so that none gets near what a number can't hold exactly. */
const MOST_INTEGER = 2 ** 28;

/** Takes fields in order. */
export interface FieldSink {
  add(field: Field): void;
}

const staticFields: readonly Field[] = staticTable.map(([name, value]) => new Field(name, value));

/** The state of one connection's incoming header blocks. */
export class HpackDecoder {
  /** Advances with each change of the table; while it stands still, the same bytes mean the same fields. */
  generation = 0;
  readonly #role: Role;
  /** Oldest first; those before `#oldest` are evicted and wait to be cut off. */
  #fields: (Field | undefined)[] = [];
  #oldest = 0;
  #size = 0;
  #capacity = DEFAULT_TABLE;
  /** What our settings say, and what they allow now: until the peer knows of a smaller table, it may use the usual one. */
  readonly #setting: number;
  #limit: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  /** @param setting bytes of the table that the peer is told of, up to 2^28 */
  constructor(role: Role, setting = DEFAULT_TABLE) {
    this.#role = role;
    this.#setting = setting;
    this.#limit = Math.max(setting, DEFAULT_TABLE);
  }

  /** The peer knows of our settings. RFC 9113 §4.3.1: if it had more, its next block says that it has less. */
  acknowledged(): void {
    this.#limit = this.#setting;
    if (this.#capacity > this.#limit) this.generation++;
  }

  /**
   * Decodes a whole block.
   * @throws {ConnectionFault} COMPRESSION_ERROR: the table can't be trusted any more
   */
  decode(bytes: Uint8Array, start: number, end: number, sink: FieldSink): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#readSizeUpdates();
    while (this.#at < end) {
      const byte = bytes[this.#at] ?? 0;
      if (byte >= 0x80) sink.add(this.#field(byte < 0xff ? this.#step(byte & 0x7f) : this.#integer(7)));
      else if (byte >= 0x40) {
        const field = this.#literal(6);
        this.#insert(field);
        sink.add(field);
      } else if (byte < 0x20) sink.add(this.#literal(4));
      else throw this.#fault("a table size update stands behind a field");
    }
  }

  #readSizeUpdates(): void {
    while (this.#at < this.#end && ((this.#bytes[this.#at] ?? 0) & 0xe0) === 0x20) {
      const capacity = this.#integer(5);
      if (capacity > this.#limit) throw this.#fault("a table size update exceeds the setting");
      this.#capacity = capacity;
      this.generation++;
      this.#evict(capacity);
    }
    if (this.#capacity > this.#limit) throw this.#fault("the table is larger than the setting");
  }

  #step(value: number): number {
    this.#at++;
    return value;
  }

  /** §5.1. @param bits of the first byte that belong to the integer */
  #integer(bits: number): number {
    const most = (1 << bits) - 1;
    let value = (this.#bytes[this.#at++] ?? 0) & most;
    if (value < most) return value;
    for (let factor = 1;; factor *= 128) {
      if (this.#at >= this.#end) throw this.#fault("an integer is cut off");
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (value > MOST_INTEGER || factor > MOST_INTEGER) throw this.#fault("an integer is too large");
      if (byte < 0x80) return value;
    }
  }

  #field(index: number): Field {
    const field = index <= STATIC_SIZE
      ? staticFields[index - 1]
      : this.#fields[this.#fields.length - (index - STATIC_SIZE)];
    if (field === undefined) throw this.#fault("an index points outside the tables");
    return field;
  }

  #literal(bits: number): Field {
    const index = this.#integer(bits);
    const name = index === 0 ? this.#string() : this.#field(index).name;
    return new Field(name, this.#string());
  }

  /** §5.2. */
  #string(): string {
    if (this.#at >= this.#end) throw this.#fault("a text is missing");
    const isCoded = (this.#bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#integer(7);
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) throw this.#fault("a text is longer than its block");
    this.#at = end;
    if (!isCoded) return toLatin1(this.#bytes, start, end);
    const text = decodeHuffman(this.#bytes, start, end);
    if (text === undefined) throw this.#fault("a text has a broken Huffman code");
    return text;
  }

  /** §4.4: a field larger than the table empties it. */
  #insert(field: Field): void {
    this.generation++;
    this.#evict(this.#capacity - field.size);
    if (field.size > this.#capacity) return;
    this.#fields.push(field);
    this.#size += field.size;
  }

  #evict(capacity: number): void {
    while (this.#size > capacity && this.#oldest < this.#fields.length) {
      this.#size -= this.#fields[this.#oldest]?.size ?? 0;
      this.#fields[this.#oldest++] = undefined;
    }
    if (this.#oldest < 64 || this.#oldest * 2 < this.#fields.length) return;
    this.#fields = this.#fields.slice(this.#oldest);
    this.#oldest = 0;
  }

  #fault(detail: string): ConnectionFault {
    return new ConnectionFault(this.#role, errorCode.compression, `a header block is broken: ${detail}`);
  }
}
