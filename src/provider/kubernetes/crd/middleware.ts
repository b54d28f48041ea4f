// Middleware objects → middlewares of the dynamic configuration.

import type { HttpMiddleware } from "../../../config/dynamic.ts";
import { quoteValue } from "../../../schema/issues.ts";
import type { Problem } from "../../../schema/problem.ts";
import { hintFor } from "../../../schema/suggest.ts";
import { isRecord, type KubeObject } from "../store/object.ts";
import { displayName } from "./names.ts";
import { type Parsed, parseWith, sourceOf } from "./parse.ts";
import { type MiddlewareSchemas, traefikMiddlewareKinds } from "./schema-middleware.ts";

/** Kind and parsed options of a Middleware. */
export interface OneMiddleware {
  readonly kind: string;
  readonly options: unknown;
}

/** Translates one object; without a value every router that uses it must not serve. */
export function translateMiddleware(object: KubeObject, middlewares: MiddlewareSchemas): Parsed<HttpMiddleware> {
  const { value, problems } = oneKindOf(object, middlewares);
  if (value === undefined) return { problems };
  const { namespace, name } = object.metadata;
  return {
    value: { ...value, displayName: displayName(namespace, name), source: sourceOf(object) },
    problems,
  };
}

/** A Middleware has exactly one field, which names its kind. */
export function oneKindOf(object: KubeObject, middlewares: MiddlewareSchemas): Parsed<OneMiddleware> {
  const source = sourceOf(object);
  const spec = object.raw["spec"];
  const fail = (text: Pick<Problem, "code" | "message" | "hint">, path: readonly string[]) => ({
    problems: [{ severity: "error" as const, ...text, source, path }],
  });
  if (!isRecord(spec)) {
    return fail({ code: "invalid-value", message: `"spec" must be a mapping, got ${quoteValue(spec)}` }, ["spec"]);
  }
  const kinds = Object.keys(spec).filter((kind) => spec[kind] !== undefined && spec[kind] !== null);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const found = kind === undefined ? "none" : kinds.join(" and ");
    const message = `"spec" must have exactly one middleware, got ${found}`;
    return fail({ code: "not-exactly-one", message }, ["spec"]);
  }
  const definition = middlewares.get(kind);
  if (definition === undefined) return fail(unknownMiddleware(kind, middlewares), ["spec", kind]);
  const parsed = parseWith(definition.schema, spec[kind], { path: ["spec", kind], source });
  return parsed.value === undefined
    ? { problems: parsed.problems }
    : { value: { kind, options: parsed.value }, problems: parsed.problems };
}

function unknownMiddleware(kind: string, middlewares: MiddlewareSchemas): Pick<Problem, "code" | "message" | "hint"> {
  if (traefikMiddlewareKinds.some((known) => known === kind)) {
    const hint = `weir has ${[...middlewares.keys()].join(", ")}; routers that use this middleware answer 503`;
    return {
      code: "unsupported-middleware",
      message: `the middleware ${JSON.stringify(kind)} is not served yet`,
      hint,
    };
  }
  const hint = hintFor(kind, [...middlewares.keys()]);
  return {
    code: "unknown-middleware",
    message: `unknown middleware ${JSON.stringify(kind)}`,
    ...(hint !== undefined && { hint }),
  };
}
