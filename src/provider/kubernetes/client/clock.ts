// Time and chance as the client needs them, so that tests can shorten the one and fix the other.

/** The client's waiting times, in milliseconds, and its sources of time and chance. */
export interface Clock {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** From 0 up to, but not, 1. */
  readonly random: () => number;
  /** How long a request may stay without an answer before weir asks whether the server lives. */
  readonly patienceMs: number;
  /** How long an answer to that question may take. */
  readonly probeMs: number;
  /** How often waiting requests are looked at. */
  readonly tickMs: number;
  /** A request without a byte for this long is given up, whatever the probe says. */
  readonly requestLimitMs: number;
  /** A watch that brought bookmarks (one a minute) and now nothing is dead after this long. */
  readonly bookmarkSilenceMs: number;
  /** The same without bookmarks. */
  readonly silenceMs: number;
  /** When to ask again for a kind that is forbidden; it doubles up to four times that. */
  readonly reprobeMs: number;
  /** So long nobody may have served a kind until its objects count as gone: a starting server serves none at first. */
  readonly goneMs: number;
  /** How often the server is asked what it serves, while a kind is missing. */
  readonly discoverMs: number;
  /** Between two requests while the server fails: a little more, by chance. Ten of them a success counts. */
  readonly stepMs: number;
  /** A watch that lived so long without an error works. */
  readonly provenMs: number;
  /** An empty watch that ends sooner counts as a failure. */
  readonly shortWatchMs: number;
}

/** The times weir runs with. */
export const defaultClock: Clock = {
  now: () => performance.now(),
  random: Math.random,
  patienceMs: 3000,
  probeMs: 1500,
  tickMs: 500,
  requestLimitMs: 60_000,
  bookmarkSilenceMs: 120_000,
  silenceMs: 280_000,
  reprobeMs: 30_000,
  goneMs: 60_000,
  discoverMs: 5000,
  stepMs: 1000,
  provenMs: 300,
  shortWatchMs: 1000,
};
