// Values of the wrong type, which Go's decoder refuses in words of Go: the same for people.

import { type JsonObject, type Step, valueAt } from "../dev/json.ts";
import { quoteValue } from "../schema/issues.ts";
import type { Problem } from "../schema/problem.ts";

const GO_MISMATCH = /^json: cannot unmarshal .* into Go (?:struct field .*|value) of type (\S+)$/;

const wanted: readonly (readonly [RegExp, string])[] = [
  [/^u?int(?:\d+)?$/, "a whole number"],
  [/^float/, "a number"],
  [/^bool$/, "true or false"],
  [
    /^string$|^v1\.(?:URIScheme|Protocol)|(?:Type|Policy|Affinity|Name|Condition|Mode|Scope|Operator|Effect|Protocol)$/,
    "a text",
  ],
  [/^\[\]uint8$/, "a text in base64"],
  [/^\[\]/, "a list"],
  [/^map\[|\./, "a mapping"],
];

/** The problem of a value that can't be read. @param why in Go's words */
export function readable(content: JsonObject, why: string, path: readonly Step[]): Problem {
  return { severity: "error", code: "unreadable-value", message: messageOf(content, why, path), path };
}

function messageOf(content: JsonObject, why: string, path: readonly Step[]): string {
  const type = GO_MISMATCH.exec(why)?.[1];
  const name = JSON.stringify(nameOfField(path));
  if (type === undefined) return `${name} can't be read: ${why}`;
  const what = wanted.find(([pattern]) => pattern.test(type))?.[1] ?? type;
  return `${name} must be ${what}, got ${quoteValue(valueAt(content, ...path), path)}`;
}

/** The last name of a path and the indices after it: `args[0]`. */
function nameOfField(path: readonly Step[]): string {
  const at = path.findLastIndex((step) => typeof step === "string");
  return String(path[at] ?? "the object") + path.slice(at + 1).map((index) => `[${index}]`).join("");
}
