// Status code ranges as Traefik writes them: "404", "500-599".

/** Both ends included. */
export type StatusRange = readonly [from: number, to: number];

/** @returns undefined when the text is neither a status code nor a range of them */
export function parseStatusRange(text: string): StatusRange | undefined {
  const match = /^\s*([1-9][0-9]{2})\s*(?:-\s*([1-9][0-9]{2})\s*)?$/.exec(text);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = match[2] === undefined ? from : Number(match[2]);
  return from <= to ? [from, to] : undefined;
}

/** Tells whether a status lies in one of the ranges. */
export function matchesStatus(ranges: readonly StatusRange[], status: number): boolean {
  return ranges.some(([from, to]) => status >= from && status <= to);
}
