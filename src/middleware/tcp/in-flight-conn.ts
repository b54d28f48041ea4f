// inFlightConn: lets only so many connections of one client through at the same time.

import * as z from "zod";
import { integer } from "../../schema/primitives.ts";
import { defineMiddlewareSchema } from "../define.ts";

/** The `inFlightConn` middleware of TCP. */
export const inFlightConn = defineMiddlewareSchema({
  kind: "inFlightConn",
  summary: "Lets only so many connections of one address through at the same time.",
  schema: z.strictObject({
    amount: integer({ min: 0 }).default(0).describe("Connections of one address at most; 0: no limit."),
  }),
});
