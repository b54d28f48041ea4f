// What weir understands and does not serve yet: said once per kind of part, not once per part.

import type { Part } from "../config/dynamic-part.ts";
import type { Merged } from "../config/merge-section.ts";
import type { Problem } from "../schema/problem.ts";
import { nameOf } from "./status.ts";

/** The code of such problems and errors. */
export const NOT_SERVED_YET = "not-served-yet";

const SHOWN = 3; // names in a message

/**
 * The problem of all parts of a kind.
 * @param what `the middleware basicAuth`, `TCP routing`
 * @param effect what that means for clients
 */
export function notServedYet(what: string, parts: readonly Merged<Part>[], effect: string): Problem {
  const names = parts.slice(0, SHOWN).map(nameOf).join(", ");
  const more = parts.length > SHOWN ? ` and ${parts.length - SHOWN} more` : "";
  const source = parts[0]?.source;
  return {
    severity: "warning",
    code: NOT_SERVED_YET,
    message: `${what} is not served yet: ${effect} (${names}${more})`,
    ...(source !== undefined && { source }),
  };
}
