// Option values as people write them, for tables and `weir config`.

import { formatDuration } from "../schema/duration.ts";
import { isMapping } from "../schema/path.ts";
import { formatSize } from "../schema/size.ts";
import { isSecretField } from "../schema/issues.ts";

/** Prints a validated value the way a configuration would hold it; secrets are not shown. */
export function formatOptionValue(
  value: unknown,
  format: string | undefined,
  path: readonly (string | number)[],
): string {
  if (path.some(isSecretField)) return "<not shown>";
  if (typeof value === "number" && format === "duration") return formatDuration(value);
  if (typeof value === "number" && format === "size") return value < 0 ? String(value) : formatSize(value);
  if (Array.isArray(value)) {
    if (format === "status range") return formatRange(value);
    return value.map((item) => formatOptionValue(item, undefined, path)).join(",");
  }
  if (isMapping(value)) return JSON.stringify(value);
  return value === undefined ? "" : String(value);
}

function formatRange(range: readonly unknown[]): string {
  return range[0] === range[1] ? String(range[0]) : range.join("-");
}
