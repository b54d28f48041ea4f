// Schema of a service reference (Traefik's LoadBalancerSpec): what a route or a TraefikService points at.

import * as z from "zod";
import { healthCheckSchema, passiveHealthCheckSchema, stickySchema } from "../../../config/service-schema.ts";
import { integer } from "../../../schema/primitives.ts";
import { portRef } from "../backend/schema.ts";
import { objectRef } from "./schema-common.ts";

/** Values of `strategy`; `RoundRobin` is Traefik 2's spelling of `wrr`. */
export const strategies = ["wrr", "p2c", "hrw", "leasttime", "RoundRobin"] as const;

/** The fields of a service reference, to be spread into the schemas that extend it. */
export const serviceRefFields = {
  name: z.string().describe("Name of the Service or TraefikService."),
  kind: z.enum(["Service", "TraefikService"]).optional().describe("Default: `Service`."),
  namespace: z.string().optional().describe("Its namespace. Default: that of the object that refers to it."),
  port: portRef.optional().describe("Number or name of a port of the Service."),
  scheme: z.string().optional().describe("`http`, `https` or `h2c`. Default: `https` for port 443, otherwise `http`."),
  weight: integer({ min: 0 }).optional().describe("Share among several services. Default: 1."),
  strategy: z.enum(strategies).optional().describe("How a server is chosen. Default: `wrr`."),
  sticky: stickySchema.optional().describe("Keeps clients at one server."),
  passHostHeader: z.boolean().optional().describe("Sends the client's Host header on. Default: true."),
  responseForwarding: z.strictObject({ flushInterval: z.string().optional().describe("Accepted.") }).optional()
    .describe("Accepted. Weir passes every chunk on at once."),
  serversTransport: z.string().optional().describe("ServersTransport that says how servers are reached."),
  nativeLB: z.boolean().optional().describe("Sends to the Service's address, not to its endpoints."),
  nodePortLB: z.boolean().optional().describe("Sends to the Nodes' addresses, not to the endpoints."),
  healthCheck: healthCheckSchema.optional().describe(
    "Asks the servers whether they are well; ExternalName Services only.",
  ),
  passiveHealthCheck: passiveHealthCheckSchema.optional().describe("Lets servers rest that fail."),
  middlewares: z.array(objectRef).optional().describe("Middlewares before the servers, in order."),
};

/** A service reference. */
export const serviceRef = z.strictObject(serviceRefFields);

/** A parsed {@link serviceRef}. */
export type ServiceRef = z.infer<typeof serviceRef>;
