// What mirroring remembers over reloads: how many copies were due, and which are on their way.

import { ProxyError } from "../net/error.ts";
import type { MirrorCopy } from "./mirror-copy.ts";

/** Copies of one service on their way at once; a dead mirror can't pile up more. */
export const MAX_COPIES = 1_000;
/** With no room left, a copy older than this is given up for a new one, so that stuck ones don't stay for ever. */
const STALE_COPY_MS = 60_000;

/** How often one mirror was due. Each has its own total: one that is added later must not catch up. */
export class MirrorCount {
  #total = 0;
  #sent = 0;

  /** Counts a request, as Traefik does. @returns true when a copy is due: 10 % is requests 1, 11, 21, … */
  isDue(percent: number): boolean {
    this.#total++;
    if (this.#sent * 100 >= this.#total * percent) return false;
    this.#sent++;
    return true;
  }
}

/** The copies of one mirroring service. */
export class CopySet {
  /** Oldest first. */
  readonly inFlight = new Set<MirrorCopy>();
  /** Copies given up because their mirror was slow, or never sent because too many were on their way. */
  dropped = 0;

  /** Whether one more may be sent. @param now milliseconds of the service's clock */
  hasRoom(now: number): boolean {
    if (this.inFlight.size < MAX_COPIES) return true;
    const [oldest] = this.inFlight;
    if (oldest === undefined || now - oldest.startedAt < STALE_COPY_MS) return false;
    oldest.cancel(
      new ProxyError("the mirror took too long, and others wait", {
        code: "mirror-stale",
        source: "internal",
        status: 504,
      }),
    );
    return true;
  }
}

/** For `StateStore.take`. */
export function isMirrorCount(value: unknown): value is MirrorCount {
  return value instanceof MirrorCount;
}

/** For `StateStore.take`. */
export function isCopySet(value: unknown): value is CopySet {
  return value instanceof CopySet;
}
