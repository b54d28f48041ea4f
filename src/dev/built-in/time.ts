// Times as Go reads and writes them, with the words in which it refuses others.

/** A time, or why it is none. */
export type TimeRead = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly why: string };

/** Where a layout can't be matched any more: what was expected there, and how it looks. */
const parts: readonly (readonly [pattern: RegExp, layout: string])[] = [
  [/^\d{4}/, "2006"],
  [/^-/, "-"],
  [/^(?:0[1-9]|1[0-2])/, "01"],
  [/^-/, "-"],
  [/^(?:0[1-9]|[12]\d|3[01])/, "02"],
  [/^T/, "T"],
  [/^(?:[01]\d|2[0-3])/, "15"],
  [/^:/, ":"],
  [/^[0-5]\d/, "04"],
  [/^:/, ":"],
  [/^[0-5]\d/, "05"],
];

const ZONE: readonly [RegExp, string] = [/^(?:Z|[+-]\d\d:\d\d)$/, "Z07:00"];

/** RFC 3339, to the second. */
export function parseTime(text: string): TimeRead {
  // A fraction is read though the layout has none, and lost.
  return parse(text, "2006-01-02T15:04:05Z07:00", [[/^(?:\.\d+)?/, ""], ZONE], 0);
}

/** RFC 3339 with exactly six digits after the point. */
export function parseMicroTime(text: string): TimeRead {
  return parse(text, "2006-01-02T15:04:05.000000Z07:00", [[/^\.\d{6}/, ".000000"], ZONE], 6);
}

function parse(
  text: string,
  layout: string,
  tail: readonly (readonly [RegExp, string])[],
  digits: number,
): TimeRead {
  let rest = text;
  for (const [pattern, expected] of [...parts, ...tail]) {
    const found = pattern.exec(rest);
    if (found === null) {
      const why = `cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(expected)}`;
      return { ok: false, why: `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: ${why}` };
    }
    rest = rest.slice(found[0].length);
  }
  return { ok: true, value: inUtc(text, digits) };
}

function inUtc(text: string, digits: number): string {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
  const seconds = new Date(Date.parse(text.replace(/\.\d+/, ""))).toISOString().slice(0, 19);
  return digits === 0 ? `${seconds}Z` : `${seconds}.${fraction.slice(0, digits)}Z`;
}
