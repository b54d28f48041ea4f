// inFlightReq: lets only so many requests of one source through at the same time.

import * as z from "zod";
import { integer } from "../schema/primitives.ts";
import { sourceCriterionSchema } from "./address-criterion.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `inFlightReq` middleware. */
export const inFlightReq = defineMiddlewareSchema({
  kind: "inFlightReq",
  summary: "Lets only so many requests of one source through at the same time; others get a 429.",
  schema: z.strictObject({
    amount: integer({ min: 0 }).default(0).describe("Requests under way at most."),
    sourceCriterion: sourceCriterionSchema.optional().describe("What a source is. Default: the Host of the request."),
  }),
});
