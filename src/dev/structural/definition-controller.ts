// What happens to a definition after it is stored: its names are accepted or not, its kinds are served, and at its end
// its objects go first.

import { isObject, type JsonObject, listAt, sameJson, textAt, valueAt } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import type { Kind } from "../kube/kind.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import { type KubeObject, namespaceOf, timestamp } from "../kube/object.ts";
import { acceptNames, namesConditions, type NamesVerdict } from "./definition-names.ts";

/** Holds a definition until its objects are gone. */
export const CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

/** What the controller works on. */
export interface DefinitionTarget {
  readonly store: ObjectStore;
  readonly kinds: KindRegistry;
}

/**
 * Follows the definitions in a store. Kinds are served at once; the status follows in events of its own.
 * @returns stop following
 */
export function serveDefinitions(target: DefinitionTarget): () => void {
  const { store, kinds } = target;
  return store.subscribe(({ type, kind, object, previous }) => {
    if (kind.kind !== "CustomResourceDefinition") return;
    if (type === "DELETED") {
      kinds.withdraw(object);
      return;
    }
    if (isDying(object)) {
      queueMicrotask(() => clean(target, kind, object.metadata.name));
      return;
    }
    if (previous !== undefined && sameJson(previous["spec"], object["spec"])) return;
    const verdict = acceptNames(object, othersOf(store, kind, object));
    if (verdict.conflict === undefined) kinds.declare(object);
    queueMicrotask(() => establish(store, kind, object, verdict));
  });
}

/** What a DELETE makes of a definition first: the finalizer holds it until its objects are gone. */
export function dyingDefinition(definition: KubeObject): KubeObject {
  const now = timestamp(new Date());
  const terminating = {
    type: "Terminating",
    status: "True",
    lastTransitionTime: now,
    reason: "InstanceDeletionPending",
    message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
  };
  const finalizers = listAt(definition, "metadata", "finalizers");
  const status = definition["status"];
  const conditions = listAt(status, "conditions").filter((condition) => textAt(condition, "type") !== "Terminating");
  return {
    ...definition,
    metadata: {
      ...definition.metadata,
      deletionTimestamp: definition.metadata.deletionTimestamp ?? now,
      finalizers: [...finalizers.filter((name) => name !== CLEANUP_FINALIZER), CLEANUP_FINALIZER],
    },
    status: { ...(isObject(status) ? status : {}), conditions: [...conditions, terminating] },
  };
}

/** The status of a definition that nobody has looked at yet. */
export function newDefinitionStatus(definition: JsonObject): JsonObject {
  const stored = listAt(definition, "spec", "versions").filter((version) => valueAt(version, "storage") === true);
  return {
    conditions: null,
    acceptedNames: { plural: "", kind: "" },
    storedVersions: stored.map((version) => textAt(version, "name") ?? ""),
  };
}

function othersOf(store: ObjectStore, kind: Kind, definition: KubeObject): KubeObject[] {
  const group = valueAt(definition, "spec", "group");
  const isOther = (each: KubeObject) =>
    each.metadata.name !== definition.metadata.name && valueAt(each, "spec", "group") === group;
  return [...store.list(kind)].filter(isOther);
}

function establish(store: ObjectStore, kind: Kind, definition: KubeObject, verdict: NamesVerdict): void {
  const before = listAt(definition, "status", "conditions");
  const wasServed = before.some((each) => textAt(each, "type") === "Established" && textAt(each, "status") === "True");
  const steps = verdict.conflict === undefined && !wasServed ? [true, false] : [false];
  for (const installing of steps) {
    const current = store.get(kind, "", definition.metadata.name);
    if (current === undefined || current.metadata.uid !== definition.metadata.uid || isDying(current)) return;
    const conditions = namesConditions(verdict, timestamp(new Date()), installing).map((fresh) => {
      const old = listAt(current, "status", "conditions").find((each) => textAt(each, "type") === fresh.type);
      return isObject(old) && old["status"] === fresh.status
        ? { ...fresh, lastTransitionTime: old["lastTransitionTime"] }
        : fresh;
    });
    const status = current["status"];
    const kept = isObject(status) ? status : newDefinitionStatus(current);
    store.put(kind, { ...current, status: { ...kept, conditions, acceptedNames: verdict.accepted } });
  }
}

function isDying(definition: KubeObject): boolean {
  return definition.metadata.deletionTimestamp !== undefined;
}

/** Deletes the objects of a dying definition, then the definition, unless somebody else holds it. */
function clean({ store, kinds }: DefinitionTarget, kind: Kind, name: string): void {
  const current = store.get(kind, "", name);
  if (current === undefined || !isDying(current)) return;
  const finalizers = listAt(current, "metadata", "finalizers");
  if (!finalizers.includes(CLEANUP_FINALIZER)) return;
  const [group, plural] = [textAt(current, "spec", "group"), textAt(current, "spec", "names", "plural")];
  const served = kinds.all.find((each) => each.custom && each.group === group && each.plural === plural);
  if (served !== undefined) {
    for (const object of [...store.list(served)]) store.remove(served, namespaceOf(object), object.metadata.name);
  }
  const others = finalizers.filter((each) => each !== CLEANUP_FINALIZER);
  if (others.length === 0) {
    store.remove(kind, "", name);
    return;
  }
  store.put(kind, { ...current, metadata: { ...current.metadata, finalizers: others } });
}
