// ipAllowList of TCP: lets only clients with certain addresses connect.

import * as z from "zod";
import { cidr } from "../../schema/primitives.ts";
import { defineMiddlewareSchema } from "../define.ts";

/** The `ipAllowList` middleware of TCP. */
export const ipAllowList = defineMiddlewareSchema({
  kind: "ipAllowList",
  summary: "Lets only clients with certain addresses connect.",
  schema: z.strictObject({
    sourceRange: z.array(cidr).default([]).describe("Addresses and ranges that may connect; empty: none."),
  }),
});
