// Keeps what a client sent from becoming a log line, a field or a terminal command of its own.

// C0, DEL, C1 (a terminal takes U+009B for an escape) and the two line separators that JSON leaves as they are.
// deno-lint-ignore no-control-regex -- control characters are what this is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
// deno-lint-ignore no-control-regex -- see above
const NEEDS_CARE = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const BEYOND_JSON = /[\u007f-\u009f\u2028\u2029]/g;

/** Text for an unquoted place: control characters become `\xNN`, everything else stays. */
export function escapeControl(text: string): string {
  return text.replace(CONTROL, escapeOne);
}

/** The inside of a quoted place: quotes and backslashes are escaped too. Plain text is returned as it is. */
export function escapeQuoted(text: string): string {
  return NEEDS_CARE.test(text) ? text.replace(/["\\]/g, "\\$&").replace(CONTROL, escapeOne) : text;
}

/** A JSON value whose text holds no character that a terminal or a line reader acts on. */
export function toSafeJson(value: unknown): string {
  const json = JSON.stringify(value) ?? "null";
  return json.replace(BEYOND_JSON, (character) => `\\u${hex(character, 4)}`);
}

function escapeOne(character: string): string {
  const code = character.charCodeAt(0);
  return code > 0xff ? `\\u${hex(character, 4)}` : `\\x${hex(character, 2)}`;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, "0");
}
