// All schemas of the kinds weir translates, by API group and kind, and the check of one manifest against them.

import * as z from "zod";
import type { Problem } from "../../../schema/problem.ts";
import { quoteValue } from "../../../schema/issues.ts";
import { hintFor, suggest } from "../../../schema/suggest.ts";
import { isRecord, type KubeObject, toKubeObject } from "../store/object.ts";
import { traefikGroups } from "../traefik-group.ts";
import { oneKindOf } from "./one-middleware.ts";
import { parseWith, sourceOf } from "../parse.ts";
import { endpointSlice, serviceObject } from "../backend/schema.ts";
import { ingressRouteSpec, ingressRouteSpecV2 } from "./schema-ingress-route.ts";
import { ingressRouteTcpSpec } from "./schema-ingress-route-tcp.ts";
import { ingressRouteUdpSpec } from "./schema-ingress-route-udp.ts";
import type { MiddlewareSchemas } from "../backend/middleware-schemas.ts";
import { middlewareSpec } from "./schema-middleware.ts";
import { serversTransportSpec, serversTransportTcpSpec } from "./schema-servers-transport.ts";
import { tlsOptionSpec, tlsStoreSpec } from "./schema-tls.ts";
import { traefikServiceSpec } from "./schema-traefik-service.ts";

function custom<T extends z.ZodType>(spec: T) {
  return z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
    spec,
  });
}

const customKinds: readonly (readonly [string, z.ZodType<unknown>])[] = [
  ["IngressRoute", custom(ingressRouteSpec)],
  ["TraefikService", custom(traefikServiceSpec)],
  ["Middleware", custom(middlewareSpec)],
  ["ServersTransport", custom(serversTransportSpec)],
  ["IngressRouteTCP", custom(ingressRouteTcpSpec)],
  ["IngressRouteUDP", custom(ingressRouteUdpSpec)],
  ["MiddlewareTCP", custom(middlewareSpec)],
  ["TLSOption", custom(tlsOptionSpec)],
  ["TLSStore", custom(tlsStoreSpec)],
  ["ServersTransportTCP", custom(serversTransportTcpSpec)],
];

/** Schemas of whole objects by `group/Kind`: `traefik.io/IngressRoute`, `/Service`, `discovery.k8s.io/EndpointSlice`. */
export const crdSchemas: ReadonlyMap<string, z.ZodType<unknown>> = new Map<string, z.ZodType<unknown>>([
  ...traefikGroups.flatMap((group) => customKinds.map(([kind, schema]) => [`${group}/${kind}`, schema] as const)),
  ["traefik.containo.us/IngressRoute", custom(ingressRouteSpecV2)],
  ["/Service", serviceObject],
  ["discovery.k8s.io/EndpointSlice", endpointSlice],
]);

/**
 * Checks the form of a manifest: errors are what a real API server refuses, warnings what it prunes. What an object
 * means, and whether weir can serve it, is told by the provider. A kind without a schema has no problems.
 * @param middlewares kinds of Middleware, then of MiddlewareTCP, whose options are to be checked too
 */
export function validateObject(value: unknown, ...middlewares: readonly MiddlewareSchemas[]): readonly Problem[] {
  if (!isRecord(value)) return [identityProblem([], `the manifest must be a mapping, got ${quoteValue(value)}`)];
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== "string") return [identityProblem(["apiVersion"], missing("apiVersion", apiVersion))];
  if (typeof kind !== "string") return [identityProblem(["kind"], missing("kind", kind))];
  const object = toKubeObject(value, { apiVersion, kind });
  if (object === undefined) {
    const name = isRecord(value["metadata"]) ? value["metadata"]["name"] : undefined;
    return [identityProblem(["metadata", "name"], missing("metadata.name", name))];
  }
  const schema = crdSchemas.get(`${groupOf(apiVersion)}/${kind}`);
  return schema === undefined ? unknownKind(object) : validateWith(schema, object, middlewares);
}

function validateWith(
  schema: z.ZodType<unknown>,
  object: KubeObject,
  middlewares: readonly MiddlewareSchemas[],
): readonly Problem[] {
  const { problems } = parseWith(schema, object.raw, { path: [], source: sourceOf(object) });
  const kinds = middlewares[object.kind === "MiddlewareTCP" ? 1 : 0];
  if (!object.kind.startsWith("Middleware") || kinds === undefined) return problems;
  if (problems.some(({ severity }) => severity === "error")) return problems;
  return [...problems, ...oneKindOf(object, kinds).problems.flatMap(formOnly)];
}

/** An API server stores a Middleware of several kinds, or of none, and prunes the kinds it does not know. */
function formOnly(problem: Problem): Problem[] {
  if (problem.code === "unknown-middleware") return [{ ...problem, severity: "warning" }];
  return problem.code === "not-exactly-one" || problem.code === "unsupported-middleware" ? [] : [problem];
}

/** In Traefik's groups an unknown kind is a mistake; in other groups it is just none of weir's business. */
function unknownKind(object: KubeObject): readonly Problem[] {
  const group = groupOf(object.apiVersion);
  const near = suggest(group, traefikGroups);
  if (!traefikGroups.some((known) => known === group)) {
    if (near === undefined) return [];
    return [{
      ...identityProblem(["apiVersion"], `the API group ${quoteValue(group)} is unknown`),
      hint: `did you mean ${quoteValue(near)}?`,
      source: sourceOf(object),
    }];
  }
  const hint = hintFor(object.kind, customKinds.map(([kind]) => kind));
  return [{
    ...identityProblem(["kind"], `the kind ${quoteValue(object.kind)} is unknown in ${group}`),
    ...(hint !== undefined && { hint }),
    source: sourceOf(object),
  }];
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}

function missing(field: string, value: unknown): string {
  return value === undefined ? `"${field}" is missing` : `"${field}" must be a text, got ${quoteValue(value)}`;
}

function identityProblem(path: readonly string[], message: string): Problem {
  return { severity: "error", code: "bad-object", message, path };
}
