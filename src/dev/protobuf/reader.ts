// Protobuf's wire format, as far as Kubernetes uses it.

/** One field of a message: a number for varints, bytes for everything with a length. */
export interface WireField {
  readonly number: number;
  readonly value: number | Uint8Array;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const MAX_VARINT = 10; // bytes

/** The fields of a message in order, or undefined when the bytes are no message. */
export function readFields(bytes: Uint8Array): WireField[] | undefined {
  const fields: WireField[] = [];
  const cursor = { at: 0 };
  while (cursor.at < bytes.length) {
    const tag = readVarint(bytes, cursor);
    const value = tag === undefined ? undefined : readValue(bytes, cursor, Number(tag & 7n));
    if (tag === undefined || value === undefined) return undefined;
    fields.push({ number: Number(tag >> 3n), value });
  }
  return fields;
}

interface Cursor {
  at: number;
}

function readValue(bytes: Uint8Array, cursor: Cursor, type: number): number | Uint8Array | undefined {
  if (type === VARINT) {
    const value = readVarint(bytes, cursor);
    return value === undefined ? undefined : Number(BigInt.asIntN(64, value));
  }
  const length = type === BYTES ? readVarint(bytes, cursor) : { [FIXED64]: 8n, [FIXED32]: 4n }[type];
  if (length === undefined) return undefined;
  const start = cursor.at;
  cursor.at += Number(length);
  return cursor.at > bytes.length ? undefined : bytes.subarray(start, cursor.at);
}

function readVarint(bytes: Uint8Array, cursor: Cursor): bigint | undefined {
  let value = 0n;
  for (let at = 0; at < MAX_VARINT; at++) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 127) << BigInt(7 * at);
    if (byte < 128) return value;
  }
  return undefined;
}
