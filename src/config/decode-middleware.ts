// Middlewares from files: one known kind, its options checked by the schema in the middleware's own file.

import type { MiddlewareSchema } from "../middleware/middleware.ts";
import { coerce } from "../schema/coerce.ts";
import { toProblems, unknownField } from "../schema/issues.ts";
import { isMapping } from "../schema/path.ts";
import type { Problem } from "../schema/problem.ts";
import type { KindAndOptions } from "./dynamic-part.ts";

/** Middlewares that can be configured, by kind. */
type MiddlewareKinds = ReadonlyMap<string, MiddlewareSchema>;

/** A middleware, or what is wrong with it; paths begin at the middleware. */
export type DecodedMiddleware =
  | { readonly middleware: KindAndOptions; readonly problems: readonly Problem[] }
  | { readonly middleware?: undefined; readonly problems: readonly Problem[] };

/** Reads `{ <kind>: { …options } }`. */
export function decodeMiddleware(input: unknown, kinds: MiddlewareKinds): DecodedMiddleware {
  if (!isMapping(input)) return failure({ code: "invalid-value", message: "a middleware must be a mapping", path: [] });
  const names = Object.keys(input);
  const [name] = names;
  if (name === undefined || names.length > 1) {
    const got = names.length === 0 ? "none" : names.join(" and ");
    return failure({ code: "one-of", message: `a middleware must have exactly one kind, got ${got}`, path: [] });
  }
  const kind = kinds.has(name) ? name : findKind(kinds, name);
  const definition = kind === undefined ? undefined : kinds.get(kind);
  if (kind === undefined || definition === undefined) return unknownKind(name, [...kinds.keys()]);
  const coerced = coerce(definition.schema, input[name]);
  const parsed = definition.schema.safeParse(coerced.value);
  const prefixed = coerced.problems.map((problem) => ({ ...problem, path: [name, ...problem.path ?? []] }));
  if (!parsed.success) {
    const context = { input: coerced.value, schema: definition.schema, path: [name] };
    return { problems: [...prefixed, ...toProblems(parsed.error, context)] };
  }
  if (prefixed.length > 0) return { problems: prefixed };
  return { middleware: { kind, options: parsed.data }, problems: [] };
}

function findKind(kinds: MiddlewareKinds, name: string): string | undefined {
  const folded = name.toLowerCase();
  return [...kinds.keys()].find((kind) => kind.toLowerCase() === folded);
}

function unknownKind(name: string, known: readonly string[]): DecodedMiddleware {
  return { problems: [{ ...unknownField([name], known, {}), message: `unknown middleware ${JSON.stringify(name)}` }] };
}

function failure(problem: Omit<Problem, "severity">): DecodedMiddleware {
  return { problems: [{ severity: "error", ...problem }] };
}
