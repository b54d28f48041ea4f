// addPrefix: puts a prefix before the path.

import * as z from "zod";
import { nonEmptyString } from "../schema/primitives.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `addPrefix` middleware. */
export const addPrefix = defineMiddlewareSchema({
  kind: "addPrefix",
  summary: "Puts a prefix before the path of the request.",
  schema: z.strictObject({
    prefix: nonEmptyString.describe("What is put before the path; it should begin with a slash."),
  }),
});
