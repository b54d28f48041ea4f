// Schemas of Service and EndpointSlice: only what weir reads; the API server keeps the rest in order.

import * as z from "zod";
import { portRef } from "./schema-common.ts";

const servicePort = z.object({
  name: z.string().optional(),
  port: z.int(),
  targetPort: portRef.optional(),
  protocol: z.string().optional(),
  nodePort: z.int().optional(),
  appProtocol: z.string().optional(),
});

/** `spec` of a Service. */
export const serviceSpec = z.object({
  type: z.enum(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]).optional(),
  clusterIP: z.string().optional(),
  externalName: z.string().optional(),
  ports: z.array(servicePort).optional(),
});

/** A parsed Service spec. */
export type ServiceSpec = z.infer<typeof serviceSpec>;
/** One port of a Service. */
export type ServicePort = z.infer<typeof servicePort>;

/** A Service. */
export const serviceObject = z.object({ spec: serviceSpec });

const condition = z.boolean().nullish();

/** An EndpointSlice of discovery.k8s.io/v1. Go writes empty lists as null. */
export const endpointSlice = z.object({
  addressType: z.enum(["IPv4", "IPv6", "FQDN"]),
  endpoints: z.array(z.object({
    addresses: z.array(z.string()),
    conditions: z.object({ ready: condition, serving: condition, terminating: condition }).optional(),
  })).nullish(),
  ports: z.array(z.object({
    name: z.string().nullish(),
    port: z.int().nullish(),
    protocol: z.string().nullish(),
  })).nullish(),
});

/** A parsed EndpointSlice. */
export type EndpointSlice = z.infer<typeof endpointSlice>;
