// ipWhiteList of TCP: the former name of ipAllowList.

import * as z from "zod";
import { cidr } from "../../schema/primitives.ts";
import { defineMiddlewareSchema } from "../define.ts";

/** The `ipWhiteList` middleware of TCP. */
export const ipWhiteList = defineMiddlewareSchema({
  kind: "ipWhiteList",
  summary: "Deprecated: use ipAllowList.",
  schema: z.strictObject({
    sourceRange: z.array(cidr).default([]).describe("Addresses and ranges that may connect; empty: none."),
  }),
});
