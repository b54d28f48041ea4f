// Which object, list or subresource a URL speaks of.

import type { RequestInfo, ResourcePath } from "../auth/request-info.ts";
import type { User } from "../auth/user.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import type { Kind } from "../kube/kind.ts";
import { notFound, StatusError, unknownResource } from "../kube/status.ts";

/** A request below a served resource. */
export interface ResourceRequest {
  readonly kind: Kind;
  /** Empty: all namespaces, or a kind of the whole cluster. */
  readonly namespace: string;
  /** Undefined: the collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** As authorisation calls it; empty for a method that stands for none. */
  readonly verb: string;
  readonly query: URLSearchParams;
  readonly request: Request;
  readonly user: User;
}

/** A path in a group of custom resources, or in no group at all: a real server answers it in plain text. */
export class PlainNotFound extends StatusError {
  constructor() {
    super(404, "NotFound", "404 page not found");
  }
}

/**
 * The groups of Kubernetes itself, in the order of a real server's list. Unknown paths in them are answered with a
 * Status, also where weir serves nothing.
 */
export const ownGroups: readonly string[] = [
  "",
  "apiregistration.k8s.io",
  "apps",
  "events.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "storage.k8s.io",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "scheduling.k8s.io",
  "coordination.k8s.io",
  "node.k8s.io",
  "discovery.k8s.io",
  "flowcontrol.apiserver.k8s.io",
];

/** What is answered where a group serves nothing of that name. */
export function nothingServed(group: string): StatusError {
  return ownGroups.includes(group) ? unknownResource() : new PlainNotFound();
}

/**
 * Finds the kind of a request.
 * @throws {StatusError} 404
 */
export function resolveResource(
  kinds: KindRegistry,
  info: RequestInfo & { readonly resource: ResourcePath },
  from: { readonly request: Request; readonly user: User },
): ResourceRequest {
  const { group, version, resource, subresource, tail } = info.resource;
  const kind = kinds.resource(group, version, resource);
  if (kind === undefined) throw nothingServed(group);
  const namespace = placeOf(kind, info);
  const name = objectName(info);
  if (tail.length > 0) throw kind.custom ? notFound(kind, name ?? "") : unknownResource();
  return {
    kind,
    namespace,
    name,
    subresource: subresource === "" ? undefined : subresource,
    verb: info.verb,
    query: queryOf(info),
    ...from,
  };
}

/** The name in the path; that of a field selector narrows a list and is no name of an object. */
function objectName({ verb, resource }: RequestInfo): string | undefined {
  const name = resource?.name ?? "";
  return name === "" || verb === "list" || verb === "watch" ? undefined : name;
}

/** The old form `/watch/…/NAME` means a field selector. */
function queryOf({ verb, resource, query, path }: RequestInfo): URLSearchParams {
  if (verb !== "watch" || !/^\/apis?\/(.*\/)?watch\//.test(path)) return query;
  const watched = new URLSearchParams(query);
  watched.set("watch", "true");
  if ((resource?.name ?? "") !== "") watched.set("fieldSelector", `metadata.name=${resource?.name ?? ""}`);
  return watched;
}

/** @returns the namespace of the request @throws {StatusError} 404 for a kind that is not where the path looks for it */
function placeOf(kind: Kind, { verb, resource }: RequestInfo): string {
  const namespace = resource?.namespace ?? "";
  if (!kind.namespaced) {
    const itself = kind.kind === "Namespace" && kind.group === "";
    if (namespace !== "" && !itself) throw nothingServed(kind.group);
    return "";
  }
  if (namespace !== "" || verb === "list" || verb === "watch") return namespace;
  // A namespaced kind without a namespace: only lists and watches reach over all of them.
  if (kind.custom) throw new PlainNotFound();
  if ((resource?.name ?? "") !== "") throw unknownResource();
  return "";
}
