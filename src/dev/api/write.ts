// POST and PUT, and the last step that every write takes.

import { checkIdentity, type FieldValidation } from "../admission/admission.ts";
import { type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import { type Kind, resourceOf } from "../kube/kind.ts";
import { type KubeObject, nameOf, namespaceOf } from "../kube/object.ts";
import {
  alreadyExists,
  type Cause,
  conflict,
  invalidNamed,
  methodNotAllowed,
  modified,
  notFound,
  StatusError,
} from "../kube/status.ts";
import { readObject } from "./body.ts";
import type { ApiContext } from "./context.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { objectAnswer } from "./respond.ts";

/** What a write came to. */
export interface Written {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

/** POST to a collection. */
export async function create(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, namespace, request } = target;
  if ((target.name !== undefined && !kind.custom) || (kind.namespaced && namespace === "")) throw methodNotAllowed();
  checkOptions(target, "CreateOptions");
  const content = await readObject(request, kind);
  if ((textAt(content, "metadata", "resourceVersion") ?? "") !== "") {
    throw new StatusError(500, "", "resourceVersion should not be set on objects to be created");
  }
  requireNamespace(context, namespace);
  const born = { ...content, metadata: withoutDeath(objectAt(content, "metadata")) };
  const { object, warnings } = admitted(context, target, { content: born, name: undefined, previous: undefined });
  const known = context.store.get(kind, namespace, nameOf(object));
  if (known !== undefined && !context.isPlaceholder(known)) throw alreadyExists(kind, nameOf(object));
  if (known !== undefined) context.store.remove(kind, namespace, nameOf(object));
  return objectAnswer(target, save(context, target, object), { status: 201, warnings });
}

/** Only DELETE decides when an object dies. */
function withoutDeath(metadata: JsonObject): JsonObject {
  const { deletionTimestamp: _time, deletionGracePeriodSeconds: _grace, ...rest } = metadata;
  return rest;
}

/** PUT of an object or of its status. */
export async function update(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, request, name = "", namespace } = target;
  checkOptions(target, "UpdateOptions");
  const content = await readObject(request, kind);
  const previous = context.store.get(kind, namespace, name);
  checkIdentity({ kind, content, namespace, name });
  if (previous === undefined && !kind.putCreates) throw notFound(kind, name);
  if (kind.custom && (textAt(content, "metadata", "resourceVersion") ?? "") === "") {
    throw missingVersion(target);
  }
  const { object, warnings } = replaceObject(context, target, { content, previous });
  return objectAnswer(target, object, { status: previous === undefined ? 201 : 200, warnings });
}

/** Admits and stores a new state of an object, or of its status only. */
export function replaceObject(
  context: ApiContext,
  target: ResourceRequest,
  { content, previous }: { readonly content: JsonObject; readonly previous: KubeObject | undefined },
): Written {
  const { kind, name = "" } = target;
  if (previous !== undefined) checkPreconditions(target, content, previous);
  const merged = previous === undefined ? content : divideStatus(target, content, previous);
  const { object, warnings } = admitted(context, target, { content: merged, name, previous });
  if (kind.namespaced && previous === undefined) requireNamespace(context, target.namespace);
  return { object: save(context, target, object), warnings };
}

function admitted(
  context: ApiContext,
  { kind, namespace, query }: ResourceRequest,
  draft: { readonly content: JsonObject; readonly name: string | undefined; readonly previous: JsonObject | undefined },
) {
  return context.admit({ kind, namespace, ...draft, fieldValidation: fieldValidationOf(query) });
}

/** Stores an admitted object, unless the request is a dry run. Deletes it when the last finalizer is gone. */
function save(context: ApiContext, { kind, namespace, query }: ResourceRequest, object: JsonObject): KubeObject {
  if (isDryRun(query)) return context.store.preview(kind, object);
  const dying = textAt(object, "metadata", "deletionTimestamp") !== undefined;
  if (!dying || listAt(object, "metadata", "finalizers").length > 0) return context.store.put(kind, object);
  const last = context.store.preview(kind, object);
  context.store.remove(kind, namespace, last.metadata.name);
  return last;
}

/** Whether a request must leave no trace. */
export function isDryRun(query: URLSearchParams): boolean {
  return query.get("dryRun") === "All";
}

function fieldValidationOf(query: URLSearchParams): FieldValidation {
  const wanted = query.get("fieldValidation");
  return wanted === "Strict" || wanted === "Ignore" ? wanted : "Warn";
}

/** @throws {StatusError} 404 when the namespace does not exist */
function requireNamespace({ store, kinds }: ApiContext, namespace: string): void {
  const kind = kinds.builtIn("Namespace");
  if (namespace !== "" && store.get(kind, "", namespace) === undefined) throw notFound(kind, namespace);
}

function missingVersion({ kind, name = "" }: ResourceRequest): StatusError {
  const cause: Cause = {
    reason: "FieldValueInvalid",
    message: "Invalid value: 0x0: must be specified for an update",
    field: "metadata.resourceVersion",
  };
  return invalidNamed(resourceOf(kind), { group: kind.group, kind: kind.plural }, name, [cause]);
}

/** @throws {StatusError} 409 when the write is based on another state, or on another object of that name */
function checkPreconditions({ kind, name = "" }: ResourceRequest, content: JsonObject, previous: KubeObject): void {
  const uid = textAt(content, "metadata", "uid") ?? "";
  if (uid !== "" && uid !== previous.metadata.uid) {
    const place = kind.namespaced ? `${namespaceOf(previous)}/${name}` : name;
    throw conflict(
      kind,
      name,
      `StorageError: invalid object, Code: 4, Key: /registry/${
        registryPath(kind)
      }/${place}, ResourceVersion: 0, AdditionalErrorMsg: ` +
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid}`,
    );
  }
  const version = textAt(content, "metadata", "resourceVersion") ?? "";
  if (version !== "" && version !== previous.metadata.resourceVersion) throw conflict(kind, name, modified);
}

/** Where a real server's storage keeps a kind. */
function registryPath(kind: Kind): string {
  if (kind.custom) return `${kind.group}/${kind.plural}`;
  return kind.kind === "Service" ? "services/specs" : kind.plural;
}

/** Kinds whose status subresource also stores labels and annotations sent with it. */
const storesStatusMetadata = new Set(["Ingress", "Service", "Pod", "Node", "Namespace"]);

/** A status write leaves the rest alone, and any other write leaves the status alone. */
function divideStatus({ kind, subresource }: ResourceRequest, content: JsonObject, previous: KubeObject): JsonObject {
  const metadata = withoutDeath(objectAt(content, "metadata"));
  if (previous.metadata.deletionTimestamp !== undefined) {
    metadata["deletionTimestamp"] = previous.metadata.deletionTimestamp;
  }
  if (subresource === "status") {
    const { status: _status, ...rest } = previous;
    const kept = storesStatusMetadata.has(kind.kind) ? metadata : previous.metadata;
    return { ...rest, metadata: kept, ...("status" in content ? { status: content["status"] } : {}) };
  }
  if (!kind.subresources.includes("status")) return { ...content, metadata };
  const { status: _status, ...rest } = content;
  return { ...rest, metadata, ...("status" in previous ? { status: previous["status"] } : {}) };
}

const allowed: Readonly<Record<string, readonly string[]>> = {
  dryRun: ["All"],
  fieldValidation: ["", "Ignore", "Strict", "Warn"],
};

/** Refuses values of options that no server knows. @throws {StatusError} 422 */
export function checkOptions({ query }: ResourceRequest, options: string): void {
  for (const [field, values] of Object.entries(allowed)) {
    const given = query.get(field);
    if (given === null || values.includes(given)) continue;
    const shown = field === "dryRun" ? `[]string{${JSON.stringify(given)}}` : JSON.stringify(given);
    const supported = values.map((value) => JSON.stringify(value)).join(", ");
    const message = `Unsupported value: ${shown}: supported values: ${supported}`;
    const cause = { reason: "FieldValueNotSupported", message, field };
    throw invalidNamed(`${options}.meta.k8s.io`, { group: "meta.k8s.io", kind: options }, "", [cause]);
  }
}
