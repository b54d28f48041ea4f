// References to Middlewares, in routes and in services.

import type { FieldPath } from "../../../schema/path.ts";
import type { Referrer } from "./reference.ts";
import type { ObjectRef } from "./schema-common.ts";
import type { Translation } from "./translation.ts";

/**
 * @returns keys and qualified names in order; undefined when any is missing or refused: whatever holds the references
 * must then not serve, because the missing one may be the one that protects it
 */
export function resolveMiddlewares(
  translation: Translation,
  refs: readonly ObjectRef[],
  path: FieldPath,
  referrer: Referrer,
): readonly string[] | undefined {
  const resolved = refs.map(({ name, namespace }, index) =>
    translation.resolve(
      {
        kind: "Middleware",
        name,
        namespace,
        path: [...path, index, "name"],
        namespacePath: [...path, index, "namespace"],
        crossProvider: true,
      },
      referrer,
      translation.parser.middleware,
    )
  );
  const usable = resolved.filter((each) => each !== undefined);
  return usable.length === resolved.length ? usable : undefined;
}
