// Schema of IngressRoute, in both API groups.

import * as z from "zod";
import { integer } from "../../../schema/primitives.ts";
import { ingressClassName, objectRef, routeTls } from "./schema-common.ts";
import { serviceRef } from "./schema-service-ref.ts";

const observability = z.strictObject({
  accessLogs: z.boolean().optional().describe("Writes access logs."),
  metrics: z.boolean().optional().describe("Counts requests."),
  tracing: z.boolean().optional().describe("Sends traces."),
  traceVerbosity: z.enum(["minimal", "detailed"]).optional().describe("How much a trace holds."),
});

const route = z.strictObject({
  match: z.string().describe("Which requests it takes."),
  kind: z.enum(["Rule"]).optional().describe("Always `Rule`."),
  priority: integer().optional().describe("Higher goes first; 0: the length of the rule."),
  syntax: z.enum(["v3", "v2"]).optional().describe("Syntax of the rule. Default: that of the API group."),
  services: z.array(serviceRef).optional().describe("Where requests go; several share them by weight."),
  middlewares: z.array(objectRef).optional().describe("Middlewares, in order."),
  observability: observability.optional().describe("Which signals are sent."),
});

/** `spec` of an IngressRoute. */
export const ingressRouteSpec = z.strictObject({
  ingressClassName,
  entryPoints: z.array(z.string()).optional().describe("Names of entry points. Default: the default ones."),
  parentRefs: z.array(objectRef).optional().describe("Not served yet: the object is then left out."),
  routes: z.array(route).describe("The routes."),
  tls: routeTls.optional().describe("Takes TLS connections only."),
});

/** The same in Traefik 2's group, whose definition wants `kind` to be written out; weir itself does not. */
export const ingressRouteSpecV2 = ingressRouteSpec.extend({
  routes: z.array(route.extend({ kind: z.enum(["Rule"]).describe("Always `Rule`.") })).describe("The routes."),
});

/** A parsed IngressRoute spec. */
export type IngressRouteSpec = z.infer<typeof ingressRouteSpec>;
/** One route of an IngressRoute. */
export type RouteSpec = z.infer<typeof route>;
