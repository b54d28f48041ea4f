// What a datagram's bytes are held in.

import { Buffer } from "node:buffer";
import type { Socket } from "node:dgram";

/** What a runtime's node:dgram needs to be told. */
export interface DatagramQuirks {
  /** Asks the system to hold so many bytes of what is not read yet; not being able to is no error. */
  growBuffer(socket: Socket, bytes: number): void;
  /** Every datagram comes in a buffer of its own for the largest there may be: see {@link fitDatagram}. */
  readonly wastesBuffers: boolean;
}

/** Less is not worth the copy. */
const LEAST_WASTED = 4096;

/**
 * Gives back what a datagram does not fill of the buffer it came in, where every one has a buffer of its own, as large
 * as any may be. Left to the collector, a flood of small ones costs twice the memory and half as much CPU again.
 * @returns the datagram, in memory that fits
 */
export function fitDatagram(bytes: Uint8Array): Uint8Array {
  const { buffer, length } = bytes;
  if (buffer.byteLength - length < LEAST_WASTED || !(buffer instanceof ArrayBuffer)) return bytes;
  const own = Buffer.from(bytes);
  buffer.transfer(0);
  return own;
}
