// What ownership leaves out of a write: server-owned metadata, and what an endpoint does not store.

import { decodeObject } from "../built-in/decode.ts";
import { isList, isObject, type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import { difference, type FieldSet, insertPath, withoutBranches } from "./field-set.ts";
import { fieldElement } from "./path-element.ts";

/** Members of this set belong to nobody; what is below them may. */
const serverOwned = pathSet([
  ["apiVersion"],
  ["kind"],
  ["metadata"],
  ...["creationTimestamp", "generation", "managedFields", "name", "namespace", "resourceVersion", "selfLink", "uid"]
    .map((name) => ["metadata", name]),
]);

const statusOnly = pathSet([["status"]]);
const specOnly = pathSet([["spec"]]);

function pathSet(paths: readonly (readonly string[])[]): FieldSet {
  const set: FieldSet = {};
  for (const path of paths) insertPath(set, path.map(fieldElement));
  return set;
}

/** The part of a set that an endpoint lets anybody own. @param subresource empty: the object itself */
export function ownable(kind: Kind, subresource: string, set: FieldSet): FieldSet {
  const own = difference(set, serverOwned);
  if (subresource === "") return kind.subresources.includes("status") ? withoutBranches(own, statusOnly) : own;
  if (subresource !== "status") return own;
  const status = own["f:status"];
  if (kind.custom) return status === undefined ? {} : { "f:status": status };
  return withoutBranches(own, specOnly);
}

const emptyObjects = new WeakMap<Kind, JsonObject>();

/** What a new object is compared with: the fields that Go writes before anybody sets them have no owner. */
export function emptyObject(kind: Kind): JsonObject {
  const known = emptyObjects.get(kind);
  if (known !== undefined) return known;
  const decoded = kind.custom || kind.schema === undefined ? undefined : decodeObject(kind.schema, {});
  const empty = decoded?.ok === true ? decoded.object : {};
  emptyObjects.set(kind, empty);
  return empty;
}

/** The object as its writer meant it: without what the server has assigned. @param given what the writer sent */
export function withoutAssigned(kind: Kind, object: JsonObject, given: JsonObject): JsonObject {
  if (kind.kind === "EndpointSlice" && kind.group === "discovery.k8s.io") return withEmptyLists(object, given);
  if (kind.custom || kind.group !== "") return object;
  if (kind.kind === "Service") return withoutAssignedService(object, given);
  if (kind.kind === "Pod") return withoutAssignedPod(object, given);
  if (kind.kind === "Namespace") return withoutAssignedNamespace(object, given);
  if (kind.kind === "Node") {
    return withSpec(object, without(objectAt(object, "spec"), objectAt(given, "spec"), ["taints"]));
  }
  return object;
}

/** Storage makes null of empty lists, after their writer has come to own them. */
function withEmptyLists(object: JsonObject, given: JsonObject): JsonObject {
  const seen = { ...object };
  for (const name of ["endpoints", "ports"]) if (seen[name] === null && isList(given[name])) seen[name] = given[name];
  return seen;
}

const NAME_LABEL = "kubernetes.io/metadata.name";

/** Its label is a default, and so its writer's; except when the server has made up the name as well. */
function withoutAssignedNamespace(object: JsonObject, given: JsonObject): JsonObject {
  const spec = without(objectAt(object, "spec"), objectAt(given, "spec"), ["finalizers"]);
  if (textAt(given, "metadata", "name") !== undefined) return withSpec(object, spec);
  const { labels, ...metadata } = objectAt(object, "metadata");
  const kept = without(objectAt({ labels }, "labels"), objectAt(given, "metadata", "labels"), [NAME_LABEL]);
  const labelled = Object.keys(kept).length === 0 ? metadata : { ...metadata, labels: kept };
  return withSpec({ ...object, metadata: labelled }, spec);
}

const serviceFields = ["clusterIP", "clusterIPs", "healthCheckNodePort", "ipFamilies", "ipFamilyPolicy"];

function withoutAssignedService(object: JsonObject, given: JsonObject): JsonObject {
  const spec = without(objectAt(object, "spec"), objectAt(given, "spec"), serviceFields);
  const wanted = listAt(given, "spec", "ports");
  if (isList(spec["ports"])) {
    spec["ports"] = spec["ports"].map((port, at) =>
      isObject(port) ? without(port, objectAt(wanted[at]), ["nodePort"]) : port
    );
  }
  return withSpec(object, spec);
}

const podFields = ["nodeName", "preemptionPolicy", "priority", "serviceAccount", "serviceAccountName", "tolerations"];

function withoutAssignedPod(object: JsonObject, given: JsonObject): JsonObject {
  const spec = without(objectAt(object, "spec"), objectAt(given, "spec"), podFields);
  keepNamed(spec, "volumes", listAt(given, "spec", "volumes"));
  for (const list of ["containers", "initContainers"]) {
    if (!isList(spec[list])) continue;
    const wanted = listAt(given, "spec", list);
    spec[list] = spec[list].map((container, at) => {
      if (!isObject(container)) return container;
      const kept = { ...container };
      keepNamed(kept, "volumeMounts", listAt(wanted[at], "volumeMounts"));
      return kept;
    });
  }
  return withSpec(object, spec);
}

/** Leaves the items of a list that are among the wanted ones by their name. */
function keepNamed(object: JsonObject, field: string, wanted: readonly unknown[]): void {
  const items = object[field];
  if (!isList(items)) return;
  const names = new Set(wanted.map((item) => textAt(item, "name")));
  const kept = items.filter((item) => names.has(textAt(item, "name")));
  if (kept.length > 0) object[field] = kept;
  else delete object[field];
}

function without(object: JsonObject, given: JsonObject, names: readonly string[]): JsonObject {
  const kept = { ...object };
  for (const name of names) if (given[name] === undefined) delete kept[name];
  return kept;
}

function withSpec(object: JsonObject, spec: JsonObject): JsonObject {
  return "spec" in object ? { ...object, spec } : object;
}
