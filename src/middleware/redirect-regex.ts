// redirectRegex: sends clients to another URL, made from the one they asked for.

import * as z from "zod";
import { nonEmptyString } from "../schema/primitives.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `redirectRegex` middleware. */
export const redirectRegex = defineMiddlewareSchema({
  kind: "redirectRegex",
  summary: "Redirects requests whose URL matches a regular expression.",
  schema: z.strictObject({
    regex: nonEmptyString.describe("Regular expression that the whole URL must match."),
    replacement: nonEmptyString.describe("The URL to go to; `$1` or `${1}` is what the first group matched."),
    permanent: z.boolean().default(false).describe("301 or 308 instead of 302 or 307."),
  }),
});
