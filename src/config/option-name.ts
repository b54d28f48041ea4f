// Dotted option names, as flags and variables write them, resolved against the schema.

import type * as z from "zod";
import { factsOf, findField } from "../schema/shape.ts";
import type { SchemaFacts, Shape } from "../schema/shape.ts";
import { suggest } from "../schema/suggest.ts";

/** Where an option name leads. */
export type ResolvedName =
  | {
    readonly found: true;
    /** With the schema's spelling; list indices are numbers. */
    readonly path: readonly (string | number)[];
    readonly facts: SchemaFacts;
  }
  | {
    readonly found: false;
    /** How many segments were understood. */
    readonly depth: number;
    /** The nearest name there is, whole. */
    readonly suggestion: string | undefined;
    /** The names known where the first unknown one stands. */
    readonly known: readonly string[];
  };

/**
 * Resolves `entrypoints.web.http.tls.domains[0].main`. Field names match without case; names of a map stay as
 * they are; in a map of plain values the rest of the name is the key.
 */
export function resolveOptionName(schema: z.core.$ZodType, name: string): ResolvedName {
  const segments = name.replace(/\[(\d+)\]/g, ".$1").split(".");
  const path: (string | number)[] = [];
  let facts = factsOf(schema);
  for (const [depth, segment] of segments.entries()) {
    const next = stepInto(facts.shape, segments.slice(depth));
    if (next === undefined || segment === "") return unknownName(facts.shape, path, segments, depth);
    path.push(next.step);
    if (next.schema === undefined) return { found: true, path: [...path, ...segments.slice(depth + 1)], facts: ANY };
    facts = factsOf(next.schema);
    if (next.isLast) break;
  }
  return { found: true, path, facts };
}

/** What is known of a place inside an open block. */
const ANY: SchemaFacts = {
  shape: { kind: "any" },
  defaultValue: undefined,
  description: undefined,
  format: undefined,
  secret: false,
};

interface Step {
  readonly step: string | number;
  /** Undefined inside open blocks: anything goes. */
  readonly schema: z.core.$ZodType | undefined;
  readonly isLast: boolean;
}

function stepInto(shape: Shape, [segment = "", ...rest]: readonly string[]): Step | undefined {
  switch (shape.kind) {
    case "object": {
      const field = findField(shape.fields, segment);
      if (field !== undefined) return { step: field, schema: shape.fields[field], isLast: false };
      return shape.open ? { step: segment, schema: undefined, isLast: false } : undefined;
    }
    case "record":
      if (isPlain(shape.value)) return { step: [segment, ...rest].join("."), schema: shape.value, isLast: true };
      return { step: segment, schema: shape.value, isLast: false };
    case "array":
      return /^[0-9]{1,4}$/.test(segment) ? { step: Number(segment), schema: shape.element, isLast: false } : undefined;
    default:
      return undefined;
  }
}

function isPlain(schema: z.core.$ZodType): boolean {
  const { kind } = factsOf(schema).shape;
  return kind !== "object" && kind !== "record" && kind !== "array";
}

function unknownName(
  shape: Shape,
  path: readonly (string | number)[],
  segments: readonly string[],
  depth: number,
): ResolvedName {
  const known = shape.kind === "object" ? Object.keys(shape.fields) : [];
  const near = suggest(segments[depth] ?? "", known);
  const suggestion = near === undefined ? undefined : formatOptionName([...path, near, ...segments.slice(depth + 1)]);
  return { found: false, depth, suggestion, known };
}

/** `["entryPoints", "web", "domains", 0, "main"]` → `entryPoints.web.domains[0].main`. */
export function formatOptionName(path: readonly (string | number)[]): string {
  return path.map((step, at) => typeof step === "number" ? `[${step}]` : at === 0 ? step : `.${step}`).join("");
}
