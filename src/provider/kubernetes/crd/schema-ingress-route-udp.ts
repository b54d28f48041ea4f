// Schema of IngressRouteUDP, in both API groups.

import * as z from "zod";
import { ingressClassName } from "./schema-common.ts";
import { l4ServiceRefFields } from "./schema-l4-service-ref.ts";

const service = z.strictObject(l4ServiceRefFields);

/** `spec` of an IngressRouteUDP. */
export const ingressRouteUdpSpec = z.strictObject({
  ingressClassName,
  entryPoints: z.array(z.string()).optional().describe("Names of entry points: UDP has no default ones."),
  routes: z.array(z.strictObject({
    services: z.array(service).optional().describe("Where clients go; several share them by weight."),
  })).describe("The routes; an entry point has one."),
});

/** A parsed IngressRouteUDP spec. */
export type IngressRouteUdpSpec = z.infer<typeof ingressRouteUdpSpec>;
/** One service of a route. */
export type UdpServiceRef = z.infer<typeof service>;
