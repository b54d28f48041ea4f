// stripPrefixRegex: takes what a regular expression matches off the beginning of the path.

import * as z from "zod";
import { nonEmptyString } from "../schema/primitives.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `stripPrefixRegex` middleware. */
export const stripPrefixRegex = defineMiddlewareSchema({
  kind: "stripPrefixRegex",
  summary: "Takes the first matching prefix off the path, by regular expressions.",
  schema: z.strictObject({
    regex: z.array(nonEmptyString).default([]).describe(
      "Regular expressions of prefixes; the first that matches wins.",
    ),
  }),
});
