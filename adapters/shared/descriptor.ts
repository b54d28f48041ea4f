// Counts the sockets of the process, so that accepting stops short of the file-descriptor limit instead of at it.
//
// At the limit Bun spins on accept, and Deno never accepts again without telling. With this, nobody gets there.

import { readFileLimit } from "./process.ts";

/** Descriptors that are nobody's socket: the runtime's own (10 to 25), configuration files, logs, name look-ups. */
const SPARE = 40;

/** Kept for dials when accepting has taken its share: a proxy full of clients must still reach its servers. */
const KEPT_FOR_DIALS = 8;

let limit: number | undefined = undefined;
let used = 0;
let reserved = 0;

/**
 * Called once per listener, before it opens: reads the limit while there still is a descriptor to read it with.
 * @param batch connections that the runtime may accept before it lets us turn one away
 */
export function reserveForBatch(batch: number): void {
  reserved += batch;
  limit ??= readLimit();
}

/** Gives back what {@link reserveForBatch} took, when the listener closes. */
export function giveBackBatch(batch: number): void {
  reserved -= batch;
}

/** @returns the file-descriptor limit; Infinity where it is unknown */
export function readLimit(): number {
  return readFileLimit() ?? Infinity;
}

/** Takes a descriptor for an accepted connection. @returns false when there is none to give */
export function takeForAccept(): boolean {
  return take(SPARE + KEPT_FOR_DIALS + reserved);
}

/** Takes a descriptor for a dial. @returns false when there is none to give */
export function takeForDial(): boolean {
  return take(SPARE);
}

/** Gives back what one of the two took. */
export function giveBack(): void {
  used--;
}

function take(spare: number): boolean {
  limit ??= readLimit();
  if (used >= limit - spare) return false;
  used++;
  return true;
}
