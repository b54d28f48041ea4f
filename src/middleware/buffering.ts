// buffering: reads bodies whole before they go on, and limits their size.

import * as z from "zod";
import { size } from "../schema/primitives.ts";
import { defineMiddlewareSchema } from "./define.ts";

const MEMORY_BYTES = 1_048_576; // Traefik's default

/** The `buffering` middleware. */
export const buffering = defineMiddlewareSchema({
  kind: "buffering",
  summary: "Reads requests and answers whole before they go on, and limits their size.",
  schema: z.strictObject({
    maxRequestBodyBytes: size.default(0).describe("Largest body of a request; larger ones get a 413. 0: no limit."),
    memRequestBodyBytes: size.default(MEMORY_BYTES).describe("Bytes of a request's body kept in memory."),
    maxResponseBodyBytes: size.default(0).describe("Largest body of an answer; larger ones become a 500. 0: no limit."),
    memResponseBodyBytes: size.default(MEMORY_BYTES).describe("Bytes of an answer's body kept in memory."),
    retryExpression: z.string().optional().describe(
      "When a request is sent again: `IsNetworkError() && Attempts() < 2`.",
    ),
    disableRequestBuffer: z.boolean().default(false).describe("Leaves requests alone."),
    disableResponseBuffer: z.boolean().default(false).describe("Leaves answers alone."),
  }),
});
