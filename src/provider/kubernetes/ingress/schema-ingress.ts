// Schemas of Ingress, in all its versions: only what weir reads; the API server keeps the rest in order.

import * as z from "zod";
import { builtIn, portRef } from "../backend/schema.ts";

const resource = z.object({ apiGroup: z.string().optional(), kind: z.string(), name: z.string() });

const backend = z.object({
  service: z.object({
    name: z.string(),
    port: z.object({ name: z.string().optional(), number: z.int().optional() }).optional(),
  }).optional(),
  resource: resource.optional(),
});

/** The backend of v1beta1, in both groups. */
const oldBackend = z.object({
  serviceName: z.string().optional(),
  servicePort: portRef.optional(),
  resource: resource.optional(),
});

const pathTypes = ["Exact", "Prefix", "ImplementationSpecific"] as const;

/** What both shapes have in common. */
const common = {
  ingressClassName: z.string().optional(),
  tls: z.array(z.object({ hosts: z.array(z.string()).optional(), secretName: z.string().optional() })).optional(),
};

function rulesOf<Backend extends z.ZodType>(schema: Backend) {
  const path = z.object({ path: z.string().optional(), pathType: z.enum(pathTypes).optional(), backend: schema });
  return z.array(z.object({
    host: z.string().optional(),
    http: z.object({ paths: z.array(path).optional() }).optional(),
  })).optional();
}

const ingress = z.object({ ...common, defaultBackend: backend.optional(), rules: rulesOf(backend) });
const oldIngress = z.object({ ...common, backend: oldBackend.optional(), rules: rulesOf(oldBackend) });

/** `spec` of an Ingress of networking.k8s.io/v1. */
export const ingressSpec = builtIn(ingress.optional());
/** `spec` of an Ingress of networking.k8s.io/v1beta1 or extensions/v1beta1. */
export const oldIngressSpec = builtIn(oldIngress.optional());

/** A parsed {@link ingressSpec}. */
export type IngressSpec = z.infer<typeof ingress>;
/** A parsed {@link oldIngressSpec}. */
export type OldIngressSpec = z.infer<typeof oldIngress>;
/** Where a path of an Ingress leads. */
export type IngressBackend = z.infer<typeof backend>;
/** The same in v1beta1. */
export type OldIngressBackend = z.infer<typeof oldBackend>;
/** How the path of a rule is compared. */
export type PathType = (typeof pathTypes)[number];
