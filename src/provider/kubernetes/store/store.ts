// The objects weir knows, by kind and name, as the API server last told; kept while it does not answer.

import type { Resource } from "../client/resource.ts";
import { resourceId } from "../client/resource.ts";
import type { ReflectorSink } from "../client/reflector.ts";
import { type KubeObject, namespacedName } from "./object.ts";
import { ObjectSet } from "./object-set.ts";
import { saysTheSame, serviceOf } from "./significance.ts";
import type { Change, Judge, KubeSnapshot } from "./snapshot.ts";

const SLICES = "discovery.k8s.io/EndpointSlice";

/** Told of each change that may matter. */
export type StoreListener = (change: Change) => void;

/** A snapshot that changes. */
export class KubeStore implements KubeSnapshot {
  readonly #changed: () => void;
  readonly #listeners: StoreListener[];
  /** Kinds that were never read are not there. */
  readonly #kinds: Map<string, ObjectSet>;
  readonly #slices: Map<string, Set<KubeObject>>;

  /** @param changed called after each change that may matter, or after many at once */
  constructor(changed: () => void) {
    this.#changed = changed;
    this.#listeners = [];
    this.#kinds = new Map();
    this.#slices = new Map();
  }

  /** Has somebody told of every single change from now on. */
  listen(listener: StoreListener): void {
    this.#listeners.push(listener);
  }

  isRead(id: string): boolean {
    return this.#kinds.has(id);
  }

  list(id: string): readonly KubeObject[] {
    return this.#kinds.get(id)?.sorted ?? [];
  }

  get(id: string, namespace: string, name: string): KubeObject | undefined {
    return this.#kinds.get(id)?.get(namespacedName(namespace, name));
  }

  judge(id: string, namespace: string, name: string, isUsable: Judge): boolean | undefined {
    const object = this.get(id, namespace, name);
    return object === undefined ? undefined : isUsable(object);
  }

  slicesOf(namespace: string, service: string): readonly KubeObject[] {
    return [...this.#slices.get(namespacedName(namespace, service)) ?? []].sort(byAge);
  }

  namespacesWith(id: string, name: string): readonly string[] {
    return this.#kinds.get(id)?.namespacesWith(name) ?? [];
  }

  namesIn(id: string, namespace: string): readonly string[] {
    return this.#kinds.get(id)?.namesIn(namespace) ?? [];
  }

  /** Where the reflector of a kind, in one namespace or all, delivers. */
  sink(resource: Resource, namespace: string | undefined): ReflectorSink {
    const id = resourceId(resource);
    const isMine = (object: KubeObject) => namespace === undefined || object.metadata.namespace === namespace;
    const held = () => [...this.#kinds.get(id)?.values() ?? []].filter(isMine);
    return {
      get isEmpty() {
        return held().length === 0;
      },
      upsert: (object) => {
        if (this.#put(id, object)) this.#changed();
      },
      remove: (object) => {
        if (this.#drop(id, object)) this.#changed();
      },
      replace: (news) => {
        const names = new Set(news.map(nameOf));
        let changes = this.#begin(id) ? 1 : 0;
        for (const object of held()) if (!names.has(nameOf(object)) && this.#drop(id, object)) changes++;
        for (const object of news) if (this.#put(id, object)) changes++;
        if (changes > 0) this.#changed();
      },
    };
  }

  /** @returns whether the kind was never read before, which is told */
  #begin(id: string): boolean {
    if (this.#kinds.has(id)) return false;
    this.#kinds.set(id, new ObjectSet());
    for (const listener of this.#listeners) listener({ id, before: undefined, after: undefined });
    return true;
  }

  #setOf(id: string): ObjectSet {
    let objects = this.#kinds.get(id);
    if (objects === undefined) this.#kinds.set(id, objects = new ObjectSet());
    return objects;
  }

  /** @returns whether anything that matters changed; an object that says nothing new is kept, but not told of */
  #put(id: string, object: KubeObject): boolean {
    const objects = this.#setOf(id);
    const before = objects.get(nameOf(object));
    const version = object.metadata.resourceVersion;
    if (before !== undefined && version !== "" && before.metadata.resourceVersion === version) return false;
    objects.set(nameOf(object), object);
    if (id === SLICES && before !== undefined) this.#unindex(before);
    if (id === SLICES) this.#index(object);
    if (before !== undefined && saysTheSame(id, before, object)) return false;
    for (const listener of this.#listeners) listener({ id, before, after: object });
    return true;
  }

  #drop(id: string, object: KubeObject): boolean {
    const before = this.#kinds.get(id)?.delete(nameOf(object));
    if (before === undefined) return false;
    if (id === SLICES) this.#unindex(before);
    for (const listener of this.#listeners) listener({ id, before, after: undefined });
    return true;
  }

  #index(slice: KubeObject): void {
    const service = serviceOf(slice);
    const slices = this.#slices.get(service);
    if (slices === undefined) this.#slices.set(service, new Set([slice]));
    else slices.add(slice);
  }

  #unindex(slice: KubeObject): void {
    const service = serviceOf(slice);
    const slices = this.#slices.get(service);
    slices?.delete(slice);
    if (slices?.size === 0) this.#slices.delete(service);
  }
}

function nameOf({ metadata }: KubeObject): string {
  return namespacedName(metadata.namespace, metadata.name);
}

function byAge(a: KubeObject, b: KubeObject): number {
  const [first, second] = [a.metadata, b.metadata];
  if (first.creationTimestamp !== second.creationTimestamp) {
    return first.creationTimestamp < second.creationTimestamp ? -1 : 1;
  }
  return first.name < second.name ? -1 : 1;
}
