// What must hold before a write: the namespace is there, and the object is the one that the writer has seen.

import { type JsonObject, textAt } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import { type KubeObject, namespaceOf } from "../kube/object.ts";
import { conflict, forbidden, modified, notFound, StatusError } from "../kube/status.ts";
import type { ApiContext } from "./context.ts";
import type { ResourceRequest } from "./resource-request.ts";

/** @throws {StatusError} 404 when the namespace does not exist */
export function requireNamespace({ store, kinds }: ApiContext, namespace: string): KubeObject | undefined {
  if (namespace === "") return undefined;
  const kind = kinds.builtIn("Namespace");
  const found = store.get(kind, "", namespace);
  if (found === undefined) throw notFound(kind, namespace);
  return found;
}

/** A namespace that is being deleted takes no new objects. @throws {StatusError} 403 or 404 */
export function requireLivingNamespace(context: ApiContext, { kind, namespace }: ResourceRequest, name: string): void {
  const found = requireNamespace(context, namespace);
  if (found?.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { message, reason, details } = forbidden(kind, name, why);
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  };
  throw new StatusError(403, reason, message, { ...details, causes: [cause] });
}

/** @throws {StatusError} 409 when the write is for another object of that name */
export function checkUid(
  { kind, name = "" }: ResourceRequest,
  content: JsonObject,
  previous: KubeObject | undefined,
): void {
  const uid = textAt(content, "metadata", "uid") ?? "";
  if (previous === undefined || uid === "" || uid === previous.metadata.uid) return;
  const place = kind.namespaced ? `${namespaceOf(previous)}/${name}` : name;
  const key = `/registry/${registryPath(kind)}/${place}`;
  const uids = `UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid}`;
  const why = `Precondition failed: ${uids}`;
  const error = `invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
  throw conflict(kind, name, `StorageError: ${error}`);
}

/** @throws {StatusError} 409 when the write is based on another state */
export function checkVersion(
  { kind, name = "" }: ResourceRequest,
  content: JsonObject,
  previous: KubeObject | undefined,
): void {
  const version = textAt(content, "metadata", "resourceVersion") ?? "";
  if (version !== "" && version !== previous?.metadata.resourceVersion) throw conflict(kind, name, modified);
}

/** Where a real server's storage keeps a kind, when that is not its plural. */
const registryPaths: Readonly<Record<string, string>> = {
  Endpoints: "services/endpoints",
  Ingress: "ingress",
  Node: "minions",
  Service: "services/specs",
};

/** Where a real server's storage keeps a kind. */
function registryPath(kind: Kind): string {
  if (kind.custom) return `${kind.group}/${kind.plural}`;
  return registryPaths[kind.kind] ?? kind.plural;
}
