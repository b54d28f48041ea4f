// circuitBreaker: sends nothing to a service that is ill.

import * as z from "zod";
import { duration, integer, nonEmptyString } from "../schema/primitives.ts";
import { defineMiddlewareSchema } from "./define.ts";

/** The `circuitBreaker` middleware. */
export const circuitBreaker = defineMiddlewareSchema({
  kind: "circuitBreaker",
  summary: "Keeps requests from a service that is ill, until it has recovered.",
  schema: z.strictObject({
    expression: nonEmptyString.describe("When the service counts as ill: `NetworkErrorRatio() > 0.30`."),
    checkPeriod: duration.default(100).describe("Time between two looks at the expression."),
    fallbackDuration: duration.default(10_000).describe("Time without requests once it is ill."),
    recoveryDuration: duration.default(10_000).describe(
      "Time over which requests are let through again, more and more.",
    ),
    responseCode: integer({ min: 100, max: 599 }).default(503).describe("Status that clients get meanwhile."),
  }),
});
