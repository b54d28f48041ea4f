// retry: sends a request again when it failed.

import * as z from "zod";
import { duration, integer, size } from "../schema/primitives.ts";
import { defineMiddlewareSchema } from "./define.ts";
import { statusRangesSchema } from "./status-ranges.ts";

const MAX_REQUEST_BODY_BYTES = 2_097_152; // Traefik's default

/** The `retry` middleware. */
export const retry = defineMiddlewareSchema({
  kind: "retry",
  summary: "Sends a request again when the backend could not be reached or answered with certain statuses.",
  schema: z.strictObject({
    attempts: integer({ min: 1 }).describe("How often a request is sent at most."),
    initialInterval: duration.default(0).describe("Pause before the second attempt; it grows from one to the next."),
    timeout: duration.default(0).describe("Time after which no further attempt is made; 0: no limit."),
    status: statusRangesSchema.default([]).describe("Answers after which a request is sent again."),
    maxRequestBodyBytes: size.default(MAX_REQUEST_BODY_BYTES).describe(
      "Largest body kept for another attempt; -1: no limit.",
    ),
    disableRetryOnNetworkError: z.boolean().default(false).describe("Gives up when the backend can't be reached."),
    retryNonIdempotentMethod: z.boolean().default(false).describe("Sends POST, LOCK and PATCH again, too."),
  }),
});
