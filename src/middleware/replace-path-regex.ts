// replacePathRegex: asks the backend for another path, made from the old one.

import * as z from "zod";
import { nonEmptyString } from "../schema/primitives.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `replacePathRegex` middleware. */
export const replacePathRegex = defineMiddlewareSchema({
  kind: "replacePathRegex",
  summary: "Replaces the path by a regular expression and reports the old one in `X-Replaced-Path`.",
  schema: z.strictObject({
    regex: nonEmptyString.describe("Regular expression that the path must match."),
    replacement: z.string().default("").describe("The new path; `$1` is what the first group matched."),
  }),
});
