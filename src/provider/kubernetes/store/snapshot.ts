// What translators read: the objects of all kinds at one moment.

import type { KubeObject } from "./object.ts";

/** Whether an object is of use to those who refer to it. */
export type Judge = (object: KubeObject) => boolean;

/** Everything at one moment. */
export interface KubeSnapshot {
  /** Whether a kind was read at all: where weir lacks the right, nothing is known of its objects. */
  isRead(id: string): boolean;
  /** All objects of a kind, by `group/Kind`, sorted by namespace and name. */
  list(id: string): readonly KubeObject[];
  get(id: string, namespace: string, name: string): KubeObject | undefined;
  /** Whether an object is there and usable, without reading what it says; undefined where there is none. */
  judge(id: string, namespace: string, name: string, isUsable: Judge): boolean | undefined;
  /** EndpointSlices of a Service, the oldest first. */
  slicesOf(namespace: string, service: string): readonly KubeObject[];
  /** Namespaces in which there is an object of that name, sorted. */
  namespacesWith(id: string, name: string): readonly string[];
  /** Names of the objects of a kind in a namespace, sorted. */
  namesIn(id: string, namespace: string): readonly string[];
}

/** One object that came, went or changed; without any, a kind that is read from now on. */
export interface Change {
  /** `group/Kind`. */
  readonly id: string;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}
