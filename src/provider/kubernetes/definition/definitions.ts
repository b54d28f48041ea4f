// The CustomResourceDefinitions of Traefik's kinds, made of the schemas that weir reads their objects with.

import type { OpenApiSchema } from "../../../schema/open-api.ts";
import type { Resource } from "../client/resource.ts";
import { crdResources } from "../crd/kinds.ts";
import { middlewareOptions } from "../crd/schema-middleware-options.ts";
import type { MiddlewareKinds, MiddlewareSchemas } from "../backend/middleware-schemas.ts";
import { crdSchemas } from "../crd/schemas.ts";
import { type TraefikGroup, traefikGroups } from "../traefik-group.ts";
import { toStructuralSchema } from "./structural-schema.ts";

/** A CustomResourceDefinition of `apiextensions.k8s.io/v1`. */
export interface Definition extends Record<string, unknown> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly jsonPath: string;
}

const hosts: Column = {
  name: "Hosts",
  type: "string",
  description: "The rule of the first route.",
  jsonPath: ".spec.routes[*].match",
};
const entryPoints: Column = {
  name: "Entry Points",
  type: "string",
  description: "The entry points; none: all of them.",
  jsonPath: ".spec.entryPoints",
};
const age: Column = {
  name: "Age",
  type: "date",
  description: "When the object was made.",
  jsonPath: ".metadata.creationTimestamp",
};

/** What `kubectl get` shows of a kind besides names and ages. */
const columns: Readonly<Record<string, readonly Column[]>> = {
  IngressRoute: [hosts, entryPoints, age],
  IngressRouteTCP: [hosts, entryPoints, age],
  IngressRouteUDP: [entryPoints, age],
};

/** What a kind is for, as `kubectl explain` shows it. */
const summaries: Readonly<Record<string, string>> = {
  IngressRoute: "Routes of HTTP requests to services.",
  IngressRouteTCP: "Routes of TCP connections to services.",
  IngressRouteUDP: "Routes of UDP datagrams to services.",
  Middleware: "Changes or answers HTTP requests on their way to a service: exactly one of the fields.",
  MiddlewareTCP: "Decides about TCP connections on their way to a service: exactly one of the fields.",
  ServersTransport: "How HTTP servers are spoken to.",
  ServersTransportTCP: "How TCP servers are spoken to.",
  TLSOption: "How TLS is spoken with clients.",
  TLSStore: "The certificate that is shown where no other fits.",
  TraefikService: "Several services as one: exactly one of the fields.",
};

/** The definitions of all kinds, group by group, in the order of the kinds' names. @param groups default: both */
export function traefikDefinitions(
  middlewares: MiddlewareKinds,
  groups: readonly TraefikGroup[] = traefikGroups,
): readonly Definition[] {
  return groups.flatMap((group) => {
    const resources = crdResources.filter((resource) => resource.group === group);
    return resources.toSorted((left, right) => left.kind < right.kind ? -1 : 1).flatMap((resource) => {
      const schema = schemaOf(resource, middlewares);
      return schema === undefined ? [] : [definitionOf(resource, schema)];
    });
  });
}

function definitionOf({ group, version, kind, plural }: Resource, schema: OpenApiSchema): Definition {
  const shown = columns[kind];
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: "Namespaced",
      versions: [{
        name: version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        ...(shown === undefined ? {} : { additionalPrinterColumns: shown }),
      }],
    },
  };
}

/** The schema of whole objects: metadata is the API server's business. */
function schemaOf({ group, kind }: Resource, middlewares: MiddlewareKinds): OpenApiSchema | undefined {
  const spec = specOf(`${group}/${kind}`, kind, middlewares);
  if (spec === undefined) return undefined;
  return {
    type: "object",
    description: summaries[kind] ?? "",
    required: ["metadata", "spec"],
    properties: {
      apiVersion: { type: "string", description: "Group and version of the kind." },
      kind: { type: "string", description: "The kind." },
      metadata: { type: "object" },
      spec,
    },
  };
}

function specOf(key: string, kind: string, { http, tcp }: MiddlewareKinds): OpenApiSchema | undefined {
  if (kind === "Middleware") return optionsByKind(http);
  if (kind === "MiddlewareTCP") return optionsByKind(tcp);
  const schema = crdSchemas.get(key);
  if (schema === undefined) return undefined;
  return toStructuralSchema(schema, { path: [], required: "all" }).properties?.["spec"];
}

/** An API server stores a Middleware of several kinds, or of none, or without an option: weir says what is missing. */
function optionsByKind(middlewares: MiddlewareSchemas): OpenApiSchema {
  const fields = [...middlewares].map(([kind, { schema, summary }]): [string, OpenApiSchema] => {
    const options = toStructuralSchema(middlewareOptions(kind, schema), { path: [kind], required: "inner" });
    return [kind, summary === undefined ? options : { description: summary, ...options }];
  });
  return {
    type: "object",
    properties: Object.fromEntries(fields.toSorted(([left], [right]) => left < right ? -1 : 1)),
  };
}
