// Paths of fields → places in files, as exact as the text allows.

import { isObject, type Step, valueAt } from "../dev/json.ts";
import { sourceOfManifest } from "../dev/manifest/manifest-problem.ts";
import type { Manifest } from "../dev/manifest/manifest.ts";
import type { Problem } from "../schema/problem.ts";
import type { Finding } from "./finding.ts";

/** An object as it stands in a file, under the namespace it gets. */
export interface PlacedManifest {
  readonly manifest: Manifest;
  /** Empty for kinds of the whole cluster. */
  readonly namespace: string;
}

/** The finding of a problem with an object: at the key for mappings and unknown fields, else at the value. */
export function placed({ manifest, namespace }: PlacedManifest, problem: Problem): Finding {
  const path = problem.path ?? [];
  return {
    ...problem,
    source: { ...sourceOfManifest(manifest, namespace), position: placeOf(manifest, path, problem.code) },
  };
}

function placeOf({ content, place }: Manifest, path: readonly Step[], code: string) {
  const value = valueAt(content, ...path);
  const isWhole = value === undefined || isObject(value) || Array.isArray(value);
  return place(path, isWhole || code === "unknown-field" ? "key" : "value");
}

/** The path of the first text below a value that a test accepts. */
export function findText(
  value: unknown,
  accepts: (text: string, path: readonly Step[]) => boolean,
  path: readonly Step[] = [],
): readonly Step[] | undefined {
  if (typeof value === "string") return accepts(value, path) ? path : undefined;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = findText(item, accepts, [...path, index]);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isObject(value)) return undefined;
  for (const [key, field] of Object.entries(value)) {
    const found = findText(field, accepts, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
