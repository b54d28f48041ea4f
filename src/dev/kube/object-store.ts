// The objects of the embedded cluster, in memory: one version counter, a bounded history per kind, and listeners.

import { isObject, type JsonObject, numberAt, sameJson } from "../json.ts";
import { apiVersionOf, type Kind, storedKind } from "./kind.ts";
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
  /** The objects by namespace and name, until one comes or goes or changes. */
  sorted: readonly KubeObject[] | undefined;
}

/** What a store begins with. */
export interface StoreOptions {
  /**
   * The version before the first change. Default: the time in milliseconds, so that the versions of an earlier run are
   * all older, and its clients list again.
   */
  readonly first?: number;
}

/** All objects, by kind, namespace and name. */
export class ObjectStore {
  readonly #shelves = new Map<string, Shelf>();
  readonly #listeners = new Set<ChangeListener>();
  readonly #first: number;
  #version: number;
  /** Past states up to here can't be listed any more. */
  #compacted = 0;

  constructor({ first = Date.now() }: StoreOptions = {}) {
    this.#first = first;
    this.#version = first;
  }

  /** The version of the latest change of any object. */
  get version(): number {
    return this.#version;
  }

  /** The object, or undefined. @param namespace empty for kinds of the whole cluster */
  get(kind: Kind, namespace: string, name: string): KubeObject | undefined {
    const found = this.#shelf(kind).objects.get(keyOf(namespace, name));
    return found && seenAs(kind, found);
  }

  /** The objects of a kind, by namespace and name. @param namespace absent or empty: of all namespaces */
  list(kind: Kind, namespace = ""): KubeObject[] {
    const shelf = this.#shelf(kind);
    shelf.sorted ??= inOrder(shelf.objects);
    const objects = inNamespace(shelf.sorted, namespace);
    return kind.view === undefined ? objects : objects.map((object) => seenAs(kind, object));
  }

  /** The objects of a kind as they were, or undefined when that is forgotten. @param version not of the future */
  listAt(kind: Kind, version: number, namespace = ""): KubeObject[] | undefined {
    const shelf = this.#shelf(kind);
    if (version < this.#compacted || version < shelf.forgotten) return undefined;
    if (version >= shelf.newest) return this.list(kind, namespace);
    const objects = new Map(shelf.objects);
    for (const change of shelf.history.toReversed()) {
      if (change.version <= version) break;
      const key = keyOf(namespaceOf(change.object), nameOf(change.object));
      if (change.previous === undefined) objects.delete(key);
      else objects.set(key, change.previous);
    }
    return inNamespace(inOrder(objects), namespace).map((object) => seenAs(kind, object));
  }

  /** Forgets past states, as a compaction of etcd does. Watches can still begin in the past. */
  compact(): void {
    this.#compacted = this.#version;
  }

  /** Begins to keep a kind that is served from now on: nothing is known of its past. */
  open(kind: Kind): void {
    this.#shelf(kind);
  }

  /** The objects of all kinds, in no order. */
  *all(): IterableIterator<KubeObject> {
    for (const shelf of this.#shelves.values()) yield* shelf.objects.values();
  }

  /** The newest version of a kind, for bookmarks. */
  newest(kind: Kind): number {
    return this.#shelf(kind).newest;
  }

  /** The oldest version that watches of a kind can begin at. */
  oldest(kind: Kind): number {
    return this.#shelf(kind).forgotten;
  }

  /**
   * Stores an object, new or changed. Server-owned metadata of `content` is ignored.
   * @returns what is stored now; the same object as before, without an event, when nothing changed
   */
  put(kind: Kind, content: JsonObject): KubeObject {
    if (kind.view !== undefined) return seenAs(kind, this.put(kind.view.stored, kind.view.toStored(content)));
    const { object, previous } = this.#next(kind, content);
    if (object === previous) return object;
    const version = this.#version + 1;
    object.metadata.resourceVersion = String(version);
    const shelf = this.#shelf(kind);
    shelf.objects.set(keyOf(namespaceOf(object), nameOf(object)), object);
    shelf.sorted = undefined;
    this.#record({ type: previous === undefined ? "ADDED" : "MODIFIED", kind, object, previous, version });
    return object;
  }

  /** What {@link put} would store, without storing it. */
  preview(kind: Kind, content: JsonObject): KubeObject {
    if (kind.view !== undefined) return seenAs(kind, this.preview(kind.view.stored, kind.view.toStored(content)));
    return this.#next(kind, content).object;
  }

  /** @returns the last state of the object that was removed, with the version of its deletion; or undefined */
  remove(kind: Kind, namespace: string, name: string): KubeObject | undefined {
    const shelf = this.#shelf(kind);
    const previous = shelf.objects.get(keyOf(namespace, name));
    if (previous === undefined) return undefined;
    shelf.objects.delete(keyOf(namespace, name));
    shelf.sorted = undefined;
    const version = this.#version + 1;
    const object = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(version) } };
    this.#record({ type: "DELETED", kind: storedKind(kind), object, previous, version });
    return seenAs(kind, object);
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
      generation: kind.counted ? nextGeneration(kind, previous, content) : keptGeneration(previous, content),
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

  #shelf(viewed: Kind): Shelf {
    const kind = storedKind(viewed);
    const key = `${kind.group}/${kind.plural}`;
    const known = this.#shelves.get(key);
    if (known !== undefined) return known;
    const begin = kind.custom ? this.#version : this.#first;
    const shelf: Shelf = {
      objects: new Map(),
      history: [],
      forgotten: kind.custom ? begin : 0,
      newest: begin,
      sorted: undefined,
    };
    this.#shelves.set(key, shelf);
    return shelf;
  }
}

/** A stored object as a kind shows it. */
export function seenAs(kind: Kind, object: KubeObject): KubeObject {
  if (kind.view === undefined) return object;
  return {
    ...kind.view.fromStored(object),
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: object.metadata,
  };
}

/** Of kinds that count nothing, what their creator sent. */
function keptGeneration(previous: KubeObject | undefined, content: JsonObject): number | undefined {
  return previous === undefined ? numberAt(content, "metadata", "generation") : previous.metadata.generation;
}

function inOrder(objects: ReadonlyMap<string, KubeObject>): KubeObject[] {
  return [...objects].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
}

function inNamespace(objects: readonly KubeObject[], namespace: string): KubeObject[] {
  return namespace === "" ? [...objects] : objects.filter((object) => namespaceOf(object) === namespace);
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`; // neither part may hold a slash
}

/** A change of anything but metadata and status counts; so does the beginning of a held-up deletion. */
function nextGeneration(kind: Kind, previous: KubeObject | undefined, content: JsonObject): number {
  const before = previous?.metadata.generation;
  if (previous === undefined || before === undefined) return 1;
  const metadata = isObject(content["metadata"]) ? content["metadata"] : {};
  const dying = metadata["deletionTimestamp"] !== undefined && previous.metadata.deletionTimestamp === undefined;
  const counted = (kind.countedMetadata ?? []).some((part) =>
    !sameJson(previous.metadata[part] ?? {}, metadata[part] ?? {})
  );
  return dying || counted || !sameJson(specificationOf(previous), specificationOf(content)) ? before + 1 : before;
}

function specificationOf(object: JsonObject): JsonObject {
  const { metadata: _metadata, status: _status, apiVersion: _apiVersion, kind: _kind, ...specification } = object;
  return specification;
}
