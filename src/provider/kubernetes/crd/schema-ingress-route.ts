// Schema of IngressRoute, in both API groups.

import * as z from "zod";
import { integer } from "../../../schema/primitives.ts";
import { objectRef } from "./schema-common.ts";
import { serviceRef } from "./schema-service-ref.ts";

const observability = z.strictObject({
  accessLogs: z.boolean().optional(),
  metrics: z.boolean().optional(),
  tracing: z.boolean().optional(),
  traceVerbosity: z.enum(["minimal", "detailed"]).optional(),
});

const route = z.strictObject({
  match: z.string(),
  kind: z.enum(["Rule"]).optional(),
  priority: integer().optional(),
  syntax: z.enum(["v3", "v2"]).optional(),
  services: z.array(serviceRef).optional(),
  middlewares: z.array(objectRef).optional(),
  observability: observability.optional(),
});

const tls = z.strictObject({
  secretName: z.string().optional(),
  options: objectRef.optional(),
  store: objectRef.optional(),
  certResolver: z.string().optional(),
  domains: z.array(z.strictObject({ main: z.string().optional(), sans: z.array(z.string()).optional() })).optional(),
});

/** `spec` of an IngressRoute. */
export const ingressRouteSpec = z.strictObject({
  ingressClassName: z.string().optional(),
  entryPoints: z.array(z.string()).optional(),
  parentRefs: z.array(objectRef).optional(),
  routes: z.array(route),
  tls: tls.optional(),
});

/** The same in Traefik 2's group, whose definition wants `kind` to be written out; weir itself does not. */
export const ingressRouteSpecV2 = ingressRouteSpec.extend({
  routes: z.array(route.extend({ kind: z.enum(["Rule"]) })),
});

/** A parsed IngressRoute spec. */
export type IngressRouteSpec = z.infer<typeof ingressRouteSpec>;
/** One route of an IngressRoute. */
export type RouteSpec = z.infer<typeof route>;
/** `tls` of an IngressRoute. */
export type TlsSpec = z.infer<typeof tls>;
