// What a zod schema looks like to those who walk it: flags, files, documentation and did-you-mean.

import * as z from "zod";

/** The part of a schema that matters when text is turned into values. */
export type Shape =
  | {
    readonly kind: "object";
    readonly fields: Readonly<Record<string, z.core.$ZodType>>;
    /** Unknown fields are accepted and kept. */
    readonly open: boolean;
  }
  | { readonly kind: "record"; readonly value: z.core.$ZodType }
  | { readonly kind: "array"; readonly element: z.core.$ZodType }
  | { readonly kind: "boolean" | "number" | "string" | "any" }
  | { readonly kind: "enum"; readonly values: readonly string[] };

/** A shape with what stands around it in the schema. */
export interface SchemaFacts {
  readonly shape: Shape;
  /** The value when nothing is given; undefined when there is none. */
  readonly defaultValue: unknown;
  /** First found from outside in. */
  readonly description: string | undefined;
  /** Name of a weir primitive: `duration`, `size`, `cidr`, `port`, `status range`. */
  readonly format: string | undefined;
  /** Its values must not be shown: see `secret.ts`. */
  readonly secret: boolean;
}

/** Schemas live as long as the program, and each is walked for every part of every file. */
const known = new WeakMap<z.core.$ZodType, SchemaFacts>();

/** Looks through optional, default, readonly, pipe and lazy wrappers. */
export function factsOf(schema: z.core.$ZodType): SchemaFacts {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const facts = findFacts(schema);
  known.set(schema, facts);
  return facts;
}

function findFacts(schema: z.core.$ZodType): SchemaFacts {
  let defaultValue: unknown;
  let description: string | undefined;
  let format: string | undefined;
  let secret = false;
  for (let at: z.core.$ZodType = schema;;) {
    const meta = z.globalRegistry.get(at);
    description ??= meta?.description;
    if (typeof meta?.["format"] === "string") format ??= meta["format"];
    secret ||= meta?.["secret"] === true;
    if (at instanceof z.ZodDefault || at instanceof z.ZodPrefault) defaultValue ??= at.def.defaultValue;
    const inner = unwrap(at);
    if (inner === undefined) return { shape: shapeOf(at), defaultValue, description, format, secret };
    at = inner;
  }
}

/**
 * The schema at a path, through wrappers; undefined where the path leaves the schema.
 * Field names match without case.
 */
export function schemaAt(
  schema: z.core.$ZodType,
  path: readonly (string | number)[],
): z.core.$ZodType | undefined {
  let at: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    if (at === undefined) return undefined;
    at = stepInto(factsOf(at).shape, step);
  }
  return at;
}

/** The field of an object shape that a name stands for, whatever its case. */
export function findField(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  if (Object.hasOwn(fields, name)) return name;
  const folded = name.toLowerCase();
  return Object.keys(fields).find((field) => field.toLowerCase() === folded);
}

function stepInto(shape: Shape, step: string | number): z.core.$ZodType | undefined {
  if (shape.kind === "array") return shape.element;
  if (shape.kind === "record") return shape.value;
  if (shape.kind !== "object") return undefined;
  const field = findField(shape.fields, String(step));
  return field === undefined ? undefined : shape.fields[field];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly) {
    return schema.def.innerType;
  }
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodCatch) {
    return schema.def.innerType;
  }
  if (schema instanceof z.ZodNonOptional) return schema.def.innerType;
  if (schema instanceof z.ZodLazy) return schema.def.getter();
  // A preprocess pipes a transform into the schema that matters; a transform comes after it.
  if (schema instanceof z.ZodPipe) return schema.def.in instanceof z.ZodTransform ? schema.def.out : schema.def.in;
  return undefined;
}

function shapeOf(schema: z.core.$ZodType): Shape {
  if (schema instanceof z.ZodObject) {
    const catchall = schema.def.catchall;
    return {
      kind: "object",
      fields: schema.def.shape,
      open: catchall !== undefined && !(catchall instanceof z.ZodNever),
    };
  }
  if (schema instanceof z.ZodRecord) return { kind: "record", value: schema.def.valueType };
  if (schema instanceof z.ZodArray) return { kind: "array", element: schema.def.element };
  if (schema instanceof z.ZodBoolean) return { kind: "boolean" };
  if (schema instanceof z.ZodNumber) return { kind: "number" };
  if (schema instanceof z.ZodString) return { kind: "string" };
  if (schema instanceof z.ZodEnum) return { kind: "enum", values: schema.options.map(String) };
  if (schema instanceof z.ZodUnion) return unionShape(schema.options);
  return { kind: "any" };
}

/** Our unions are of scalars ("text or number"): text is what all of them can be read from. */
function unionShape(options: readonly z.core.$ZodType[]): Shape {
  const kinds = options.map((option) => factsOf(option).shape.kind);
  return { kind: kinds.every((kind) => kind === "string" || kind === "number" || kind === "enum") ? "string" : "any" };
}
