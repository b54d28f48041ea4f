// A stored Kubernetes object: what is known of every one, and how a manifest becomes one.

import { isList, isObject, type JsonObject, textAt } from "../json.ts";

/** The part of `metadata` that the embedded cluster reads. */
export interface ObjectMeta extends JsonObject {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
}

/** An object as it is stored. Never changed in place: a change stores another one. */
export interface KubeObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** What {@link createObject} adds to a manifest. */
export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number | undefined;
  readonly creationTimestamp: string;
}

/** An object made of a manifest and what the server knows better. Keys stand in the order a real server writes them. */
export function createObject(content: JsonObject, identity: Identity): KubeObject {
  const { metadata: given, kind: _kind, apiVersion: _version, ...rest } = content;
  const metadata: ObjectMeta = {
    ...clientMetadata(isObject(given) ? given : {}),
    name: identity.name,
    uid: identity.uid,
    resourceVersion: identity.resourceVersion,
    creationTimestamp: identity.creationTimestamp,
  };
  if (identity.namespace !== undefined) metadata.namespace = identity.namespace;
  if (identity.generation !== undefined) metadata.generation = identity.generation;
  const owners = isObject(given) ? given["managedFields"] : undefined;
  if (isList(owners) && owners.length > 0) metadata["managedFields"] = owners;
  return { kind: identity.kind, apiVersion: identity.apiVersion, metadata, ...rest };
}

const SERVER_OWNED = new Set(["name", "namespace", "generation", "managedFields", "selfLink"]);

/** Metadata that clients decide on, without what is empty: a real server leaves empty maps and lists out. */
function clientMetadata(given: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(given)) {
    if (SERVER_OWNED.has(key) || value === null || value === undefined) continue;
    if (typeof value === "object" && Object.keys(value).length === 0) continue;
    kept[key] = value;
  }
  return kept;
}

/** Namespace of a manifest or object, or empty. */
export function namespaceOf(object: JsonObject): string {
  return textAt(object, "metadata", "namespace") ?? "";
}

/** Name of a manifest or object, or empty. */
export function nameOf(object: JsonObject): string {
  return textAt(object, "metadata", "name") ?? "";
}

/** A time as Kubernetes writes it: whole seconds, UTC. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
