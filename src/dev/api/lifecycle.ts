// What the controllers of a whole cluster do at the end of an object's life: collect what it owned, empty namespaces.

import { isObject, type JsonObject, listAt, textAt, valueAt } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import { type Kind, resourceOf } from "../kube/kind.ts";
import type { Change, ObjectStore } from "../kube/object-store.ts";
import { type KubeObject, nameOf, namespaceOf, timestamp } from "../kube/object.ts";
import { deleteObject, FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from "./deletion.ts";

/** Where an object is stored. */
interface Place {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Garbage collection, the end of namespaces, and the kubelet's part in the end of pods. A real cluster leaves these to
 * other processes; an API without them keeps everything that is held.
 */
export class Lifecycle {
  readonly #store: ObjectStore;
  readonly #kinds: KindRegistry;
  readonly #alive = new Set<string>();
  /** By the uid of an owner, what it owns by uid. */
  readonly #dependents = new Map<string, Map<string, Place>>();
  readonly #work: (() => void)[] = [];
  #isScheduled = false;
  readonly #unsubscribe: () => void;

  constructor({ store, kinds }: { readonly store: ObjectStore; readonly kinds: KindRegistry }) {
    this.#store = store;
    this.#kinds = kinds;
    this.#unsubscribe = store.subscribe((change) => this.#changed(change));
  }

  /** Follows no more. */
  stop(): void {
    this.#unsubscribe();
    this.#work.length = 0;
  }

  /** Only notes what is to be done: changes made inside a listener would reach others in the wrong order. */
  #changed({ type, kind, object, previous }: Change): void {
    const uid = object.metadata.uid;
    const place = { kind, namespace: namespaceOf(object), name: nameOf(object) };
    for (const owner of ownersOf(previous)) this.#dependents.get(owner)?.delete(uid);
    if (type === "DELETED") {
      this.#alive.delete(uid);
      this.#later(() => this.#ended(object, place.namespace));
      return;
    }
    this.#alive.add(uid);
    for (const owner of ownersOf(object)) {
      const owned = this.#dependents.get(owner) ?? new Map<string, Place>();
      this.#dependents.set(owner, owned.set(uid, place));
    }
    if (object.metadata.deletionTimestamp !== undefined) this.#later(() => this.#finish(place));
  }

  #later(action: () => void): void {
    this.#work.push(action);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      for (const next of this.#work.splice(0)) next();
    });
  }

  /** What an object leaves behind: its dependents, an owner that waited for it, a namespace that is empty now. */
  #ended(object: KubeObject, namespace: string): void {
    for (const place of this.#owned(object.metadata.uid)) this.#collect(place);
    this.#dependents.delete(object.metadata.uid);
    for (const owner of listAt(object, "metadata", "ownerReferences")) {
      const kind = this.#kinds.named(textAt(owner, "apiVersion") ?? "", textAt(owner, "kind") ?? "");
      if (kind !== undefined) this.#finish({ kind, namespace, name: textAt(owner, "name") ?? "" });
    }
    if (namespace !== "") this.#finish({ kind: this.#kinds.builtIn("Namespace"), namespace: "", name: namespace });
  }

  #owned(uid: string): Place[] {
    return [...this.#dependents.get(uid)?.values() ?? []];
  }

  /** An object that has lost all its owners goes too. */
  #collect({ kind, namespace, name }: Place): void {
    const object = this.#store.get(kind, namespace, name);
    if (object === undefined || ownersOf(object).some((uid) => this.#alive.has(uid))) return;
    deleteObject(this.#store, kind, object, {});
  }

  /** The next step of an object that is being deleted. */
  #finish(place: Place): void {
    const object = this.#store.get(place.kind, place.namespace, place.name);
    if (object?.metadata.deletionTimestamp === undefined) return;
    const finalizers = listAt(object, "metadata", "finalizers");
    if (finalizers.includes(ORPHAN_FINALIZER)) this.#orphan(place, object);
    else if (finalizers.includes(FOREGROUND_FINALIZER)) this.#deleteDependents(place, object);
    else if (place.kind.kind === "Namespace" && place.kind.group === "") this.#empty(place.kind, object);
    else if (place.kind.kind === "Pod" && finalizers.length === 0) {
      this.#store.remove(place.kind, place.namespace, place.name);
    }
  }

  #orphan(place: Place, object: KubeObject): void {
    for (const owned of this.#owned(object.metadata.uid)) {
      const dependent = this.#store.get(owned.kind, owned.namespace, owned.name);
      if (dependent === undefined) continue;
      const references = listAt(dependent, "metadata", "ownerReferences");
      const ownerReferences = references.filter((owner) => textAt(owner, "uid") !== object.metadata.uid);
      this.#store.put(owned.kind, { ...dependent, metadata: { ...dependent.metadata, ownerReferences } });
    }
    this.#release(place.kind, object, ORPHAN_FINALIZER);
  }

  #deleteDependents(place: Place, object: KubeObject): void {
    const { uid } = object.metadata;
    for (const owned of this.#owned(uid)) {
      const dependent = this.#store.get(owned.kind, owned.namespace, owned.name);
      if (dependent !== undefined) deleteObject(this.#store, owned.kind, dependent, {});
    }
    const blocking = this.#owned(uid).some(({ kind, namespace, name }) => {
      const references = listAt(this.#store.get(kind, namespace, name), "metadata", "ownerReferences");
      return references.some((owner) => textAt(owner, "uid") === uid && valueAt(owner, "blockOwnerDeletion") === true);
    });
    if (!blocking) this.#release(place.kind, object, FOREGROUND_FINALIZER);
  }

  /** Takes a finalizer off; an object without any left goes. */
  #release(kind: Kind, object: KubeObject, finalizer: string): void {
    const finalizers = listAt(object, "metadata", "finalizers").filter((name) => name !== finalizer);
    if (finalizers.length === 0) this.#store.remove(kind, namespaceOf(object), nameOf(object));
    else this.#store.put(kind, { ...object, metadata: { ...object.metadata, finalizers } });
  }

  /** Deletes the contents of a namespace, and the namespace when nothing is left of them. */
  #empty(kind: Kind, namespace: KubeObject): void {
    const name = nameOf(namespace);
    const inside = [
      ...new Map(this.#kinds.all.filter(({ namespaced }) => namespaced).map((each) => [resourceOf(each), each]))
        .values(),
    ];
    for (const each of inside) {
      for (const object of this.#store.list(each, name)) deleteObject(this.#store, each, object, {});
    }
    const left = inside.map((each) => ({ resource: each, objects: this.#store.list(each, name) }))
      .filter(({ objects }) => objects.length > 0);
    if (left.length === 0 && listAt(namespace, "metadata", "finalizers").length === 0) {
      this.#store.remove(kind, "", name);
      return;
    }
    const status = isObject(namespace["status"]) ? namespace["status"] : {};
    const conditions = namespaceConditions(left, listAt(status, "conditions"));
    this.#store.put(kind, { ...namespace, status: { ...status, phase: "Terminating", conditions } });
  }
}

function ownersOf(object: JsonObject | undefined): string[] {
  return listAt(object, "metadata", "ownerReferences").flatMap((owner) => textAt(owner, "uid") ?? []);
}

interface Remainder {
  readonly resource: Kind;
  readonly objects: readonly KubeObject[];
}

function namespaceConditions(left: readonly Remainder[], before: readonly unknown[]): JsonObject[] {
  const now = timestamp(new Date());
  const condition = (type: string, status: boolean, reason: string, message: string) => {
    const shown = status ? "True" : "False";
    const old = before.find((each) => textAt(each, "type") === type && textAt(each, "status") === shown);
    return { type, status: shown, lastTransitionTime: textAt(old, "lastTransitionTime") ?? now, reason, message };
  };
  const instances = left.map(({ resource: { plural, group }, objects }) =>
    `${plural}.${group} has ${objects.length} resource instances`
  );
  const held = heldBy(left.flatMap(({ objects }) => objects));
  return [
    condition(
      "NamespaceDeletionDiscoveryFailure",
      false,
      "ResourcesDiscovered",
      "All resources successfully discovered",
    ),
    condition(
      "NamespaceDeletionGroupVersionParsingFailure",
      false,
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ),
    condition(
      "NamespaceDeletionContentFailure",
      false,
      "ContentDeleted",
      "All content successfully deleted, may be waiting on finalization",
    ),
    instances.length === 0
      ? condition("NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed")
      : condition(
        "NamespaceContentRemaining",
        true,
        "SomeResourcesRemain",
        `Some resources are remaining: ${instances.join(", ")}`,
      ),
    held.length === 0
      ? condition(
        "NamespaceFinalizersRemaining",
        false,
        "ContentHasNoFinalizers",
        "All content-preserving finalizers finished",
      )
      : condition(
        "NamespaceFinalizersRemaining",
        true,
        "SomeFinalizersRemain",
        `Some content in the namespace has finalizers remaining: ${held.join(", ")}`,
      ),
  ];
}

/** `x.example/f in 2 resource instances`, per finalizer. */
function heldBy(objects: readonly KubeObject[]): string[] {
  const counts = new Map<string, number>();
  for (const object of objects) {
    for (const finalizer of listAt(object, "metadata", "finalizers")) {
      if (typeof finalizer === "string") counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
    }
  }
  return [...counts].sort().map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
}
