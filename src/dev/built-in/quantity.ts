// Quantities such as `500m`, `1Gi` and `0.5`, and the one way of writing each that Kubernetes stores.

/** A quantity, or why it is none. */
export type QuantityRead = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly why: string };

const FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|(?:[eE][+-]?\d+))?$/;

const binary: readonly string[] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
/** By power of a thousand, beginning at nano. */
const decimal: readonly string[] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const NANO = 1_000_000_000n; // the smallest part that is kept
const EXPONENT_LIMIT = 18; // ten to the power of a suffix; Kubernetes knows no more

/** Reads a quantity and writes it in its canonical form. */
export function parseQuantity(value: unknown): QuantityRead {
  const text = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
  const match = SHAPE.exec(text);
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match ?? [];
  if (match === null || (whole === "" && fraction === "")) return { ok: false, why: FORMAT };
  const nanos = toNanos(whole, fraction, suffix);
  if (nanos === undefined) return { ok: false, why: "unable to parse quantity's suffix" };
  return { ok: true, value: `${sign === "-" && nanos !== 0n ? "-" : ""}${write(nanos, suffix)}` };
}

/** The size of a quantity in billionths, rounded up; NaN when it is none. */
export function quantityNumber(value: unknown): number {
  const text = typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  const [match, sign = "", whole = "", fraction = "", suffix = ""] = SHAPE.exec(text) ?? [];
  const nanos = match === undefined ? undefined : toNanos(whole, fraction, suffix);
  return nanos === undefined ? NaN : Number(nanos) / 1e9 * (sign === "-" ? -1 : 1);
}

function toNanos(whole: string, fraction: string, suffix: string): bigint | undefined {
  const digits = BigInt(`${whole}${fraction}` || "0");
  const step = binary.indexOf(suffix);
  if (step > 0) return divideUp(digits * NANO * 1024n ** BigInt(step), 10n ** BigInt(fraction.length));
  const power = powerOf(suffix);
  if (Math.abs(power) > EXPONENT_LIMIT) return undefined;
  const shift = power + 9 - fraction.length;
  return shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift));
}

function powerOf(suffix: string): number {
  if (/^[eE][+-]?\d/.test(suffix)) return Number(suffix.slice(1));
  return (decimal.indexOf(suffix) - 3) * 3;
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

function write(nanos: bigint, suffix: string): string {
  if (nanos === 0n) return "0";
  if (binary.indexOf(suffix) > 0 && nanos % NANO === 0n && nanos / NANO >= 1024n) return writeBinary(nanos / NANO);
  let [mantissa, power] = [nanos, 0];
  const last = decimal.length - 1;
  while (mantissa % 1000n === 0n && power < last) [mantissa, power] = [mantissa / 1000n, power + 1];
  const exponent = (power - 3) * 3;
  if (/^[eE]/.test(suffix) && suffix.length > 1) return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
  return `${mantissa}${decimal[power] ?? ""}`;
}

function writeBinary(value: bigint): string {
  let [mantissa, step] = [value, 0];
  while (mantissa % 1024n === 0n && step < binary.length - 1) [mantissa, step] = [mantissa / 1024n, step + 1];
  return `${mantissa}${binary[step] ?? ""}`;
}
