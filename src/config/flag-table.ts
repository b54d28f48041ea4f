// All static options as a table, out of the schema: for `--help` and the documentation.

import type * as z from "zod";
import { factsOf } from "../schema/shape.ts";
import type { SchemaFacts } from "../schema/shape.ts";
import { formatOptionValue } from "./option-value.ts";
import { staticSchema } from "./static.ts";
import { isUnused } from "./unused-options.ts";

/** One option. */
export interface FlagRow {
  /** `entryPoints.<name>.address`; lists of blocks have `[n]`. */
  readonly name: string;
  /** `duration`, `size`, `string`, `true|false`, `block` (switched on by being there), `list of …`. */
  readonly type: string;
  /** Empty: none. */
  readonly defaultValue: string;
  readonly description: string;
  /** False: accepted and checked, without effect yet. */
  readonly effective: boolean;
}

/** Every static option, in the order of the schema. */
export function flagTable(): FlagRow[] {
  return [CONFIG_FILE, ...rowsOf(staticSchema, [])];
}

const CONFIG_FILE: FlagRow = {
  name: "configFile",
  type: "string",
  defaultValue: "",
  description: "File with the static configuration. Default: the first one found in the usual places.",
  effective: true,
};

function rowsOf(schema: z.core.$ZodType, path: readonly string[]): FlagRow[] {
  const facts = factsOf(schema);
  const { shape } = facts;
  switch (shape.kind) {
    case "object": {
      const nested = Object.entries(shape.fields).flatMap(([name, field]) => rowsOf(field, [...path, name]));
      // A block without default is off until it is mentioned.
      return facts.defaultValue === undefined && path.length > 0 && path.at(-1) !== "<name>"
        ? [toRow(facts, path, "block"), ...nested]
        : nested;
    }
    case "record": {
      const below = rowsOf(shape.value, [...path, "<name>"]);
      return below.length > 0 ? below : [toRow(facts, [...path, "<name>"], "block")];
    }
    case "array": {
      const element = factsOf(shape.element);
      const [last = ""] = path.slice(-1);
      if (element.shape.kind === "object") return rowsOf(shape.element, [...path.slice(0, -1), `${last}[n]`]);
      return [toRow(facts, path, `list of ${typeName(element)}s`, element.format)];
    }
    default:
      return [toRow(facts, path, typeName(facts))];
  }
}

function toRow(facts: SchemaFacts, path: readonly string[], type: string, format = facts.format): FlagRow {
  const isList = Array.isArray(facts.defaultValue) && facts.defaultValue.length === 0;
  const unnamed = path.map((part) => part.replace(/\[n\]$/, ""));
  return {
    name: path.join(".") || "",
    type,
    defaultValue: type === "block" || isList ? "" : formatOptionValue(facts.defaultValue, format, []),
    description: facts.description ?? "",
    effective: !isUnused(unnamed),
  };
}

function typeName({ shape, format }: SchemaFacts): string {
  if (format !== undefined) return format;
  if (shape.kind === "enum") return shape.values.join("|");
  if (shape.kind === "boolean") return "true|false";
  return shape.kind === "any" ? "value" : shape.kind;
}
