// A zod schema as the structural schema of a CustomResourceDefinition: what an API server can check by itself.

import * as z from "zod";
import type { OpenApiSchema } from "../../../schema/open-api.ts";
import { isRecord } from "../store/object.ts";
import { traefikLimits } from "./traefik-limits.ts";

/** How a schema is turned. */
export interface StructuralOptions {
  /** Names of the fields down to the schema; some limits depend on them. */
  readonly path: readonly string[];
  /** Whose required fields a definition requires: `inner`: those of the schema itself are left to weir. */
  readonly required: "all" | "inner";
}

/** A duration as Traefik's own definitions write it: Go's syntax, or whole seconds. */
const DURATION = "^([0-9]+(ns|us|µs|ms|s|m|h)?)+$";
/** Status codes and ranges of them. */
const STATUS_RANGE = "^([1-5][0-9]{2}[,-]?)+$";

const anyValue: OpenApiSchema = { "x-kubernetes-preserve-unknown-fields": true };
const intOrString: OpenApiSchema = {
  "x-kubernetes-int-or-string": true,
  anyOf: [{ type: "integer" }, { type: "string" }],
};

/** What the formats of `src/schema/primitives.ts` are in a definition; others are texts that only weir checks. */
const formats: Readonly<Record<string, OpenApiSchema>> = {
  duration: { ...intOrString, pattern: DURATION },
  size: { type: "integer", format: "int64" },
  "status range": { type: "string", pattern: STATUS_RANGE },
};

/**
 * Turns a schema. Defaults stay out: what is not written is weir's to decide, and may change. So do shortest lengths,
 * which Traefik's definitions do not have: a manifest that was stored before must stay storable.
 */
export function toStructuralSchema(schema: z.ZodType, options: StructuralOptions): OpenApiSchema {
  const json = z.toJSONSchema(schema, {
    io: "input",
    target: "openapi-3.0",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      // Of names that are taken in any case, a definition could list one spelling only.
      if (zodSchema instanceof z.ZodPipe && zodSchema.def.in instanceof z.ZodTransform) delete jsonSchema.enum;
    },
  });
  return convert(json, options);
}

function convert(json: unknown, options: StructuralOptions): OpenApiSchema {
  if (!isRecord(json)) return anyValue;
  const converted = convertType(json, options);
  const description = json["description"];
  const limit = traefikLimits(options.path);
  return {
    ...(typeof description === "string" ? { description } : {}),
    ...(limit === undefined ? converted : limit(converted)),
  };
}

function convertType(json: Record<string, unknown>, options: StructuralOptions): OpenApiSchema {
  const special = formats[typeof json["format"] === "string" ? json["format"] : ""];
  if (special !== undefined) return special;
  if (isIntOrString(json["anyOf"])) return intOrString;
  switch (json["type"]) {
    case "object":
      return convertObject(json, options);
    case "array":
      return { type: "array", items: convert(json["items"], options) };
    case "string":
      return convertText(json);
    case "integer":
      return { type: "integer", ...limitsOf(json) };
    case "number":
      return { type: "number", ...limitsOf(json) };
    case "boolean":
      return { type: "boolean" };
    default:
      return anyValue;
  }
}

function isIntOrString(options: unknown): boolean {
  if (!Array.isArray(options) || options.length !== 2) return false;
  const types = options.map((option) => isRecord(option) ? option["type"] : undefined);
  return types.includes("string") && (types.includes("integer") || types.includes("number"));
}

function convertText(json: Record<string, unknown>): OpenApiSchema {
  const { enum: options, pattern } = json;
  return {
    type: "string",
    ...(Array.isArray(options) ? { enum: options } : {}),
    ...(typeof pattern === "string" ? { pattern } : {}),
  };
}

function limitsOf(json: Record<string, unknown>): OpenApiSchema {
  const { minimum, maximum } = json;
  return {
    ...(isLimit(minimum) ? { minimum } : {}),
    ...(isLimit(maximum) ? { maximum } : {}),
  };
}

/** The ends of the exact numbers are no limits that anybody set. */
function isLimit(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER;
}

function convertObject(json: Record<string, unknown>, options: StructuralOptions): OpenApiSchema {
  const { properties, additionalProperties, required } = json;
  if (!isRecord(properties)) {
    return { type: "object", additionalProperties: convert(additionalProperties, options) };
  }
  const fields = Object.entries(properties).map(([name, field]): [string, OpenApiSchema] => {
    return [name, convert(field, { ...options, path: [...options.path, name] })];
  });
  const names = Array.isArray(required) && (options.required === "all" || options.path.length > 1)
    ? required.filter((name) => typeof name === "string")
    : [];
  return {
    type: "object",
    ...(names.length === 0 ? {} : { required: names.toSorted() }),
    ...(fields.length === 0 ? {} : { properties: Object.fromEntries(fields.toSorted(byName)) }),
    ...(isRecord(additionalProperties) ? anyValue : {}),
  };
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
