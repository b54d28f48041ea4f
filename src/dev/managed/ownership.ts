// Keeps `metadata.managedFields` in step with the writes of an object.

import { isList, isObject, type JsonObject, objectAt, sameJson, valueAt } from "../json.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import { timestamp } from "../kube/object.ts";
import { compareFields, type Differences } from "./compare.ts";
import { emptyObject, ownable, withoutAssigned } from "./endpoint.ts";
import {
  capUpdaters,
  isSameManager,
  type Manager,
  type Owner,
  readOwners,
  sameOwners,
  writeOwners,
} from "./entries.ts";
import { difference, isEmptySet, union } from "./field-set.ts";
import { objectSchema } from "./shape.ts";

/** Who writes what part of an object. */
export interface Writer {
  readonly kind: Kind;
  readonly manager: string;
  /** Empty: the object itself. */
  readonly subresource: string;
}

/** A write as the server has admitted it. */
export interface OwnedWrite {
  /** What is stored now; undefined for a new object. */
  readonly live: JsonObject | undefined;
  /** What the writer sent: what it did not send and the server has assigned stays without an owner. */
  readonly given: JsonObject;
  /** What is to be stored. */
  readonly next: JsonObject;
}

/** The entries of an object. */
export function ownersOf(object: JsonObject | undefined): readonly Owner[] {
  return readOwners(valueAt(object, "metadata", "managedFields")) ?? [];
}

/** The object to be stored, with its managed fields after a create or an update. */
export function trackUpdate(writer: Writer, write: OwnedWrite): JsonObject {
  const { kind, subresource } = writer;
  const { live, given, next } = write;
  const before = entriesBefore(writer, write);
  // What has lost its owners gets none until somebody applies.
  if (before.length === 0 && live !== undefined) return withEntries(next, [], live);
  const seen = subresource === "" ? withoutAssigned(kind, next, given) : next;
  const found = compareFields(objectSchema(kind), live ?? emptyObject(kind), seen);
  if (found === undefined) return withEntries(next, before, live);
  return withEntries(next, transfer(writer, before, found), live);
}

/** The same for a controller inside the server, which writes an object and its status in one go. */
export function trackController(writer: Omit<Writer, "subresource">, live: JsonObject | undefined, next: JsonObject) {
  const whole = trackUpdate({ ...writer, subresource: "" }, { live, given: next, next });
  if (sameJson(valueAt(live, "status"), valueAt(whole, "status"))) return whole;
  const [before, after] = [statusWith(whole, live), statusWith(whole, whole)];
  const status = trackUpdate({ ...writer, subresource: "status" }, { live: before, given: after, next: after });
  const managedFields = valueAt(status, "metadata", "managedFields");
  return {
    ...whole,
    metadata: { ...objectAt(whole, "metadata"), ...(managedFields === undefined ? {} : { managedFields }) },
  };
}

/** Nothing but the owners of one object and the status of another. */
function statusWith(owned: JsonObject, from: JsonObject | undefined): JsonObject {
  const managedFields = valueAt(owned, "metadata", "managedFields");
  const status = valueAt(from, "status");
  return { metadata: { managedFields }, ...(status === undefined ? {} : { status }) };
}

/** A client may set the entries, or reset them by an empty list or one empty entry. */
function entriesBefore({ subresource }: Writer, { live, given }: OwnedWrite): readonly Owner[] {
  const stored = ownersOf(live);
  const sent = valueAt(given, "metadata", "managedFields");
  if (subresource !== "" || !isList(sent)) return stored;
  const [first] = sent;
  if (sent.length === 0 || (sent.length === 1 && isObject(first) && Object.keys(first).length === 0)) return [];
  const owners = readOwners(sent);
  return owners === undefined || owners.length === 0 ? stored : owners;
}

/** The owners after an update: what changed is the writer's, and nobody else's any more. */
function transfer(writer: Writer, before: readonly Owner[], found: Differences): readonly Owner[] {
  const { kind, manager: name, subresource } = writer;
  const taken = ownable(kind, subresource, union(found.modified, found.added));
  const removed = ownable(kind, subresource, found.removed);
  const left = before.map((owner) => ({ ...owner, fields: difference(difference(owner.fields, taken), removed) }));
  // Nobody owns what the scale subresource of a custom kind has set: a real server loses it on the way.
  if (isEmptySet(taken) || (kind.custom && subresource === "scale")) return left;
  const self: Manager = { name, operation: "Update", apiVersion: apiVersionOf(kind), subresource };
  const mine = left.find((owner) => isSameManager(owner, self));
  const entry: Owner = { ...self, time: timestamp(new Date()), fields: union(mine?.fields ?? {}, taken) };
  return capUpdaters([...left.filter((owner) => owner !== mine), entry]);
}

/**
 * The object with these entries. When nothing but times would change, the stored entries stay, so that the write is
 * none at all.
 */
export function withEntries(object: JsonObject, owners: readonly Owner[], live: JsonObject | undefined): JsonObject {
  const { managedFields: _sent, ...metadata } = objectAt(object, "metadata");
  const entries = writeOwners(owners);
  const stored = valueAt(live, "metadata", "managedFields");
  const kept = live !== undefined && sameOwners(stored, entries) && sameContent(object, live) ? stored : entries;
  if (!isList(kept) || kept.length === 0) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, managedFields: kept } };
}

const VOLATILE = ["generation", "managedFields", "resourceVersion"];

function sameContent(left: JsonObject, right: JsonObject): boolean {
  return sameJson(withoutVolatile(left), withoutVolatile(right));
}

function withoutVolatile(object: JsonObject): JsonObject {
  const metadata = { ...objectAt(object, "metadata") };
  for (const name of VOLATILE) delete metadata[name];
  return { ...object, metadata };
}
