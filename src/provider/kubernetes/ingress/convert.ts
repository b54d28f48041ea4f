// v1beta1 Ingresses → the v1 shape, so that nothing after this knows of two; and where a field of v1 stands in v1beta1.

import type { FieldPath } from "../../../schema/path.ts";
import type { IngressBackend, IngressSpec, OldIngressBackend, OldIngressSpec } from "./schema-ingress.ts";

/** Tells whether objects of an API version have the shape before v1. */
export function isOldVersion(apiVersion: string): boolean {
  return apiVersion.endsWith("/v1beta1");
}

/** The conversion the API server makes. */
export function fromOldIngress({ backend, rules, ...common }: OldIngressSpec): IngressSpec {
  return {
    ...common,
    ...(backend !== undefined && { defaultBackend: fromOldBackend(backend) }),
    ...(rules !== undefined && {
      rules: rules.map(({ host, http }) => ({
        ...(host !== undefined && { host }),
        ...(http !== undefined && {
          http: { paths: http.paths?.map((path) => ({ ...path, backend: fromOldBackend(path.backend) })) },
        }),
      })),
    }),
  };
}

function fromOldBackend({ serviceName, servicePort, resource }: OldIngressBackend): IngressBackend {
  if (resource !== undefined) return { resource };
  if (serviceName === undefined) return {};
  if (servicePort === undefined) return { service: { name: serviceName } };
  const port = typeof servicePort === "number" ? { number: servicePort } : { name: servicePort };
  return { service: { name: serviceName, port } };
}

/** Names of fields of a backend. */
export type BackendPart = "name" | "port";

/** Where a field of a backend stands in the object as it was written. @param at the path of the backend itself */
export function backendFieldPath(apiVersion: string, at: FieldPath, field: BackendPart): FieldPath {
  if (isOldVersion(apiVersion)) return [...at, field === "name" ? "serviceName" : "servicePort"];
  return [...at, "service", field];
}

/** Where the default backend stands. */
export function defaultBackendPath(apiVersion: string): FieldPath {
  return ["spec", isOldVersion(apiVersion) ? "backend" : "defaultBackend"];
}
