// The causes of a refusal by a schema, in the words of a real API server.

import type { Cause } from "../kube/status.ts";
import { goQuote, goValue } from "./go-value.ts";

/** The field of causes that an API server can't place. */
export const NOWHERE = "<nil>";

/** A value of another type than the schema's. */
export function wrongType(field: string, wanted: string, found: string): Cause {
  const message = `Invalid value: ${goQuote(found)}: ${field} in body must be of type ${wanted}: ${goQuote(found)}`;
  return { reason: "FieldValueTypeInvalid", message, field };
}

/** A field that is not there. */
export function missing(field: string, more = ""): Cause {
  return { reason: "FieldValueRequired", message: more === "" ? "Required value" : `Required value: ${more}`, field };
}

/** A value outside of a schema's limits. @param wanted as in `should match 'a+'` */
export function outOfBounds(field: string, value: unknown, wanted: string): Cause {
  return {
    reason: "FieldValueInvalid",
    message: `Invalid value: ${goValue(value)}: ${field} in body ${wanted}`,
    field,
  };
}

/** A value that is not in an enumeration. */
export function unsupported(field: string, value: unknown, supported: readonly unknown[]): Cause {
  const options = supported.map((each) => goQuote(typeof each === "string" ? each : JSON.stringify(each) ?? ""));
  const shown = value === null ? `""` : goValue(value);
  const message = `Unsupported value: ${shown}: supported values: ${options.join(", ")}`;
  return { reason: "FieldValueNotSupported", message, field };
}

/** A text that is longer than it may be; it is not repeated. */
export function tooLong(field: string, limit: number): Cause {
  return { reason: "FieldValueTooLong", message: `Too long: may not be longer than ${limit}`, field };
}

/** More items or properties than there may be. */
export function tooMany(field: string, count: number, limit: number): Cause {
  return { reason: "FieldValueTooMany", message: `Too many: ${count}: must have at most ${limit} items`, field };
}

/** An item that stands in a list for the second time. */
export function duplicate(field: string, value: unknown): Cause {
  return { reason: "FieldValueDuplicate", message: `Duplicate value: ${goValue(value)}`, field };
}

/** A value that no, or more than one, alternative fits; the message alone says where. */
export function misfit(field: string, why: string): Cause {
  return { reason: "FieldValueInvalid", message: `Invalid value: "": ${goQuote(field)} ${why}`, field: NOWHERE };
}

/** Reasons after which a server does not run the rules of a definition any more. */
const blocking = new Set([
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

/** What a server adds when a definition has rules, and the object is too broken to run them. */
export function rulesNotChecked(causes: readonly Cause[]): Cause[] {
  if (!causes.some(({ reason }) => blocking.has(reason))) return [];
  const message = `Invalid value: "null": some validation rules were not checked because the object was invalid; ` +
    "correct the existing errors to complete validation";
  return [{ reason: "FieldValueInvalid", message, field: NOWHERE }];
}

/** A field that may not be there. */
export function forbiddenField(field: string, why: string): Cause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field };
}
