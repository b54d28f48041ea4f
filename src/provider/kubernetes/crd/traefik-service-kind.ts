// Which of its four ways a TraefikService takes: exactly one must be set.

import type { Problem } from "../../../schema/problem.ts";
import { isRecord, type KubeObject } from "../store/object.ts";
import { sourceOf } from "../parse.ts";
import { traefikServiceKinds } from "./schema-traefik-service.ts";

/** A way to combine services. */
export type TraefikServiceKind = (typeof traefikServiceKinds)[number];

/** @returns the one kind that is set, or the problem with none or several */
export function oneOfTraefikService(
  object: KubeObject,
): { readonly kind?: TraefikServiceKind; readonly problems: readonly Problem[] } {
  const spec = object.raw["spec"];
  const set = isRecord(spec) ? traefikServiceKinds.filter((kind) => spec[kind] !== undefined) : [];
  const [kind] = set;
  if (kind !== undefined && set.length === 1) return { kind, problems: [] };
  const found = set.length === 0 ? "none" : set.join(" and ");
  return {
    problems: [{
      severity: "error",
      code: "not-exactly-one",
      message: `"spec" must have exactly one of ${traefikServiceKinds.join(", ")}, got ${found}`,
      source: sourceOf(object),
      path: ["spec"],
    }],
  };
}
