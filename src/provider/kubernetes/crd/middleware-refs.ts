// References to Middlewares and MiddlewareTCPs, in routes, in services and in chains.

import type { FieldPath } from "../../../schema/path.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import type { ObjectRef } from "./schema-common.ts";
import type { Translation } from "./translation.ts";

/** A list of references and where it stands. */
export interface MiddlewareRefs {
  readonly kind: "Middleware" | "MiddlewareTCP";
  readonly refs: readonly ObjectRef[] | undefined;
  readonly path: FieldPath;
}

/**
 * @returns keys and qualified names in order; undefined when any is missing or refused: whatever holds the references
 * must then not serve, because the missing one may be the one that protects it
 */
export function resolveMiddlewares(
  translation: Translation,
  { kind, refs = [], path }: MiddlewareRefs,
  referrer: CrdReferrer,
): readonly string[] | undefined {
  const resolved = refs.map(({ name, namespace }, index) =>
    translation.resolve({
      kind,
      name,
      namespace,
      path: [...path, index, "name"],
      namespacePath: [...path, index, "namespace"],
      crossProvider: true,
    }, referrer)
  );
  const usable = resolved.filter((each) => each !== undefined);
  return usable.length === resolved.length ? usable : undefined;
}
