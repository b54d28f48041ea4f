// Counts the sockets of the process, so that accepting stops short of the file-descriptor limit instead of at it.
//
// At the limit Bun spins on accept and Deno never accepts again; neither tells. Nobody gets there.

import { readFileLimit } from "./process.ts";

/** Descriptors that are nobody's socket: the runtime's own (10 to 25), configuration files, logs, name look-ups. */
const SPARE = 40;

/** Kept for dials when accepting has taken its share: a proxy full of clients must still reach its servers. */
const KEPT_FOR_DIALS = 8;

let limit = 0;
let used = 0;

/** Takes a descriptor for an accepted connection. @returns false when there is none to give */
export function takeForAccept(): boolean {
  return take(SPARE + KEPT_FOR_DIALS);
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
  if (limit === 0) limit = readFileLimit() ?? Infinity;
  if (used >= limit - spare) return false;
  used++;
  return true;
}
