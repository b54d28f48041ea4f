// The paths of an Ingress, one entry per router it becomes.

import type { FieldPath } from "../../../schema/path.ts";
import type { IngressBackend, IngressSpec, PathType } from "./schema-ingress.ts";

/** A backend and where it stands. */
export interface BackendPlace {
  readonly backend: IngressBackend;
  readonly at: FieldPath;
}

/** One path of one rule. */
export interface PathEntry {
  /** Empty: any. */
  readonly host: string;
  /** Empty: any. */
  readonly path: string;
  readonly type: PathType;
  /** Where it stands. */
  readonly at: FieldPath;
  /** One, but for Traefik 1's weights, which split a path that stands several times. */
  readonly backends: readonly BackendPlace[];
}

/** @param joins whether the same path of the same host is one path with several backends */
export function pathsOf({ rules = [] }: IngressSpec, joins: boolean): PathEntry[] {
  const entries = rules.flatMap(({ host = "", http }, rule) =>
    (http?.paths ?? []).map(({ path = "", pathType: type = "ImplementationSpecific", backend }, index): PathEntry => {
      const at = ["spec", "rules", rule, "http", "paths", index];
      return { host, path, type, at, backends: [{ backend, at: [...at, "backend"] }] };
    })
  );
  if (!joins) return entries;
  const joined = Map.groupBy(entries, ({ host, path, type }) => JSON.stringify([host, path, type]));
  return [...joined.values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, backends: same.flatMap(({ backends }) => backends) }];
  });
}

/** Hosts for which a default backend stands in; the empty one is any host. */
export function hostsOf({ rules = [] }: IngressSpec): readonly string[] {
  return rules.length === 0 ? [""] : [...new Set(rules.map(({ host = "" }) => host))];
}

/** Hosts of rules without paths. */
export function hostsWithoutPaths({ rules = [] }: IngressSpec): { readonly host: string; readonly at: FieldPath }[] {
  return rules.flatMap(({ host = "", http }, index) =>
    (http?.paths ?? []).length === 0 ? [{ host, at: ["spec", "rules", index] }] : []
  );
}
