// HPACK, writing: header lines as a `HeaderList` has them, from text to bytes. What repeats becomes one byte.

import { detach } from "../net/bytes.ts";
import { EncoderTable } from "./encoder-table.ts";
import { encodeHuffman, huffmanLength } from "./huffman.ts";
import type { Output } from "./output.ts";
import { DEFAULT_TABLE } from "./protocol.ts";
import { STATIC_SIZE, staticTable } from "./static-table.ts";
import { wireName, writePolicy } from "./wire-name.ts";

/** Room for an integer and its prefix. */
const INTEGER_BYTES = 6;
const INDEXED = 0x80;
const WITH_INDEXING = 0x40;
const NEVER_INDEXED = 0x10;
const WITHOUT_INDEXING = 0x00;
const SIZE_UPDATE = 0x20;
const HUFFMAN = 0x80;
/** The static entry for the usual status. */
const STATUS_200 = INDEXED | 8;
/** Characters of lines that are remembered because they may come again. */
const REPEATED_TEXT = 2048;

/** Static entries with a value, as lines. */
const staticLines = new Map<string, number>();
for (const [index, [name, value]] of staticTable.entries()) staticLines.set(`${name}: ${value}`, index + 1);

/** The state of one connection's outgoing header blocks. */
export class HpackEncoder {
  /** Advances with each change of the table; while it stands still, the same lines become the same bytes. */
  generation = 0;
  readonly #table = new EncoderTable();
  /** Bytes of the table that we use at most. */
  readonly #most: number;
  /** Sizes the decoder must be told of before the next field; the smallest and the last; undefined: none. */
  #smallest: number | undefined = undefined;
  /** The lines written last, and, once they came twice, what they became while the table stood still. */
  #text = "";
  #bytes: Uint8Array | undefined = undefined;
  #bytesGeneration = 0;

  /** @param most bytes of the table at most, whatever the peer allows */
  constructor(most = DEFAULT_TABLE) {
    this.#most = most;
    this.resize(DEFAULT_TABLE);
  }

  /** The peer set the size of its table. */
  resize(size: number): void {
    const capacity = Math.min(size, this.#most);
    if (capacity === this.#table.capacity && this.#smallest === undefined) return;
    this.#smallest = Math.min(capacity, this.#smallest ?? capacity);
    this.#table.resize(capacity);
    this.generation++;
  }

  /** Begins a block. */
  begin(out: Output): void {
    if (this.#smallest === undefined) return;
    out.reserve(2 * INTEGER_BYTES);
    if (this.#smallest < this.#table.capacity) writeInteger(out, SIZE_UPDATE, 5, this.#smallest);
    writeInteger(out, SIZE_UPDATE, 5, this.#table.capacity);
    this.#smallest = undefined;
  }

  /** Writes `:status`. @param status 100 to 999 */
  status(out: Output, status: number): void {
    if (status === 200) {
      out.reserve(1);
      out.byte(STATUS_200);
    } else this.#line(out, `:status: ${status}`);
  }

  /** Writes a pseudo-field. @param name with its colon */
  pseudo(out: Output, name: string, value: string): void {
    this.#line(out, `${name}: ${value}`);
  }

  /** Writes lines of the form `Name: value\r\n`. Those that HTTP/2 knows no use for are left out. */
  lines(out: Output, text: string): void {
    if (text !== this.#text) {
      this.#text = text.length <= REPEATED_TEXT ? text : "";
      this.#bytes = undefined;
      return this.#encode(out, text);
    }
    if (this.#bytes !== undefined && this.#bytesGeneration === this.generation) {
      out.reserve(this.#bytes.length);
      return out.copy(this.#bytes);
    }
    const start = out.at;
    const { generation } = this;
    this.#encode(out, text);
    if (generation !== this.generation) return;
    this.#bytes = out.bytes.slice(start, out.at);
    this.#bytesGeneration = generation;
  }

  #encode(out: Output, text: string): void {
    for (let at = 0; at < text.length;) {
      const end = text.indexOf("\r\n", at);
      this.#line(out, text.slice(at, end));
      at = end + 2;
    }
  }

  #line(out: Output, line: string): void {
    const distance = this.#table.distance(line);
    if (distance !== 0) {
      out.reserve(INTEGER_BYTES);
      writeInteger(out, INDEXED, 7, STATIC_SIZE + distance);
    } else this.#newLine(out, line);
  }

  #newLine(out: Output, line: string): void {
    const colon = line.indexOf(":", 1); // a pseudo-field's name begins with one
    const name = wireName(line.slice(0, colon));
    if (name.policy === writePolicy.omit) return;
    const value = line.slice(colon + 2);
    out.reserve(name.key.length + value.length + 3 * INTEGER_BYTES);
    if (name.hasStaticValue) {
      const index = staticLines.get(`${name.key}: ${value}`);
      if (index !== undefined) return writeInteger(out, INDEXED, 7, index);
    }
    const isKept = name.policy === writePolicy.index && this.#table.fits(name.key, value);
    const index = name.staticIndex !== 0 ? name.staticIndex : this.#dynamicName(name.key);
    if (isKept) writeInteger(out, WITH_INDEXING, 6, index);
    else writeInteger(out, name.policy === writePolicy.never ? NEVER_INDEXED : WITHOUT_INDEXING, 4, index);
    if (index === 0) writeText(out, name.key);
    writeText(out, value);
    if (!isKept) return;
    this.generation++;
    this.#table.add(detach(line), name.key, value.length);
  }

  #dynamicName(name: string): number {
    const distance = this.#table.nameDistance(name);
    return distance === 0 ? 0 : STATIC_SIZE + distance;
  }
}

/** RFC 7541 §5.1. @param bits of the first byte that belong to the integer */
function writeInteger(out: Output, prefix: number, bits: number, value: number): void {
  const most = (1 << bits) - 1;
  if (value < most) return out.byte(prefix | value);
  out.byte(prefix | most);
  let rest = value - most;
  for (; rest >= 0x80; rest >>>= 7) out.byte(0x80 | (rest & 0x7f));
  out.byte(rest);
}

/** RFC 7541 §5.2: coded where that is shorter. */
function writeText(out: Output, text: string): void {
  const { length } = text;
  const coded = huffmanLength(text);
  if (coded < length) {
    writeInteger(out, HUFFMAN, 7, coded);
    out.at = encodeHuffman(text, out.bytes, out.at);
    return;
  }
  writeInteger(out, 0, 7, length);
  for (let at = 0; at < length; at++) out.byte(text.charCodeAt(at));
}
