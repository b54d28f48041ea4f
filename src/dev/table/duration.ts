// Ages as kubectl prints them.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** From which age on: which unit, and which smaller unit beside it. Kubernetes' `HumanDuration`. */
const steps: readonly {
  readonly below: number;
  readonly unit: number;
  readonly mark: string;
  readonly rest?: string;
}[] = [
  { below: 2 * MINUTE, unit: SECOND, mark: "s" },
  { below: 10 * MINUTE, unit: MINUTE, mark: "m", rest: "s" },
  { below: 3 * HOUR, unit: MINUTE, mark: "m" },
  { below: 8 * HOUR, unit: HOUR, mark: "h", rest: "m" },
  { below: 2 * DAY, unit: HOUR, mark: "h" },
  { below: 8 * DAY, unit: DAY, mark: "d", rest: "h" },
  { below: 2 * YEAR, unit: DAY, mark: "d" },
  { below: 8 * YEAR, unit: YEAR, mark: "y", rest: "d" },
  { below: Infinity, unit: YEAR, mark: "y" },
];

const unitOf: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** `5s`, `4m30s`, `3h`, `2d`. */
export function formatAge(milliseconds: number): string {
  const age = Math.max(0, milliseconds);
  const step = steps.find(({ below }) => age < below);
  if (step === undefined) return "";
  const whole = Math.floor(age / step.unit);
  if (step.rest === undefined) return `${whole}${step.mark}`;
  const rest = Math.floor((age - whole * step.unit) / (unitOf[step.rest] ?? SECOND));
  return rest === 0 ? `${whole}${step.mark}` : `${whole}${step.mark}${rest}${step.rest}`;
}

/** The age of something that began at a time; `<unknown>` without one. */
export function ageSince(begin: string | undefined, now: number): string {
  const at = begin === undefined ? NaN : Date.parse(begin);
  return Number.isNaN(at) ? "<unknown>" : formatAge(now - at);
}
