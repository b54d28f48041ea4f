// chain: several middlewares under one name.

import * as z from "zod";
import { nonEmptyString } from "../schema/primitives.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `chain` middleware. */
export const chain = defineMiddlewareSchema({
  kind: "chain",
  summary: "Puts several middlewares together.",
  schema: z.strictObject({
    middlewares: z.array(nonEmptyString).default([]).describe("Names of middlewares, in order."),
  }),
});
