// contentType: finds out the media type of answers that do not tell it.

import * as z from "zod";
import { defineMiddlewareSchema } from "./define.ts";

/** The `contentType` middleware. */
export const contentType = defineMiddlewareSchema({
  kind: "contentType",
  summary: "Sets the Content-Type of answers that have none, by their first bytes.",
  schema: z.strictObject({
    autoDetect: z.boolean().optional().describe("Deprecated and without effect."),
  }),
});
