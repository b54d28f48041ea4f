// Reads DER, the encoding of certificates: values inside values, never past the end of the one around them.

/** Thrown for bytes that are not DER; caught where one certificate is read. */
export class DerProblem {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** One value: its tag byte, and its content. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** Tag bytes that certificates use. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  octets: 0x04,
  oid: 0x06,
  bmpString: 0x1e,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Goes through the values that lie side by side in some bytes. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The tag of the next value; -1 at the end. */
  get tag(): number {
    return this.#bytes[this.#at] ?? -1;
  }

  /** @throws {DerProblem} it does not fit, or has another tag than `wanted` */
  next(wanted?: number): DerValue {
    const tag = this.tag;
    if (tag < 0) throw new DerProblem("it ends too soon");
    if (wanted !== undefined && tag !== wanted) throw new DerProblem(`tag ${tag} where ${wanted} belongs`);
    if ((tag & 0x1f) === 0x1f) throw new DerProblem("a tag of several bytes");
    this.#at++;
    const length = this.#readLength();
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new DerProblem("a length exceeds what is there");
    this.#at = start + length;
    return { tag, content: this.#bytes.subarray(start, this.#at) };
  }

  /** The values inside the next one. */
  enter(wanted: number): DerReader {
    return new DerReader(this.next(wanted).content);
  }

  /** Passes over the next value if it has that tag. */
  skipIf(tag: number): void {
    if (this.tag === tag) this.next();
  }

  #readLength(): number {
    const first = this.#bytes[this.#at++] ?? 0xff;
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new DerProblem("a length of unknown form");
    let length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + (this.#bytes[this.#at++] ?? 0);
    return length;
  }
}

/** @returns dotted numbers, as `2.5.4.3` */
export function readOid(content: Uint8Array): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (arcs.length === 0) {
      const root = Math.min(2, Math.floor(value / 40));
      arcs.push(root, value - root * 40);
    } else arcs.push(value);
    value = 0;
  }
  return arcs.join(".");
}

/** @returns milliseconds since 1970. @throws {DerProblem} it is no time of the form that certificates have */
export function readTime({ tag, content }: DerValue): number {
  const text = String.fromCharCode(...content);
  const parts = /^(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const isLong = tag === TAG.generalizedTime;
  if (parts === null || (parts[1] !== undefined) !== isLong || (!isLong && tag !== TAG.utcTime)) {
    throw new DerProblem(`a time of the form "${text.slice(0, 24)}"`);
  }
  const [, century, year, month, day, hour, minute, second] = parts.map(Number);
  // RFC 5280 §4.1.2.5.1: two digits mean 1950 to 2049.
  const full = isLong ? (century ?? 0) * 100 + (year ?? 0) : (year ?? 0) + ((year ?? 0) < 50 ? 2000 : 1900);
  return Date.UTC(full, (month ?? 1) - 1, day, hour, minute, second);
}
