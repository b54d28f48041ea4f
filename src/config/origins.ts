// `weir config --origin`: each effective option, its value, and who set it.

import type * as z from "zod";
import { isMapping } from "../schema/path.ts";
import { describeSource } from "../schema/problem-text.ts";
import { factsOf } from "../schema/shape.ts";
import type { Shape } from "../schema/shape.ts";
import type { LoadedStatic } from "./load-static.ts";
import { formatOptionName } from "./option-name.ts";
import { formatOptionValue } from "./option-value.ts";
import { staticSchema } from "./static.ts";

/** One effective option. */
export interface OptionOrigin {
  /** `entryPoints.web.address` */
  readonly name: string;
  readonly value: string;
  /** `flag --log.level`, `variable WEIR_LOG_LEVEL`, `file traefik.yml:3:5`, or `default`. */
  readonly origin: string;
}

/** Lists the options in force. Empty when the configuration has errors. */
export function listOrigins(loaded: Pick<LoadedStatic, "configuration" | "sourceOf">): OptionOrigin[] {
  if (loaded.configuration === undefined) return [];
  return leavesOf(staticSchema, loaded.configuration, []).map(({ path, value, format }) => ({
    name: formatOptionName(path),
    value: formatItems(value, format, path),
    origin: describeOrigin(loaded, path),
  }));
}

interface Leaf {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  readonly format: string | undefined;
}

function leavesOf(schema: z.core.$ZodType | undefined, value: unknown, path: Leaf["path"]): Leaf[] {
  const facts = schema && factsOf(schema);
  const shape = facts?.shape;
  if (isMapping(value) && Object.keys(value).length > 0) {
    const given = Object.entries(value).filter(([, field]) => field !== undefined);
    return given.flatMap(([name, field]) => leavesOf(shape && schemaOf(shape, name), field, [...path, name]));
  }
  if (shape?.kind !== "array") return [{ path, value, format: facts?.format }];
  const element = factsOf(shape.element);
  if (element.shape.kind === "object" && Array.isArray(value) && value.length > 0) {
    return value.flatMap((item, index) => leavesOf(shape.element, item, [...path, index]));
  }
  return [{ path, value, format: element.format }];
}

function schemaOf(shape: Shape, name: string): z.core.$ZodType | undefined {
  if (shape.kind === "record") return shape.value;
  return shape.kind === "object" ? shape.fields[name] : undefined;
}

/** The list as aligned text, for a terminal. */
export function formatOrigins(loaded: Pick<LoadedStatic, "configuration" | "sourceOf">): string {
  const rows = listOrigins(loaded);
  const width = Math.max(0, ...rows.map((row) => row.name.length));
  const valueWidth = Math.min(40, Math.max(0, ...rows.map((row) => row.value.length)));
  return rows.map(({ name, value, origin }) => `${name.padEnd(width)}  ${value.padEnd(valueWidth)}  ${origin}\n`).join(
    "",
  );
}

function formatItems(value: unknown, format: string | undefined, path: readonly (string | number)[]): string {
  if (!Array.isArray(value)) return formatOptionValue(value, format, path);
  return value.map((item) => formatOptionValue(item, format, path)).join(",");
}

function describeOrigin({ sourceOf }: Pick<LoadedStatic, "sourceOf">, path: readonly (string | number)[]): string {
  const source = sourceOf(path);
  if (source === undefined) return "default";
  const kind = source.type === "env" ? "variable" : source.type;
  return `${kind} ${describeSource(source)}`;
}
