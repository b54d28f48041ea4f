// ipWhiteList: the former name of ipAllowList.

import * as z from "zod";
import { cidr } from "../schema/primitives.ts";
import { ipStrategySchema } from "./address-criterion.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `ipWhiteList` middleware. */
export const ipWhiteList = defineMiddlewareSchema({
  kind: "ipWhiteList",
  summary: "Deprecated: use ipAllowList.",
  schema: z.strictObject({
    sourceRange: z.array(cidr).default([]).describe("Addresses and ranges that may pass; empty: none."),
    ipStrategy: ipStrategySchema.optional().describe("How the client's address is found."),
  }),
});
