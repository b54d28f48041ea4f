// The objects of one kind, by name, with the indexes that translations ask for.

import type { KubeObject } from "./object.ts";

/** A map that stays sorted, and knows names by namespace and namespaces by name. */
export class ObjectSet {
  readonly #objects: Map<string, KubeObject>;
  readonly #namespaces: Map<string, Set<string>>;
  readonly #names: Map<string, Set<string>>;
  /** Made when asked for; gone after a change. */
  #sorted: readonly KubeObject[] | undefined;
  /** Keys in order, as long as none came or went. */
  #order: readonly string[] | undefined;

  constructor() {
    this.#objects = new Map();
    this.#namespaces = new Map();
    this.#names = new Map();
    this.#sorted = undefined;
    this.#order = undefined;
  }

  /** Sorted by namespace and name. */
  get sorted(): readonly KubeObject[] {
    this.#order ??= [...this.#objects.keys()].sort();
    this.#sorted ??= this.#order.map((key) => this.#objects.get(key)).filter((object) => object !== undefined);
    return this.#sorted;
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  values(): Iterable<KubeObject> {
    return this.#objects.values();
  }

  set(key: string, object: KubeObject): void {
    const isNew = !this.#objects.has(key);
    this.#objects.set(key, object);
    this.#sorted = undefined;
    if (!isNew) return;
    this.#order = undefined;
    const { namespace, name } = object.metadata;
    add(this.#namespaces, name, namespace);
    add(this.#names, namespace, name);
  }

  /** @returns what was there */
  delete(key: string): KubeObject | undefined {
    const object = this.#objects.get(key);
    if (object === undefined) return undefined;
    this.#objects.delete(key);
    this.#sorted = undefined;
    this.#order = undefined;
    const { namespace, name } = object.metadata;
    remove(this.#namespaces, name, namespace);
    remove(this.#names, namespace, name);
    return object;
  }

  namespacesWith(name: string): readonly string[] {
    return [...this.#namespaces.get(name) ?? []].sort();
  }

  namesIn(namespace: string): readonly string[] {
    return [...this.#names.get(namespace) ?? []].sort();
  }
}

function add(index: Map<string, Set<string>>, key: string, value: string): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, new Set([value]));
  else values.add(value);
}

function remove(index: Map<string, Set<string>>, key: string, value: string): void {
  const values = index.get(key);
  values?.delete(value);
  if (values?.size === 0) index.delete(key);
}
