// YAML in the shape of @std/yaml, on js-yaml: what `#yaml` stands for unless a deno.json points it elsewhere.

import { dump, load, loadAll, YAMLException } from "js-yaml";
import { parseRepaired } from "./repair.ts";
import { splitDocuments } from "./split.ts";
import { plainSchema, settleWord, wordSchema } from "./tags.ts";

const MAX_DEPTH = 100;
const MAX_NODES = 1_000_000; // aliases may expand a small text into this many values, and no more

/** A text that is not YAML. */
export class YamlError extends Error {
  /** Counts from 1. */
  readonly line: number;
  /** Counts from 1. */
  readonly column: number;
  /** The lines around the place, with a mark; empty when there is no place. */
  readonly snippet: string;
  /** What is wrong, without the place. */
  readonly reason: string;

  constructor(reason: string, place: { line: number; column: number; snippet: string }, cause?: unknown) {
    super(`${reason} (${place.line}:${place.column})`, cause === undefined ? undefined : { cause });
    this.name = "YamlError";
    this.reason = reason;
    this.line = place.line;
    this.column = place.column;
    this.snippet = place.snippet;
  }
}

/** How a text is read. */
export interface ParseOptions {
  /** `1.1`: `yes`, `no`, `on` and `off` are booleans, as kubectl reads them; `1.2`: they are texts. Default: `1.1`. */
  readonly booleans?: "1.1" | "1.2";
}

/** How {@link stringify} prints. */
export interface StringifyOptions {
  /** Whether lists stand deeper than their key. Default: true. */
  readonly arrayIndent?: boolean;
  /** Spaces per level. Default: 2. */
  readonly indent?: number;
  /** Longest line before long strings are folded; -1 never folds. Default: -1. */
  readonly lineWidth?: number;
  /** Of strings that need quotes. Default: `single`. */
  readonly quoteStyle?: "single" | "double";
  /** Leaves out what YAML has no form for (functions, undefined) instead of throwing. Default: false. */
  readonly skipInvalid?: boolean;
  /** Default: false, the order of the object. */
  readonly sortKeys?: boolean;
  /** Prints an object met twice as anchor and alias. Default: false. */
  readonly useAnchors?: boolean;
}

/**
 * Reads one document; an empty text is `null`.
 * @throws {YamlError} on bad syntax, duplicate keys, or more than one document
 */
export function parse(text: string, options: ParseOptions = {}): unknown {
  return guarded(text, () => {
    const values = read(text, options);
    // `load` words the complaint about a second document.
    return values.length > 1 ? load(text, { maxDepth: MAX_DEPTH }) : values[0] ?? null;
  });
}

/**
 * Reads every document of a stream; documents without content are left out.
 * @throws {YamlError} on the first broken document
 */
export function parseAll(text: string, options: ParseOptions = {}): unknown[] {
  const values = splitDocuments(text).flatMap(({ text: piece, line }) => {
    return guarded(piece, () => read(piece, options), line - 1);
  });
  return values.filter((value) => value !== null);
}

/**
 * Prints a value as one document.
 * @throws {YamlError} on a value YAML has no form for
 */
export function stringify(value: unknown, options: StringifyOptions = {}): string {
  return guarded("", () =>
    dump(value, {
      indent: options.indent ?? 2,
      lineWidth: options.lineWidth ?? -1,
      quoteStyle: options.quoteStyle ?? "single",
      seqNoIndent: !(options.arrayIndent ?? true),
      skipInvalid: options.skipInvalid ?? false,
      sortKeys: options.sortKeys ?? false,
      noRefs: !(options.useAnchors ?? false),
    }));
}

function read(text: string, options: ParseOptions): unknown[] {
  const schema = options.booleans === "1.2" ? plainSchema : wordSchema;
  return parseRepaired(text, (source) => loadAll(source, { schema, maxDepth: MAX_DEPTH })).value.map(settleWord);
}

function guarded<T>(text: string, work: () => T, linesBefore = 0): T {
  try {
    const value = work();
    if (text.includes("&") && text.includes("*")) refuseExpansion(value);
    return value;
  } catch (error) {
    throw toYamlError(error, linesBefore);
  }
}

function toYamlError(error: unknown, linesBefore: number): YamlError {
  if (error instanceof YamlError) return error;
  const nowhere = { line: linesBefore + 1, column: 1, snippet: "" };
  if (!(error instanceof YAMLException)) {
    return new YamlError(error instanceof Error ? error.message : String(error), nowhere, error);
  }
  const { mark, reason } = error;
  if (mark === undefined) return new YamlError(reason, nowhere, error);
  const place = { line: mark.line + 1 + linesBefore, column: mark.column + 1, snippet: mark.snippet ?? "" };
  return new YamlError(reason, place, error);
}

/** A few nested aliases can stand for billions of values; whoever walks them all would never return. */
function refuseExpansion(value: unknown): void {
  let nodes = 0;
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== "object" || next === null) continue;
    const children = Object.values(next);
    nodes += children.length;
    if (nodes > MAX_NODES) {
      throw new YamlError(`aliases expand to more than ${MAX_NODES} values`, { line: 1, column: 1, snippet: "" });
    }
    for (const child of children) pending.push(child);
  }
}
