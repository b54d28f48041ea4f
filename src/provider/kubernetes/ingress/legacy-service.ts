// Traefik 1's annotations of a Service: their values, and (as descriptions) what does their work today.

import * as z from "zod";
import { integer, oneOf } from "../../../schema/primitives.ts";
import { yamlOf } from "./legacy-values.ts";

const middleware = (kind: string) => `use a Middleware with ${kind}, named in the annotation service.middlewares`;

const bytes = integer().optional();

const buffering = z.strictObject({
  maxRequestBodyBytes: bytes,
  memRequestBodyBytes: bytes,
  maxResponseBodyBytes: bytes,
  memResponseBodyBytes: bytes,
  retryExpression: z.string().optional(),
});

/** By their names without prefix. */
export const legacyService = z.strictObject({
  affinity: z.boolean().optional().describe("write the annotation service.sticky.cookie"),
  "session-cookie-name": z.string().optional().describe("write the annotation service.sticky.cookie.name"),
  "load-balancer-method": oneOf(["wrr", "drr"]).optional()
    .describe("leave it out: weir balances in weighted turns (wrr), and drr means the same here"),
  "max-conn-amount": integer({ min: 0 }).optional().describe(middleware("inFlightReq.amount")),
  "max-conn-extractor-func": z.string().optional().describe(middleware("inFlightReq.sourceCriterion")),
  "circuit-breaker-expression": z.string().optional().describe(middleware("circuitBreaker.expression")),
  buffering: yamlOf(buffering).optional().describe(middleware("buffering")),
  "responseforwarding-flushinterval": z.string().optional()
    .describe("leave it out: weir passes every chunk on at once"),
});

/** The annotations of one Service, read. */
export type LegacyService = z.infer<typeof legacyService>;
