// The objects of the embedded cluster, in memory: one version counter, a bounded history per kind, and listeners.

import { isObject, type JsonObject, sameJson } from "../json.ts";
import { apiVersionOf, type Kind } from "./kind.ts";
import { createObject, type KubeObject, nameOf, namespaceOf, timestamp } from "./object.ts";

/** How an object changed. */
export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

/** One change of one object. */
export interface Change {
  readonly type: ChangeType;
  readonly kind: Kind;
  /** The new state; on deletion the last one, with the version of the deletion. */
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
  readonly version: number;
}

/** Told of every change, in order, synchronously. Must not throw. */
export type ChangeListener = (change: Change) => void;

const HISTORY = 1000; // changes kept per kind; an older resourceVersion is answered 410, as by a real server

interface Shelf {
  readonly objects: Map<string, KubeObject>;
  readonly history: Change[];
  /** The newest version that has been dropped from the history. */
  forgotten: number;
  /** The newest version of this kind. */
  newest: number;
}

/** All objects, by kind, namespace and name. */
export class ObjectStore {
  readonly #shelves = new Map<string, Shelf>();
  readonly #listeners = new Set<ChangeListener>();
  /** Begins at the time, in milliseconds: the versions of an earlier run are all older, and its clients list again. */
  readonly #first = Date.now();
  #version = this.#first;

  /** The version of the latest change of any object. */
  get version(): number {
    return this.#version;
  }

  /** The object, or undefined. @param namespace empty for kinds of the whole cluster */
  get(kind: Kind, namespace: string, name: string): KubeObject | undefined {
    return this.#shelf(kind).objects.get(keyOf(namespace, name));
  }

  /** The objects of a kind, by namespace and name. @param namespace absent or empty: of all namespaces */
  list(kind: Kind, namespace = ""): KubeObject[] {
    const objects = [...this.#shelf(kind).objects.entries()];
    return objects
      .filter(([, object]) => namespace === "" || namespaceOf(object) === namespace)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([, object]) => object);
  }

  /** The objects of all kinds, in no order. */
  *all(): IterableIterator<KubeObject> {
    for (const shelf of this.#shelves.values()) yield* shelf.objects.values();
  }

  /** The newest version of a kind, for bookmarks. */
  newest(kind: Kind): number {
    return this.#shelf(kind).newest;
  }

  /**
   * Stores an object, new or changed. Server-owned metadata of `content` is ignored.
   * @returns what is stored now; the same object as before, without an event, when nothing changed
   */
  put(kind: Kind, content: JsonObject): KubeObject {
    const { object, previous } = this.#next(kind, content);
    if (object === previous) return object;
    const version = this.#version + 1;
    object.metadata.resourceVersion = String(version);
    this.#shelf(kind).objects.set(keyOf(namespaceOf(object), nameOf(object)), object);
    this.#record({ type: previous === undefined ? "ADDED" : "MODIFIED", kind, object, previous, version });
    return object;
  }

  /** What {@link put} would store, without storing it. */
  preview(kind: Kind, content: JsonObject): KubeObject {
    return this.#next(kind, content).object;
  }

  /** @returns the object that was removed, or undefined */
  remove(kind: Kind, namespace: string, name: string): KubeObject | undefined {
    const shelf = this.#shelf(kind);
    const previous = shelf.objects.get(keyOf(namespace, name));
    if (previous === undefined) return undefined;
    shelf.objects.delete(keyOf(namespace, name));
    const version = this.#version + 1;
    const object = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(version) } };
    this.#record({ type: "DELETED", kind, object, previous, version });
    return previous;
  }

  /** @returns the changes of a kind after a version, or undefined when the history does not reach back that far */
  since(kind: Kind, version: number): readonly Change[] | undefined {
    const shelf = this.#shelf(kind);
    if (version > 1 && version < this.#first) return undefined; // another run's; 1 is what people write for "everything"
    return version < shelf.forgotten ? undefined : shelf.history.filter((change) => change.version > version);
  }

  /** @returns stop listening */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #next(kind: Kind, content: JsonObject): { object: KubeObject; previous: KubeObject | undefined } {
    const namespace = kind.namespaced ? namespaceOf(content) : "";
    const previous = this.get(kind, namespace, nameOf(content));
    const object = createObject(content, {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      name: nameOf(content),
      namespace: kind.namespaced ? namespace : undefined,
      uid: previous?.metadata.uid ?? crypto.randomUUID(),
      resourceVersion: previous?.metadata.resourceVersion ?? "",
      generation: kind.counted ? nextGeneration(previous, content) : undefined,
      creationTimestamp: previous?.metadata.creationTimestamp ?? timestamp(new Date()),
    });
    return { object: previous !== undefined && sameJson(previous, object) ? previous : object, previous };
  }

  #record(change: Change): void {
    this.#version = change.version;
    const shelf = this.#shelf(change.kind);
    shelf.newest = change.version;
    shelf.history.push(change);
    if (shelf.history.length > HISTORY) shelf.forgotten = shelf.history.shift()?.version ?? shelf.forgotten;
    for (const listener of [...this.#listeners]) listener(change);
  }

  #shelf(kind: Kind): Shelf {
    const key = `${kind.group}/${kind.plural}`;
    const known = this.#shelves.get(key);
    if (known !== undefined) return known;
    const shelf: Shelf = { objects: new Map(), history: [], forgotten: 0, newest: this.#version };
    this.#shelves.set(key, shelf);
    return shelf;
  }
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`; // neither part may hold a slash
}

/** A change of anything but metadata and status counts; so does the beginning of a held-up deletion. */
function nextGeneration(previous: KubeObject | undefined, content: JsonObject): number {
  const before = previous?.metadata.generation;
  if (previous === undefined || before === undefined) return 1;
  const metadata = isObject(content["metadata"]) ? content["metadata"] : {};
  const dying = metadata["deletionTimestamp"] !== undefined && previous.metadata.deletionTimestamp === undefined;
  return dying || !sameJson(specificationOf(previous), specificationOf(content)) ? before + 1 : before;
}

function specificationOf(object: JsonObject): JsonObject {
  const { metadata: _metadata, status: _status, apiVersion: _apiVersion, kind: _kind, ...specification } = object;
  return specification;
}
