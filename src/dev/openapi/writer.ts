// Writes protobuf: fields by number, nested messages with their length before them.

const encoder = new TextEncoder();
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

/** Collects the fields of one message. Zero and empty values are left out, as protobuf does. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** A text. */
  text(field: number, value: string): void {
    if (value !== "") this.#bytes(field, encoder.encode(value));
  }

  /** A whole number that is not negative. */
  integer(field: number, value: number): void {
    if (value !== 0) this.#push([...varint(field * 8 + VARINT), ...varint(value)]);
  }

  /** A floating-point number. */
  double(field: number, value: number): void {
    if (value === 0) return;
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.#push([...varint(field * 8 + FIXED64), ...bytes]);
  }

  /** A nested message; also an empty one is written. */
  message(field: number, write: (nested: ProtobufWriter) => void): void {
    const nested = new ProtobufWriter();
    write(nested);
    this.#bytes(field, nested.finish());
  }

  /** The message. */
  finish(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  #bytes(field: number, bytes: Uint8Array): void {
    this.#push([...varint(field * 8 + BYTES), ...varint(bytes.length)]);
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  #push(bytes: readonly number[]): void {
    this.#parts.push(Uint8Array.from(bytes));
    this.#length += bytes.length;
  }
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push(rest % 0x80 + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}
