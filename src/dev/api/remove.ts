// DELETE: one object or a collection, with finalizers, owned objects and whole namespaces.

import { isObject, type JsonObject, listAt, textAt, valueAt } from "../json.ts";
import { type Kind, qualifiedKind } from "../kube/kind.ts";
import { type KubeObject, namespaceOf, timestamp } from "../kube/object.ts";
import { badRequest, deletedStatus, forbidden, invalidNamed, methodNotAllowed, StatusError } from "../kube/status.ts";
import { readText } from "./body.ts";
import type { ApiContext } from "./context.ts";
import { existing, selectObjects } from "./read.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { jsonAnswer, listAnswer, objectAnswer } from "./respond.ts";
import { checkOptions, isDryRun } from "./write.ts";

const PERMANENT = new Set(["default", "kube-system", "kube-public"]);
const POLICIES = ["Foreground", "Background", "Orphan", "nil"];

/** DELETE of one object. */
export async function removeOne(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, name = "", query, request } = target;
  const options = await deleteOptions(target);
  const object = existing(context.store, target);
  checkDeletable(kind, object, options);
  const dry = isDryRun(query) || listAt(options, "dryRun").includes("All");
  const rest = dry ? object : removeObject(context, kind, object, policyOf(options, query));
  const held = listAt(object, "metadata", "finalizers").length > 0;
  if (held || kind.answersObject) return objectAnswer(target, rest);
  return jsonAnswer(request, deletedStatus(kind, name, object.metadata.uid));
}

/** DELETE of the selected objects of a collection; answers what was there. */
export async function removeCollection(context: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, query } = target;
  if (kind.kind === "Namespace") throw methodNotAllowed();
  const options = await deleteOptions(target);
  const objects = selectObjects(context.store, target);
  if (!isDryRun(query)) { for (const object of objects) removeObject(context, kind, object, policyOf(options, query)); }
  return listAnswer(target, objects, { resourceVersion: String(context.store.version) });
}

/**
 * Deletes an object, or marks it when finalizers hold it.
 * @returns its last state
 */
export function removeObject(
  { store, kinds }: RemoveContext,
  kind: Kind,
  object: KubeObject,
  policy: string,
): KubeObject {
  const dying = { ...object.metadata, deletionTimestamp: timestamp(new Date()), deletionGracePeriodSeconds: 0 };
  if (listAt(object, "metadata", "finalizers").length > 0) {
    if (object.metadata.deletionTimestamp !== undefined) return object;
    return store.put(kind, { ...object, metadata: dying });
  }
  store.remove(kind, namespaceOf(object), object.metadata.name);
  for (const each of kinds.all) {
    for (const candidate of store.list(each)) {
      const inside = kind.kind === "Namespace" && namespaceOf(candidate) === object.metadata.name;
      const owned = policy !== "Orphan" && isOwnedBy(candidate, object.metadata.uid);
      if (inside || owned) removeObject({ store, kinds }, each, candidate, policy);
    }
  }
  return kind.kind === "Namespace" ? { ...object, metadata: dying, status: { phase: "Terminating" } } : object;
}

/** What {@link removeObject} needs of the context. */
export type RemoveContext = Pick<ApiContext, "store" | "kinds">;

function isOwnedBy(object: KubeObject, uid: string): boolean {
  return listAt(object, "metadata", "ownerReferences").some((owner) => textAt(owner, "uid") === uid);
}

async function deleteOptions(target: ResourceRequest): Promise<JsonObject> {
  checkOptions(target, "DeleteOptions");
  checkPolicy(policyOf({}, target.query));
  const type = target.request.headers.get("content-type") ?? "";
  if (type.includes("protobuf")) return {}; // only policies stand there, and the default one is as good
  const text = await readText(target.request);
  const options = text.trim() === "" ? {} : parseOptions(text);
  checkPolicy(policyOf(options, target.query));
  return options;
}

function parseOptions(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new StatusError(500, "", `couldn't get version/kind; json parse error: ${why}`);
  }
  throw badRequest("DeleteOptions must be an object");
}

function policyOf(options: JsonObject, query: URLSearchParams): string {
  return textAt(options, "propagationPolicy") ?? query.get("propagationPolicy") ?? "Background";
}

function checkPolicy(policy: string): void {
  if (POLICIES.includes(policy)) return;
  const supported = POLICIES.map((each) => JSON.stringify(each)).join(", ");
  const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: ${supported}`;
  const cause = { reason: "FieldValueNotSupported", message, field: "propagationPolicy" };
  throw invalidNamed("DeleteOptions.meta.k8s.io", { group: "meta.k8s.io", kind: "DeleteOptions" }, "", [cause]);
}

/** @throws {StatusError} 403 or 409 */
function checkDeletable(kind: Kind, object: KubeObject, options: JsonObject): void {
  const { name, uid, resourceVersion } = object.metadata;
  if (kind.kind === "Namespace" && PERMANENT.has(name)) {
    throw forbidden(kind, name, "this namespace may not be deleted");
  }
  const wantedUid = valueAt(options, "preconditions", "uid");
  const wantedVersion = valueAt(options, "preconditions", "resourceVersion");
  if (wantedUid !== undefined && wantedUid !== uid) {
    const record = `UID in record (${uid}). The object might have been deleted and then recreated`;
    throw preconditionFailed(kind, name, `UID in the precondition (${wantedUid}) does not match the ${record}`);
  }
  if (wantedVersion !== undefined && wantedVersion !== resourceVersion) {
    const record = `ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw preconditionFailed(
      kind,
      name,
      `ResourceVersion in the precondition (${wantedVersion}) does not match the ${record}`,
    );
  }
}

/** Unlike other conflicts this one names the kind, not the resource. */
function preconditionFailed(kind: Kind, name: string, why: string): StatusError {
  const group = kind.group === "" ? {} : { group: kind.group };
  const title = `Operation cannot be fulfilled on ${qualifiedKind(kind)} "${name}"`;
  return new StatusError(409, "Conflict", `${title}: the ${why}`, { name, ...group, kind: kind.kind });
}
