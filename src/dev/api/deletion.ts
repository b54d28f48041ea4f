// How an object dies: at once, after a grace period, or when its finalizers let it.

import { type JsonObject, listAt, numberAt, objectAt, textAt } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import { type KubeObject, namespaceOf, timestamp } from "../kube/object.ts";
import { dyingDefinition } from "../structural/definition-controller.ts";

/** Holds an object until its dependents have lost their reference to it. */
export const ORPHAN_FINALIZER = "orphan";

/** Holds an object until its dependents are gone. */
export const FOREGROUND_FINALIZER = "foregroundDeletion";

/** What happens to dependents. */
export type Propagation = "Foreground" | "Background" | "Orphan";

/** How to delete. */
export interface DeletionOptions {
  /** Absent: as the object's finalizers say already. */
  readonly policy?: Propagation | undefined;
  /** Seconds that a pod gets. Absent: what its specification says. */
  readonly grace?: number | undefined;
}

/** Deletes an object, or marks it when something holds it. @returns its last state */
export function deleteObject(
  store: ObjectStore,
  kind: Kind,
  object: KubeObject,
  options: DeletionOptions,
): KubeObject {
  const next = dyingState(kind, object, options);
  if (next === undefined) {
    const gone = store.remove(kind, namespaceOf(object), object.metadata.name) ?? object;
    return isCore(kind, "Pod") ? withDeath(gone, new Date(), 0) : gone;
  }
  return next === object ? object : store.put(kind, next);
}

/** What a deletion makes of an object first; undefined: it goes at once. */
export function dyingState(kind: Kind, object: KubeObject, options: DeletionOptions): KubeObject | undefined {
  if (isCore(kind, "Namespace")) return dyingNamespace(object);
  if (kind.kind === "CustomResourceDefinition") return isDying(object) ? object : dyingDefinition(object);
  const before = listAt(object, "metadata", "finalizers");
  const finalizers = finalizersFor(before, options.policy);
  const grace = isCore(kind, "Pod") ? podGrace(object, options.grace) : 0;
  if (finalizers.length === 0 && grace === 0) return undefined;
  if (isDying(object) && !isShorter(object, grace) && finalizers.length === before.length) return object;
  const held = finalizers.length === 0 ? object : withFinalizers(object, finalizers);
  return withDeath(held, deathBegan(object), grace);
}

function isCore({ group, kind }: Kind, name: string): boolean {
  return group === "" && kind === name;
}

/** Whether less time is given than before. */
function isShorter(object: KubeObject, grace: number): boolean {
  return grace > 0 && grace < (numberAt(object, "metadata", "deletionGracePeriodSeconds") ?? Infinity);
}

function isDying(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

function finalizersFor(before: readonly unknown[], policy: Propagation | undefined): readonly unknown[] {
  if (policy === undefined) return before;
  const others = before.filter((name) => name !== ORPHAN_FINALIZER && name !== FOREGROUND_FINALIZER);
  if (policy === "Background") return others;
  return [...others, policy === "Orphan" ? ORPHAN_FINALIZER : FOREGROUND_FINALIZER];
}

function withFinalizers(object: KubeObject, finalizers: readonly unknown[]): KubeObject {
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers] } };
}

function withDeath(object: KubeObject, begun: Date, grace: number): KubeObject {
  const deletionTimestamp = timestamp(new Date(begun.getTime() + grace * 1000));
  return { ...object, metadata: { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: grace } };
}

/** Now, unless it has been dying for a while. */
function deathBegan({ metadata }: KubeObject): Date {
  if (metadata.deletionTimestamp === undefined) return new Date();
  const grace = numberAt(metadata, "deletionGracePeriodSeconds") ?? 0;
  return new Date(Date.parse(metadata.deletionTimestamp) - grace * 1000);
}

/** A pod that no node has, or that has ended, needs no time. */
function podGrace(pod: KubeObject, wanted: number | undefined): number {
  const phase = textAt(pod, "status", "phase");
  if ((textAt(pod, "spec", "nodeName") ?? "") === "" || phase === "Succeeded" || phase === "Failed") return 0;
  const grace = wanted ?? numberAt(pod, "spec", "terminationGracePeriodSeconds") ?? 30; // a real server's default
  return grace < 0 ? 1 : grace;
}

/** A namespace is held by finalizers of its own, which its controller takes off. */
function dyingNamespace(namespace: KubeObject): KubeObject {
  if (isDying(namespace)) return namespace;
  const status: JsonObject = { ...objectAt(namespace, "status"), phase: "Terminating" };
  return { ...namespace, metadata: { ...namespace.metadata, deletionTimestamp: timestamp(new Date()) }, status };
}
