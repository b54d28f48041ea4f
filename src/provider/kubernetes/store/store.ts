// The objects weir knows, by kind and name, as the API server last told; kept while it does not answer.

import type { Resource } from "../client/resource.ts";
import { resourceId } from "../client/resource.ts";
import type { ReflectorSink } from "../client/reflector.ts";
import { type KubeObject, namespacedName } from "./object.ts";

/** Marks an EndpointSlice with the Service it belongs to. */
export const SERVICE_NAME_LABEL = "kubernetes.io/service-name";

const SLICES = "discovery.k8s.io/EndpointSlice";

/** What translators read: everything at one moment. */
export interface KubeSnapshot {
  /** All objects of a kind, by `group/Kind`, sorted by namespace and name. */
  list(id: string): readonly KubeObject[];
  get(id: string, namespace: string, name: string): KubeObject | undefined;
  /** EndpointSlices of a Service, the oldest first. */
  slicesOf(namespace: string, service: string): readonly KubeObject[];
}

/** A snapshot that changes. */
export class KubeStore implements KubeSnapshot {
  readonly #changed: () => void;
  readonly #kinds: Map<string, Map<string, KubeObject>>;
  readonly #slices: Map<string, Set<KubeObject>>;

  /** @param changed called after each change that may matter */
  constructor(changed: () => void) {
    this.#changed = changed;
    this.#kinds = new Map();
    this.#slices = new Map();
  }

  list(id: string): readonly KubeObject[] {
    const objects = this.#kinds.get(id);
    if (objects === undefined) return [];
    return [...objects].sort(([a], [b]) => a < b ? -1 : 1).map(([, object]) => object);
  }

  get(id: string, namespace: string, name: string): KubeObject | undefined {
    return this.#kinds.get(id)?.get(namespacedName(namespace, name));
  }

  slicesOf(namespace: string, service: string): readonly KubeObject[] {
    return [...this.#slices.get(namespacedName(namespace, service)) ?? []].sort(byAge);
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
      replace: (objects) => {
        const names = new Set(objects.map(nameOf));
        let changes = 0;
        for (const object of held()) if (!names.has(nameOf(object)) && this.#drop(id, object)) changes++;
        for (const object of objects) if (this.#put(id, object)) changes++;
        if (changes > 0) this.#changed();
      },
    };
  }

  /** @returns whether anything that matters changed */
  #put(id: string, object: KubeObject): boolean {
    let objects = this.#kinds.get(id);
    if (objects === undefined) this.#kinds.set(id, objects = new Map());
    const before = objects.get(nameOf(object));
    const version = object.metadata.resourceVersion;
    if (before !== undefined && version !== "" && before.metadata.resourceVersion === version) return false;
    objects.set(nameOf(object), object);
    if (id !== SLICES) return true;
    if (before !== undefined) this.#unindex(before);
    this.#index(object);
    return before === undefined || !sameSlice(before, object);
  }

  #drop(id: string, object: KubeObject): boolean {
    const objects = this.#kinds.get(id);
    const before = objects?.get(nameOf(object));
    if (before === undefined) return false;
    objects?.delete(nameOf(object));
    if (id === SLICES) this.#unindex(before);
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

function serviceOf({ metadata }: KubeObject): string {
  return namespacedName(metadata.namespace, metadata.labels[SERVICE_NAME_LABEL] ?? "");
}

function byAge(a: KubeObject, b: KubeObject): number {
  const [first, second] = [a.metadata, b.metadata];
  if (first.creationTimestamp !== second.creationTimestamp) {
    return first.creationTimestamp < second.creationTimestamp ? -1 : 1;
  }
  return first.name < second.name ? -1 : 1;
}

/** Controllers rewrite annotations and managed fields of slices all the time; only these parts carry traffic. */
function sameSlice(a: KubeObject, b: KubeObject): boolean {
  return serviceOf(a) === serviceOf(b) && carried(a) === carried(b);
}

function carried({ raw }: KubeObject): string {
  return JSON.stringify([raw["addressType"], raw["endpoints"], raw["ports"]]);
}
