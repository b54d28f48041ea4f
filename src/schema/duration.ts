// Durations as Go writes them ("1m30s"), or bare numbers, which are seconds; inside weir they are milliseconds.

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3, // U+00B5
  "μs": 1e-3, // U+03BC
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const PART = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)/y;

/**
 * Reads a duration: Go's syntax, or an integer in seconds (also as text).
 * @returns milliseconds; undefined when it is not a duration
 */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value * 1000 : undefined;
  if (/^[+-]?[0-9]+$/.test(value)) return Number(value) * 1000;
  const sign = value.startsWith("-") ? -1 : 1;
  let at = /^[+-]/.test(value) ? 1 : 0;
  if (at === value.length) return undefined;
  let total = 0;
  while (at < value.length) {
    PART.lastIndex = at;
    const match = PART.exec(value);
    const unit = UNIT_MS[match?.[2] ?? ""];
    if (match === null || unit === undefined) return undefined;
    total += Number(match[1]) * unit;
    at = PART.lastIndex;
  }
  // Below a millisecond there is nothing to wait for; more than zero must not become "none".
  return total === 0 ? 0 : sign * Math.max(Math.round(total), 1);
}

/** Prints milliseconds as Go would: `90000` is `1m30s`, `0` is `0s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return "0s";
  const sign = milliseconds < 0 ? "-" : "";
  let rest = Math.abs(milliseconds);
  if (rest < 1000) return `${sign}${rest}ms`;
  const hours = Math.floor(rest / 3_600_000);
  rest -= hours * 3_600_000;
  const minutes = Math.floor(rest / 60_000);
  rest -= minutes * 60_000;
  let text = hours > 0 ? `${hours}h` : "";
  if (minutes > 0) text += `${minutes}m`;
  if (rest > 0) text += `${rest / 1000}s`;
  return sign + text;
}

/** As Go itself prints milliseconds, and Traefik's API shows them: `3600000` is `1h0m0s`, `100` is `100ms`. */
export function toGoDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (Math.abs(ms) < 1000) return `${ms}ms`;
  const sign = ms < 0 ? "-" : "";
  const total = Math.abs(ms);
  const hours = Math.floor(total / 3_600_000);
  const minutes = Math.floor(total / 60_000) % 60;
  const seconds = (total % 60_000) / 1000;
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : "";
  return `${sign}${head}${seconds}s`;
}
