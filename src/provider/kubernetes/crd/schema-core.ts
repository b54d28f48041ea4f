// Schemas of Service and EndpointSlice: only what weir reads; the API server keeps the rest in order.

import * as z from "zod";
import { isRecord } from "../store/object.ts";
import { portRef } from "./schema-common.ts";

/** In built-in kinds null means absent: Go writes empty lists that way, and the API server takes it everywhere. */
function builtIn<T extends z.ZodType>(schema: T) {
  return z.preprocess(withoutNulls, schema);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== null).map(([key, field]) => [key, withoutNulls(field)]),
  );
}

const servicePort = z.object({
  name: z.string().optional(),
  port: z.int(),
  targetPort: portRef.optional(),
  protocol: z.string().optional(),
  nodePort: z.int().optional(),
  appProtocol: z.string().optional(),
});

const service = z.object({
  type: z.enum(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]).optional(),
  clusterIP: z.string().optional(),
  externalName: z.string().optional(),
  ports: z.array(servicePort).optional(),
});

/** `spec` of a Service. */
export const serviceSpec = builtIn(service);

/** A parsed Service spec. */
export type ServiceSpec = z.infer<typeof service>;
/** One port of a Service. */
export type ServicePort = z.infer<typeof servicePort>;

/** A Service. */
export const serviceObject = builtIn(z.object({ spec: service }));

const conditions = z.object({
  ready: z.boolean().optional(),
  serving: z.boolean().optional(),
  terminating: z.boolean().optional(),
});

const slice = z.object({
  addressType: z.enum(["IPv4", "IPv6", "FQDN"]),
  endpoints: z.array(z.object({ addresses: z.array(z.string()), conditions: conditions.optional() })).optional(),
  ports: z.array(z.object({
    name: z.string().optional(),
    port: z.int().optional(),
    protocol: z.string().optional(),
  })).optional(),
});

/** An EndpointSlice of discovery.k8s.io/v1. */
export const endpointSlice = builtIn(slice);

/** A parsed EndpointSlice. */
export type EndpointSlice = z.infer<typeof slice>;
