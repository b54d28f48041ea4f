// A YAML stream as separate documents, each with its value or its error, and a way to find lines and columns.

import { parse, type ParseOptions } from "#yaml";
import { indexPositions } from "./positions.ts";
import type { PositionLookup, ValuePath } from "./positions.ts";
import { splitDocuments } from "./split.ts";

/** What is wrong with a document as a whole. */
export interface DocumentError {
  readonly message: string;
  /** In the stream, from 1; absent when the parser does not tell. */
  readonly line?: number;
  readonly column?: number;
}

/** One document of a stream. */
export interface YamlDocument {
  /** Undefined when `error` is set. */
  readonly value: unknown;
  readonly error?: DocumentError;
  /** The first line of the document in the stream, from 1. */
  readonly line: number;
  /** Line and column, in the stream, of a key (or list item), or of its value. Undefined when unknown. */
  readonly positionOf: PositionLookup;
}

/** Reads every document of a stream. A broken one is reported in its place; the others are read as usual. */
export function parseDocuments(stream: string, options: ParseOptions = {}): YamlDocument[] {
  return splitDocuments(stream).flatMap(({ text, line }) => {
    const document = parseDocument(text, line, options);
    return document.value === null ? [] : [document]; // only comments, or nothing
  });
}

function parseDocument(text: string, line: number, options: ParseOptions): YamlDocument {
  const first = firstLine(text, line);
  let lookup: PositionLookup | undefined;
  const positionOf = (path: ValuePath, at?: "key" | "value") => {
    lookup ??= indexPositions(text) ?? (() => undefined); // most documents are right and never asked
    const position = lookup(path, at);
    return position && { line: position.line + line - 1, column: position.column };
  };
  try {
    return { value: parse(text, options), line: first, positionOf };
  } catch (error) {
    return { value: undefined, error: toDocumentError(error, line - 1), line: first, positionOf };
  }
}

/** Any parser behind `#yaml` may have thrown; line and column are taken where they are told. */
function toDocumentError(error: unknown, linesBefore: number): DocumentError {
  if (!(error instanceof Error)) return { message: String(error) };
  const reason = "reason" in error && typeof error.reason === "string" ? error.reason : firstSentence(error.message);
  const line = "line" in error && typeof error.line === "number" ? { line: error.line + linesBefore } : {};
  const column = "column" in error && typeof error.column === "number" ? { column: error.column } : {};
  return { message: reason, ...line, ...column };
}

function firstSentence(message: string): string {
  return message.split("\n")[0] ?? message;
}

/** The document's first line with content, past its marker and comments. */
function firstLine(text: string, line: number): number {
  const lines = text.split("\n");
  const index = lines.findIndex((content) => !/^(?:---\s*|\s*)(?:#.*)?$|^%/.test(content.trimEnd()));
  return line + Math.max(index, 0);
}
