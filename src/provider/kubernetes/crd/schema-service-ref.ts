// Schema of a service reference (Traefik's LoadBalancerSpec): what a route or a TraefikService points at.

import * as z from "zod";
import { healthCheckSchema, passiveHealthCheckSchema, stickySchema } from "../../../config/service-schema.ts";
import { integer } from "../../../schema/primitives.ts";
import { objectRef, portRef } from "./schema-common.ts";

/** Values of `strategy`; `RoundRobin` is Traefik 2's spelling of `wrr`. */
export const strategies = ["wrr", "p2c", "hrw", "leasttime", "RoundRobin"] as const;

/** The fields of a service reference, to be spread into the schemas that extend it. */
export const serviceRefFields = {
  name: z.string(),
  kind: z.enum(["Service", "TraefikService"]).optional(),
  namespace: z.string().optional(),
  port: portRef.optional(),
  scheme: z.string().optional(),
  weight: integer({ min: 0 }).optional(),
  strategy: z.enum(strategies).optional(),
  sticky: stickySchema.optional(),
  passHostHeader: z.boolean().optional(),
  responseForwarding: z.strictObject({ flushInterval: z.string().optional() }).optional(),
  serversTransport: z.string().optional(),
  nativeLB: z.boolean().optional(),
  nodePortLB: z.boolean().optional(),
  healthCheck: healthCheckSchema.optional(),
  passiveHealthCheck: passiveHealthCheckSchema.optional(),
  middlewares: z.array(objectRef).optional(),
};

/** A service reference. */
export const serviceRef = z.strictObject(serviceRefFields);

/** A parsed {@link serviceRef}. */
export type ServiceRef = z.infer<typeof serviceRef>;
