// A configuration file's text as documents, whatever its format, each with a way to point into the file.

import { parseDocuments } from "../yaml/documents.ts";
import type { FieldPath } from "../schema/path.ts";
import type { Problem, Source } from "../schema/problem.ts";
import { parseToml } from "./toml.ts";

/** One document of a file: its value, or what is wrong with it as a whole. */
export interface SourceDocument {
  /** Undefined when `problem` is set. */
  readonly value: unknown;
  readonly problem?: Problem;
  /** The place of a key, or of its value; only the file when the place is not known. */
  readonly sourceOf: (path: FieldPath, at?: "key" | "value") => Source;
}

/** File name endings that hold configuration. */
export const CONFIGURATION_ENDINGS = [".toml", ".yaml", ".yml", ".json"] as const;

/** Reads a file's text in the format its name tells. A YAML file may hold several documents. */
export function parseSource(file: string, text: string): SourceDocument[] {
  if (file.endsWith(".toml")) {
    const document = parseToml(text);
    return [toDocument(file, text, document)];
  }
  // As Traefik reads files: a header whose value is `yes` stays `yes`.
  const documents = parseDocuments(text, { booleans: "1.2" });
  const single = file.endsWith(".json") ? parseJson(text) : undefined;
  // JSON that YAML can't read (tabs as indentation): the value without its places is better than nothing.
  if (single !== undefined && documents.some((document) => document.error !== undefined)) {
    return [{ value: single, sourceOf: () => ({ type: "file", file }) }];
  }
  return documents.map((document) => toDocument(file, text, document));
}

interface ParsedDocument {
  readonly value: unknown;
  readonly error?: { readonly message: string; readonly line?: number; readonly column?: number };
  readonly positionOf: (path: FieldPath, at?: "key" | "value") => { line: number; column: number } | undefined;
}

function toDocument(file: string, text: string, document: ParsedDocument): SourceDocument {
  const sourceOf = (path: FieldPath, at?: "key" | "value"): Source => {
    return { type: "file", file, ...document.positionOf(path, at) };
  };
  if (document.error === undefined) return { value: document.value, sourceOf };
  const { message, ...position } = document.error;
  const hint = syntaxHint(text, message);
  const problem: Problem = {
    severity: "error",
    code: "syntax",
    message: `the file can't be read: ${message}`,
    ...(hint !== undefined && { hint }),
    source: { type: "file", file, ...position },
  };
  return { value: undefined, problem, sourceOf };
}

function syntaxHint(text: string, message: string): string | undefined {
  if (text.includes("{{")) return "templates ({{ … }}) are not supported: write the values out";
  return /tab/.test(message) ? "indent with spaces" : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the YAML reader's complaint has a place
  }
}
