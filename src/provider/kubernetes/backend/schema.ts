// Schemas of Service, EndpointSlice and Node: only what weir reads; the API server keeps the rest in order.

import * as z from "zod";
import { isRecord } from "../store/object.ts";

const MAX_LEVELS = 100; // no built-in kind nests deeper; a hostile tree must not exhaust the stack

/** In built-in kinds null means absent: Go writes empty lists that way, and the API server takes it everywhere. */
export function builtIn<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => withoutNulls(value, MAX_LEVELS), schema);
}

function withoutNulls(value: unknown, levels: number): unknown {
  if (levels === 0) return value;
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, levels - 1));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== null)
      .map(([key, field]) => [key, withoutNulls(field, levels - 1)]),
  );
}

/** Kubernetes' int-or-string, as a port. */
export const portRef = z.union([z.int(), z.string()], { error: "must be a port number or the name of a port" });

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
  /** v1beta1 of Kubernetes before 1.20 knew `IP`, too. */
  addressType: z.enum(["IPv4", "IPv6", "FQDN", "IP"]),
  endpoints: z.array(z.object({ addresses: z.array(z.string()), conditions: conditions.optional() })).optional(),
  ports: z.array(z.object({
    name: z.string().optional(),
    port: z.int().optional(),
    protocol: z.string().optional(),
  })).optional(),
});

/** An EndpointSlice of discovery.k8s.io, v1 or v1beta1: what weir reads is the same in both. */
export const endpointSlice = builtIn(slice);

/** A parsed EndpointSlice. */
export type EndpointSlice = z.infer<typeof slice>;

const node = z.object({
  addresses: z.array(z.object({ type: z.string(), address: z.string() })).optional(),
});

/** `status` of a Node. */
export const nodeStatus = builtIn(node.optional());

/** A parsed Node status. */
export type NodeStatus = z.infer<typeof nodeStatus>;
