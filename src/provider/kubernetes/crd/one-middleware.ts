// A Middleware or MiddlewareTCP has exactly one field, which names its kind: which, and with what options.

import type * as z from "zod";
import { quoteValue } from "../../../schema/issues.ts";
import type { Problem } from "../../../schema/problem.ts";
import { hintFor } from "../../../schema/suggest.ts";
import { type Parsed, parseWith, type ProblemText, sourceOf } from "../parse.ts";
import { isRecord, type KubeObject } from "../store/object.ts";
import type { MiddlewareSchemas } from "../backend/middleware-schemas.ts";
import { traefikMiddlewareKinds } from "./schema-middleware.ts";
import { middlewareOptions } from "./schema-middleware-options.ts";

/** Kind and parsed options of a Middleware. */
export interface OneMiddleware {
  readonly kind: string;
  readonly options: unknown;
  /** The options as written. */
  readonly written: unknown;
}

/** Reads the kind and the options of a Middleware object. */
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
  const schema = schemaOf(kind, middlewares);
  if (schema === undefined) return { problems: [problem(unsupportedMiddleware(kind, middlewares), [kind])] };
  const { value, problems } = parseWith(schema, spec[kind], { path: ["spec", kind], source });
  const all = [...unknown, ...problems];
  return value === undefined
    ? { problems: all }
    : { value: { kind, options: value, written: spec[kind] }, problems: all };
}

const schemas = new WeakMap<z.ZodType<unknown>, z.ZodType<unknown>>();

/** The options of a kind as objects write them, worked out once. */
function schemaOf(kind: string, middlewares: MiddlewareSchemas): z.ZodType<unknown> | undefined {
  const inFiles = middlewares.get(kind)?.schema;
  if (inFiles === undefined) return undefined;
  let schema = schemas.get(inFiles);
  if (schema === undefined) schemas.set(inFiles, schema = middlewareOptions(kind, inFiles));
  return schema;
}

function isKnown(kind: string, middlewares: MiddlewareSchemas): boolean {
  return middlewares.has(kind) || traefikMiddlewareKinds.includes(kind);
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
    message: `the middleware ${quoteValue(kind)} is not served yet`,
    hint: `weir has ${[...middlewares.keys()].join(", ")}; routers that use this middleware answer 503`,
  };
}

function unknownMiddleware(kind: string, middlewares: MiddlewareSchemas): ProblemText {
  const hint = hintFor(kind, [...middlewares.keys()]);
  return {
    code: "unknown-middleware",
    message: `unknown middleware ${quoteValue(kind)}`,
    ...(hint !== undefined && { hint }),
  };
}
