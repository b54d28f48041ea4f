// Causes of a refusal, as the checks of built-in kinds tell them.

import type { Cause } from "../kube/status.ts";
import { invalidValue } from "../kube/status.ts";
import { goQuote } from "../structural/go-value.ts";
import type { Check } from "./formats.ts";

/** A cause per mistake in a text. */
export function textCauses(field: string, text: string, check: Check): Cause[] {
  return check(text).map((wanted) => invalidValue(field, goQuote(text), wanted));
}

/** A name that refers to nothing. */
export function notFoundCause(field: string, name: string): Cause {
  return { reason: "FieldValueNotFound", message: `Not found: ${goQuote(name)}`, field };
}

/** A value that may not change any more. */
export function immutableCause(field: string, shown: string): Cause {
  return invalidValue(field, shown, "field is immutable");
}

/** A value given twice. @param shown as a real server prints it */
export function duplicateCause(field: string, shown: string): Cause {
  return { reason: "FieldValueDuplicate", message: `Duplicate value: ${shown}`, field };
}

/** A number below zero where none may be. */
export function negativeCauses(field: string, value: number | undefined): Cause[] {
  if (value === undefined || value >= 0) return [];
  return [invalidValue(field, String(value), "must be greater than or equal to 0")];
}

/** A number that must be above zero. */
export function positiveCauses(field: string, value: number | undefined): Cause[] {
  if (value === undefined || value > 0) return [];
  return [invalidValue(field, String(value), "must be greater than 0")];
}
