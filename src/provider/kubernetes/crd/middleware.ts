// Middleware objects → middlewares of the dynamic configuration.

import type { HttpMiddleware } from "../../../config/dynamic.ts";
import { quoteValue } from "../../../schema/issues.ts";
import type { Problem } from "../../../schema/problem.ts";
import { hintFor } from "../../../schema/suggest.ts";
import { isRecord, type KubeObject } from "../store/object.ts";
import { displayName } from "./names.ts";
import { type Parsed, parseWith, type ProblemText, sourceOf } from "./parse.ts";
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
  const problem = (text: ProblemText, path: readonly string[]): Problem => ({
    severity: "error",
    ...text,
    source,
    path: ["spec", ...path],
  });
  if (!isRecord(spec)) return { problems: [problem(notMapping(spec), [])] };
  const set = Object.keys(spec).filter((kind) => spec[kind] !== undefined && spec[kind] !== null);
  const [kind, second] = set.filter((each) => isKnown(each, middlewares));
  const unknown = set.filter((each) => !isKnown(each, middlewares)).map((each) =>
    problem({ ...unknownMiddleware(each, middlewares), ...(kind !== undefined && { severity: "warning" }) }, [each])
  );
  if (kind === undefined || second !== undefined) {
    return { problems: unknown.length > 0 && kind === undefined ? unknown : [problem(notOne(set), [])] };
  }
  const definition = middlewares.get(kind);
  if (definition === undefined) return { problems: [problem(unsupportedMiddleware(kind, middlewares), [kind])] };
  const { value, problems } = parseWith(definition.schema, spec[kind], { path: ["spec", kind], source });
  const all = [...unknown, ...problems];
  return value === undefined ? { problems: all } : { value: { kind, options: value }, problems: all };
}

function isKnown(kind: string, middlewares: MiddlewareSchemas): boolean {
  return middlewares.has(kind) || traefikMiddlewareKinds.some((known) => known === kind);
}

function notMapping(spec: unknown): ProblemText {
  return { code: "invalid-value", message: `"spec" must be a mapping, got ${quoteValue(spec)}` };
}

function notOne(kinds: readonly string[]): ProblemText {
  const found = kinds.length === 0 ? "none" : kinds.join(" and ");
  return { code: "not-exactly-one", message: `"spec" must have exactly one middleware, got ${found}` };
}

function unsupportedMiddleware(kind: string, middlewares: MiddlewareSchemas): ProblemText {
  return {
    code: "unsupported-middleware",
    message: `the middleware ${JSON.stringify(kind)} is not served yet`,
    hint: `weir has ${[...middlewares.keys()].join(", ")}; routers that use this middleware answer 503`,
  };
}

function unknownMiddleware(kind: string, middlewares: MiddlewareSchemas): ProblemText {
  const hint = hintFor(kind, [...middlewares.keys()]);
  return {
    code: "unknown-middleware",
    message: `unknown middleware ${JSON.stringify(kind)}`,
    ...(hint !== undefined && { hint }),
  };
}
