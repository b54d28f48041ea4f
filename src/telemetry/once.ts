// Keeps a log readable when the same thing happens again and again.

const MAX_KEYS = 1024; // the oldest is forgotten, so that keys made of requests can't fill the memory

/** What a {@link Once} works with. */
export interface OnceOptions {
  /** Milliseconds between two reports of the same key while its state stays; 0: never again. Default: 60,000. */
  readonly repeatMs?: number;
  /** Milliseconds of a monotonic clock. Default: `performance.now()`. */
  readonly now?: () => number;
}

/** Whether to report, and what was left out since the last report. */
export interface OnceVerdict {
  readonly report: boolean;
  /** Calls since the last report that were not reported. */
  readonly suppressed: number;
}

/** Decides whether something is news. */
export interface Once {
  /**
   * News when `key` was never seen, its `state` changed, or the repeat time is over.
   * @param key what it is about: `health:default-app-80`
   * @param state how it is now: `down: connect-refused`; leave it out to limit the rate only
   */
  check(key: string, state?: string): OnceVerdict;
  /** The thing is gone: the next check of this key is news. */
  forget(key: string): void;
}

interface Seen {
  state: string;
  reportedAt: number;
  suppressed: number;
}

/** @returns a memory of what was reported, for at most 1,024 keys */
export function createOnce(options: OnceOptions = {}): Once {
  const { repeatMs = 60_000, now = () => performance.now() } = options;
  const seen = new Map<string, Seen>();
  return {
    check(key, state = "") {
      const known = seen.get(key);
      const time = now();
      if (known === undefined) {
        dropOldest(seen);
        seen.set(key, { state, reportedAt: time, suppressed: 0 });
        return { report: true, suppressed: 0 };
      }
      const repeats = repeatMs > 0 && time - known.reportedAt >= repeatMs;
      if (known.state === state && !repeats) {
        known.suppressed++;
        return { report: false, suppressed: known.suppressed };
      }
      const suppressed = known.suppressed;
      Object.assign(known, { state, reportedAt: time, suppressed: 0 });
      return { report: true, suppressed };
    },
    forget: (key) => void seen.delete(key),
  };
}

function dropOldest(seen: Map<string, Seen>): void {
  if (seen.size < MAX_KEYS) return;
  const oldest = seen.keys().next();
  if (!oldest.done) seen.delete(oldest.value);
}
