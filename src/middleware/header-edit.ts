// Header lines from configuration: checked and encoded once, then set or deleted per message.

import type { HeaderList } from "../http/header-list.ts";
import { toLatin1 } from "../net/bytes.ts";
import { invalidOption } from "./invalid-option.ts";
import type { MiddlewareContext } from "./middleware.ts";

/** Sets a header, or deletes it when the value is empty. */
export interface HeaderEdit {
  readonly name: string;
  /** As bytes on the wire, one character each. */
  readonly value: string;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/; // RFC 9110 §5.6.2
// deno-lint-ignore no-control-regex -- control characters are what this is about
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** Headers of one connection, or of the framing, which is always weir's own. */
const unsettable: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const encoder = new TextEncoder();

/**
 * The edits a map of headers asks for. Headers that weir itself decides are left out, with a warning.
 * @param field path of the option: `headers.customRequestHeaders`
 * @throws {ProxyError} when a name is not a token, or a value could end the header line
 */
export function toHeaderEdits(
  field: string,
  headers: Readonly<Record<string, string>>,
  context: MiddlewareContext,
): readonly HeaderEdit[] {
  const edits: HeaderEdit[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!TOKEN.test(name)) {
      throw invalidOption(field, `${JSON.stringify(name)} is not a header name; wanted letters, digits and "-"`);
    }
    const edit = { name, value: toHeaderValue(`${field}.${name}`, value) };
    const isHost = name.toLowerCase() === "host";
    if (!unsettable.has(name.toLowerCase()) && !(isHost && value === "")) edits.push(edit);
    else context.logger.warn(`${field}.${name} is ignored: weir decides that header`, { middlewareName: context.name });
  }
  return edits;
}

/**
 * A value as it goes on the wire: UTF-8 where it is not ASCII.
 * @throws {ProxyError} when it holds a control character
 */
export function toHeaderValue(field: string, text: string): string {
  if (CONTROL.test(text)) {
    throw invalidOption(field, "holds a line break or another control character; wanted one line of text");
  }
  const trimmed = text.trim();
  return /^[\t -~]*$/.test(trimmed) ? trimmed : toLatin1(encoder.encode(trimmed));
}

/** Applies edits in their order. */
export function applyEdits(headers: HeaderList, edits: readonly HeaderEdit[]): void {
  for (const { name, value } of edits) {
    if (value === "") headers.delete(name);
    else headers.set(name, value);
  }
}

/** Adds a name to `Vary`, unless it is there or everything varies. */
export function addVary(headers: HeaderList, name: string): void {
  const present = headers.get("vary");
  if (present === undefined || present === "") return headers.set("Vary", name);
  const names = present.split(",").map((item) => item.trim().toLowerCase());
  if (!names.includes("*") && !names.includes(name.toLowerCase())) headers.set("Vary", `${present}, ${name}`);
}
