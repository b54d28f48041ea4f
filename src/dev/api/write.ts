// POST and PUT, and the last steps that every write takes.

import { checkIdentity } from "../admission/admission.ts";
import { type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import { type Kind, resourceOf } from "../kube/kind.ts";
import { type KubeObject, nameOf } from "../kube/object.ts";
import { alreadyExists, invalid, invalidNamed, methodNotAllowed, notFound, StatusError } from "../kube/status.ts";
import type { Owner } from "../managed/entries.ts";
import { trackUpdate, withEntries } from "../managed/ownership.ts";
import { readObject } from "./body.ts";
import type { ApiContext } from "./context.ts";
import { checkUid, checkVersion, requireLivingNamespace, requireNamespace } from "./precondition.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { objectAnswer } from "./respond.ts";
import { checkOptions, fieldValidationOf, isDryRun, requestManager } from "./write-options.ts";

/** A state that somebody wants an object to have. */
export interface Proposal {
  readonly content: JsonObject;
  readonly previous: KubeObject | undefined;
  /** Paths of fields that the text gave more than once. Default: none. */
  readonly duplicates?: readonly string[];
  /** Who owns what then. Default: the writer owns what it changes. */
  readonly owners?: readonly Owner[];
}

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
  const { object: content, duplicates } = await readObject(request, kind);
  checkIdentity({ kind, content, namespace, name: undefined });
  if ((textAt(content, "metadata", "resourceVersion") ?? "") !== "") {
    throw new StatusError(500, "", "resourceVersion should not be set on objects to be created");
  }
  requireLivingNamespace(context, target, nameOf(content));
  const { object, warnings } = createObject(context, target, { content, previous: undefined, duplicates });
  return objectAnswer(target, object, { status: 201, warnings });
}

const TRIES = 8; // a generated name of five characters is taken once in twenty million times

/** Stores a new object, under another generated name when the first one is taken. */
function createObject(context: ApiContext, target: ResourceRequest, proposal: Proposal): Written {
  const { kind, namespace } = target;
  const content = newContent(kind, proposal.content);
  const isGenerated = nameOf(content) === "" && (textAt(content, "metadata", "generateName") ?? "") !== "";
  for (let tried = 1;; tried++) {
    const { object, warnings } = admitted(context, { ...target, name: undefined }, { ...proposal, content });
    const known = context.store.get(kind, namespace, nameOf(object));
    if (known === undefined || context.isPlaceholder(known)) {
      if (known !== undefined && !isDryRun(target.query)) context.store.remove(kind, namespace, nameOf(object));
      return { object: save(context, target, object), warnings };
    }
    if (!isGenerated || tried === TRIES) throw existsAlready(kind, known);
  }
}

/** 409 for a name that is taken, also when only finalizers still hold it. */
function existsAlready(kind: Kind, known: KubeObject): StatusError {
  const failure = alreadyExists(kind, known.metadata.name);
  if (known.metadata.deletionTimestamp === undefined) return failure;
  return new StatusError(409, failure.reason, `object is being deleted: ${failure.message}`, failure.details);
}

/** What a new object can begin with: only DELETE decides when it dies, and only its status subresource what state it is in. */
function newContent(kind: Kind, content: JsonObject): JsonObject {
  const { status, ...rest } = content;
  const divided = kind.custom && kind.subresources.includes("status");
  const metadata = withoutDeath(objectAt(content, "metadata"));
  return { ...rest, metadata, ...(divided || status === undefined ? {} : { status }) };
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
  const { object: content, duplicates } = await readObject(request, kind);
  const previous = context.store.get(kind, namespace, name);
  checkIdentity({ kind, content, namespace, name });
  if (previous === undefined && !kind.putCreates) throw notFound(kind, name);
  const { object, warnings } = replaceObject(context, target, { content, previous, duplicates });
  return objectAnswer(target, object, { status: previous === undefined ? 201 : 200, warnings });
}

/** Whether a PUT must say which state it replaces. */
function needsVersion(kind: Kind): boolean {
  return kind.custom || kind.kind === "Lease";
}

function versionIn(content: JsonObject): string {
  return textAt(content, "metadata", "resourceVersion") ?? "";
}

function missingVersion({ kind, name = "" }: ResourceRequest): StatusError {
  const message = "Invalid value: 0x0: must be specified for an update";
  const cause = { reason: "FieldValueInvalid", message, field: "metadata.resourceVersion" };
  return invalidNamed(resourceOf(kind), { group: kind.group, kind: kind.plural }, name, [cause]);
}

/** Admits and stores a new state of an object, or of its status only. */
export function replaceObject(context: ApiContext, target: ResourceRequest, proposal: Proposal): Written {
  const { kind } = target;
  const { content, previous } = proposal;
  checkUid(target, content, previous);
  if (previous !== undefined && needsVersion(kind) && versionIn(content) === "") throw missingVersion(target);
  checkVersion(target, content, previous);
  if (previous !== undefined) checkFinalizers(kind, content, previous);
  const merged = previous === undefined ? newContent(kind, content) : divideStatus(target, content, previous);
  const { object, warnings } = admitted(context, target, { ...proposal, content: merged });
  if (previous === undefined) requireNamespace(context, target.namespace);
  return { object: save(context, target, object), warnings };
}

/** The proposed state with defaults, checked, and with its owners. */
function admitted(context: ApiContext, target: ResourceRequest, proposal: Proposal) {
  const { kind, namespace, name, query, subresource = "" } = target;
  const { content, previous, duplicates = [], owners } = proposal;
  const fieldValidation = fieldValidationOf(query);
  const draft = { kind, namespace, name, content, previous, duplicates, fieldValidation, subresource };
  const { object, warnings } = context.admit(draft);
  const live = previous === undefined || context.isPlaceholder(previous) ? undefined : previous;
  if (owners !== undefined) return { object: withEntries(object, owners, live), warnings };
  const writer = { kind, manager: requestManager(target), subresource };
  return { object: trackUpdate(writer, { live, given: content, next: object }), warnings };
}

/** Stores an admitted object, unless the request is a dry run. Deletes it when the last finalizer is gone. */
function save(context: ApiContext, { kind, namespace, query }: ResourceRequest, object: JsonObject): KubeObject {
  if (isDryRun(query)) return context.store.preview(kind, object);
  const dying = textAt(object, "metadata", "deletionTimestamp") !== undefined;
  if (!dying || isHeld(kind, object)) return context.store.put(kind, object);
  const last = context.store.preview(kind, object);
  context.store.remove(kind, namespace, last.metadata.name);
  return last;
}

/** Whether finalizers keep an object that is being deleted. */
function isHeld(kind: Kind, object: JsonObject): boolean {
  const own = kind.kind === "Namespace" ? listAt(object, "spec", "finalizers") : [];
  return own.length > 0 || listAt(object, "metadata", "finalizers").length > 0;
}

/** An object that is being deleted takes no more finalizers. @throws {StatusError} 422 */
function checkFinalizers(kind: Kind, content: JsonObject, previous: KubeObject): void {
  if (previous.metadata.deletionTimestamp === undefined) return;
  const known = listAt(previous, "metadata", "finalizers");
  const added = listAt(content, "metadata", "finalizers").filter((finalizer) => !known.includes(finalizer));
  if (added.length === 0) return;
  const shown = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
  const message = "Forbidden: no new finalizers can be added if the object is being deleted, " +
    `found new finalizers []string{${shown}}`;
  const cause = { reason: "FieldValueForbidden", message, field: "metadata.finalizers" };
  throw invalid(kind, nameOf(content), [cause]);
}

/** Kinds whose status subresource also stores labels and annotations sent with it. */
const storesStatusMetadata = new Set(["Ingress", "Service", "Pod", "Node", "Namespace"]);

/** A status write leaves the rest alone, and any other write leaves the status alone. */
function divideStatus({ kind, subresource }: ResourceRequest, content: JsonObject, previous: KubeObject): JsonObject {
  const metadata = withoutDeath(objectAt(content, "metadata"));
  for (const key of ["deletionTimestamp", "deletionGracePeriodSeconds"]) {
    if (previous.metadata[key] !== undefined) metadata[key] = previous.metadata[key];
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
