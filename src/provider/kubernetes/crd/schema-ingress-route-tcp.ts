// Schema of IngressRouteTCP, in both API groups.

import * as z from "zod";
import { proxyProtocolSchema } from "../../../config/l4-schema.ts";
import { integer } from "../../../schema/primitives.ts";
import { ingressClassName, objectRef, routeTls } from "./schema-common.ts";
import { l4ServiceRefFields } from "./schema-l4-service-ref.ts";

const service = z.strictObject({
  ...l4ServiceRefFields,
  tls: z.boolean().optional().describe("Speaks TLS to the servers."),
  serversTransport: z.string().optional().describe("ServersTransportTCP that says how servers are reached."),
  proxyProtocol: proxyProtocolSchema.optional().describe("Deprecated: it belongs to the ServersTransportTCP."),
  terminationDelay: integer().optional().describe(
    "Deprecated: it belongs to the ServersTransportTCP. Milliseconds; less than 0: no limit.",
  ),
});

const route = z.strictObject({
  match: z.string().describe("Which connections it takes."),
  priority: integer().optional().describe("Higher goes first; 0: the length of the rule."),
  syntax: z.enum(["v3", "v2"]).optional().describe("Syntax of the rule. Default: that of the API group."),
  services: z.array(service).optional().describe("Where connections go; several share them by weight."),
  middlewares: z.array(objectRef).optional().describe("MiddlewareTCPs, in order."),
});

/** `spec` of an IngressRouteTCP. */
export const ingressRouteTcpSpec = z.strictObject({
  ingressClassName,
  entryPoints: z.array(z.string()).optional().describe("Names of entry points. Default: the default ones."),
  routes: z.array(route).describe("The routes."),
  tls: routeTls.extend({
    passthrough: z.boolean().optional().describe(
      "Hands the bytes to the server as they are, which has the certificate.",
    ),
  }).optional().describe("Takes TLS connections only."),
});

/** A parsed IngressRouteTCP spec. */
export type IngressRouteTcpSpec = z.infer<typeof ingressRouteTcpSpec>;
/** One route of an IngressRouteTCP. */
export type TcpRouteSpec = z.infer<typeof route>;
/** One service of a route. */
export type TcpServiceRef = z.infer<typeof service>;
