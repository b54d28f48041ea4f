// By what name a writer owns fields.

import { type Cause, invalidNamed } from "../kube/status.ts";

const LONGEST = 128; // bytes; a real server's limit

/** The `fieldManager` of a request, or the first word of its User-Agent. */
export function managerOf(query: URLSearchParams, userAgent: string | null): string {
  const given = query.get("fieldManager") ?? "";
  if (given !== "") return given;
  const [program = ""] = (userAgent ?? "").split("/");
  const printable = program.replace(/\p{C}/gu, "").slice(0, LONGEST);
  return printable === "" ? "unknown" : printable;
}

/** Refuses names that no server stores. @param options `PatchOptions` @throws {StatusError} 422 */
export function checkManagerName(query: URLSearchParams, options: string): void {
  const given = query.get("fieldManager") ?? "";
  const at = [...given].findIndex((char) => /\p{C}/u.test(char));
  const cause = new TextEncoder().encode(given).length > LONGEST
    ? tooLong
    : at === -1
    ? undefined
    : unprintable(given, at);
  if (cause === undefined) return;
  throw invalidNamed(`${options}.meta.k8s.io`, { group: "meta.k8s.io", kind: options }, "", [cause]);
}

const tooLong: Cause = {
  reason: "FieldValueTooLong",
  message: `Too long: must have at most ${LONGEST} bytes`,
  field: "fieldManager",
};

/** @param at of the character that can't be printed */
function unprintable(given: string, at: number): Cause {
  const hex = ([...given][at]?.codePointAt(0) ?? 0).toString(16);
  const point = `U+${hex.toUpperCase().padStart(4, "0")}`;
  const shown = given.replace(/\p{C}/gu, (char) => {
    const code = (char.codePointAt(0) ?? 0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
  const message = `Invalid value: "${shown}": invalid character ${point} (at position ${at})`;
  return { reason: "FieldValueInvalid", message, field: "fieldManager" };
}
