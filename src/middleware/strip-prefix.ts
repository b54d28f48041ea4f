// stripPrefix: takes a prefix off the path before the request goes on.

import * as z from "zod";
import { canonicalPath } from "../http/path.ts";
import { defineMiddleware } from "./define.ts";
import { invalidOption } from "./invalid-option.ts";
import type { MiddlewareContext } from "./middleware.ts";

const schema = z.strictObject({
  prefixes: z.array(z.string().min(1)).default([]).describe(
    "Prefixes to take off the path. The first that matches wins, character by character: `/api` matches `/apis`.",
  ),
  forceSlash: z.boolean().default(true).describe(
    "Deprecated and without effect: what is left always begins with a slash.",
  ),
});

/** The `stripPrefix` middleware. */
export const stripPrefix = defineMiddleware({
  kind: "stripPrefix",
  summary: "Takes the first matching prefix off the path and reports it in `X-Forwarded-Prefix`.",
  schema,
  create(options, context) {
    const prefixes = options.prefixes.map((prefix, index) => toCanonicalPrefix(prefix.trim(), index));
    if (!options.forceSlash) {
      context.logger.warn("stripPrefix.forceSlash is deprecated and without effect", named(context));
    }
    if (prefixes.length === 0) context.logger.warn("stripPrefix has no prefixes and does nothing", named(context));
    for (const prefix of prefixes) warnIfUnmatchable(prefix, context);
    return (next) => (request) => {
      const path = request.path;
      for (const prefix of prefixes) {
        if (!path.startsWith(prefix)) continue;
        request.rewritePath(path.slice(prefix.length));
        request.headers.append("X-Forwarded-Prefix", prefix);
        break;
      }
      return next(request);
    };
  },
});

/** Paths are matched in their canonical form, so a prefix must be brought into it too; `//` in it is left alone. */
function toCanonicalPrefix(prefix: string, index: number): string {
  const field = `stripPrefix.prefixes[${index}]`;
  if (prefix === "") throw invalidOption(field, `is blank; wanted a path such as "/api"`);
  const ascii = prefix.toWellFormed().replace(/[^\0-\x7f]+/g, encodeURIComponent);
  const canonical = canonicalPath(ascii, false);
  if (canonical === undefined) {
    throw invalidOption(
      field,
      `${JSON.stringify(prefix)} has a broken percent-encoding; write "%25" for a percent sign`,
    );
  }
  return canonical;
}

function warnIfUnmatchable(prefix: string, context: MiddlewareContext): void {
  if (prefix.startsWith("/")) return;
  context.logger.warn(`stripPrefix never matches: ${JSON.stringify(prefix)} does not begin with "/"`, named(context));
}

function named(context: MiddlewareContext): { middlewareName: string } {
  return { middlewareName: context.name };
}
