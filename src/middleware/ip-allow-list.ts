// ipAllowList: lets only clients with certain addresses through.

import * as z from "zod";
import { cidr, integer } from "../schema/primitives.ts";
import { ipStrategySchema } from "./address-criterion.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `ipAllowList` middleware. */
export const ipAllowList = defineMiddlewareSchema({
  kind: "ipAllowList",
  summary: "Lets only clients with certain addresses through.",
  schema: z.strictObject({
    sourceRange: z.array(cidr).default([]).describe("Addresses and ranges that may pass; empty: none."),
    ipStrategy: ipStrategySchema.optional().describe("How the client's address is found."),
    rejectStatusCode: integer({ min: 100, max: 599 }).default(403).describe("Status that others get."),
  }),
});
