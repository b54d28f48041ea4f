// Values as Go prints them in the messages of an API server.

import { isList, isObject } from "../json.ts";

/** As in `Invalid value: …`: texts in quotes, numbers and booleans bare, anything else as a Go literal. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return `"null"`;
  return goLiteral(value);
}

/** A Go literal of JSON's generic types: `map[string]interface {}{"name":"a"}`. */
function goLiteral(value: unknown): string {
  if (typeof value === "string") return goQuote(value);
  if (isList(value)) return `[]interface {}{${value.map(goLiteral).join(", ")}}`;
  if (isObject(value)) {
    const fields = Object.keys(value).sort().map((key) => `${goQuote(key)}:${goLiteral(value[key])}`);
    return `map[string]interface {}{${fields.join(", ")}}`;
  }
  return value === null || value === undefined ? "interface {}(nil)" : String(value);
}

/** Go's `%q`: like JSON, but `\a`, `\v` and the other unprintable characters have forms of their own. */
export function goQuote(text: string): string {
  return JSON.stringify(text)
    .replaceAll("\\u0007", "\\a")
    .replaceAll("\\u000b", "\\v")
    .replace(/\\u00([01][0-9a-f])/g, "\\x$1")
    .replaceAll("\u007f", "\\x7f");
}
