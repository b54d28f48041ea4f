// One source of static options, and how several of them are laid over each other.

import { hasPath, isMapping } from "../schema/path.ts";
import type { FieldPath } from "../schema/path.ts";
import type { Problem, Source } from "../schema/problem.ts";

/** What flags, variables or a file say. */
export interface Layer {
  readonly name: "flags" | "environment" | "file";
  /** With the schema's spelling of names; not validated yet. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  sourceOf(path: FieldPath, at: "key" | "value"): Source | undefined;
}

/** @param layers the strongest first. Mappings are merged, everything else is replaced. */
export function mergeLayers(layers: readonly Layer[]): unknown {
  return layers.reduceRight<unknown>((below, layer) => overlay(below, layer.value), {});
}

/** The layer that decides a path, which may lead to a block that several layers share. */
export function sourceOfOption(layers: readonly Layer[], path: FieldPath, at: "key" | "value"): Source | undefined {
  for (const layer of layers) {
    const own = spelledPath(layer.value, path);
    if (own !== undefined && hasPath(layer.value, own)) return layer.sourceOf(own, at);
  }
  return undefined;
}

function overlay(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isMapping(below) || !isMapping(above)) return above;
  const merged = new Map(Object.entries(below));
  for (const [name, value] of Object.entries(above)) {
    const key = findName(below, name) ?? name;
    merged.set(key, overlay(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** Variables know no case: `TRAEFIK_ENTRYPOINTS_WEBSECURE_…` means the `webSecure` of the file. */
function findName(mapping: Readonly<Record<string, unknown>>, name: string): string | undefined {
  if (Object.hasOwn(mapping, name)) return name;
  const folded = name.toLowerCase();
  return Object.keys(mapping).find((key) => key.toLowerCase() === folded);
}

/** The path in the layer's own spelling of names. */
function spelledPath(root: unknown, path: FieldPath): FieldPath | undefined {
  const spelled: (string | number)[] = [];
  let value = root;
  for (const step of path) {
    if (Array.isArray(value)) {
      spelled.push(step);
      value = value[Number(step)];
      continue;
    }
    if (!isMapping(value)) return undefined;
    const name = findName(value, String(step));
    if (name === undefined) return undefined;
    spelled.push(name);
    value = value[name];
  }
  return spelled;
}
