// A snapshot that notes what was asked of it, so that an answer can be remembered until something asked for changes.

import { type KubeObject, namespacedName } from "./object.ts";
import { serviceOf } from "./significance.ts";
import type { Change, Judge, KubeSnapshot } from "./snapshot.ts";

/** Wraps a snapshot for one use. */
export class RecordingSnapshot implements KubeSnapshot {
  /** What was asked, as {@link touchedBy} names it. */
  readonly reads: Set<string>;
  readonly #snapshot: KubeSnapshot;

  constructor(snapshot: KubeSnapshot) {
    this.reads = new Set();
    this.#snapshot = snapshot;
  }

  isRead(id: string): boolean {
    this.reads.add(`list ${id}`);
    return this.#snapshot.isRead(id);
  }

  list(id: string): readonly KubeObject[] {
    this.reads.add(`list ${id}`);
    return this.#snapshot.list(id);
  }

  get(id: string, namespace: string, name: string): KubeObject | undefined {
    this.reads.add(objectRead(id, namespace, name));
    return this.#snapshot.get(id, namespace, name);
  }

  judge(id: string, namespace: string, name: string, isUsable: Judge): boolean | undefined {
    this.reads.add(`judge ${id} ${namespacedName(namespace, name)}`);
    return this.#snapshot.judge(id, namespace, name, isUsable);
  }

  slicesOf(namespace: string, service: string): readonly KubeObject[] {
    this.reads.add(`slices ${namespacedName(namespace, service)}`);
    return this.#snapshot.slicesOf(namespace, service);
  }

  namespacesWith(id: string, name: string): readonly string[] {
    this.reads.add(`namespaces ${id} ${name}`);
    return this.#snapshot.namespacesWith(id, name);
  }

  namesIn(id: string, namespace: string): readonly string[] {
    this.reads.add(`names ${id} ${namespace}`);
    return this.#snapshot.namesIn(id, namespace);
  }
}

/** How the reading of one object is noted. */
export function objectRead(id: string, namespace: string, name: string): string {
  return `object ${id} ${namespacedName(namespace, name)}`;
}

/** The reads that a change makes void. @param isUsable how objects of that kind are judged */
export function touchedBy({ id, before, after }: Change, isUsable: Judge): string[] {
  const object = after ?? before;
  if (object === undefined) return [`list ${id}`];
  const { namespace, name } = object.metadata;
  const touched = [`list ${id}`, objectRead(id, namespace, name)];
  const cameOrWent = before === undefined || after === undefined;
  if (cameOrWent) touched.push(`namespaces ${id} ${name}`, `names ${id} ${namespace}`);
  if (cameOrWent || isUsable(before) !== isUsable(after)) {
    touched.push(`judge ${id} ${namespacedName(namespace, name)}`);
  }
  for (const slice of [before, after]) if (slice !== undefined) touched.push(`slices ${serviceOf(slice)}`);
  return touched;
}
