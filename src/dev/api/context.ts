// What the verbs of the embedded API share.

import type { Admit } from "../admission/admission.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import type { KubeObject } from "../kube/object.ts";
import type { Access } from "../auth/access.ts";

/** One line of a pod's log. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly text: string;
}

/** The log of one pod. */
export interface PodLog {
  /** The lines kept, oldest first. */
  lines(): readonly LogLine[];
  /** @returns stop listening */
  follow(listener: (line: LogLine) => void): () => void;
}

/** Finds the log of a pod that has one. */
export type LogLookup = (namespace: string, pod: string) => PodLog | undefined;

/** Everything a verb needs. */
export interface ApiContext {
  readonly store: ObjectStore;
  readonly kinds: KindRegistry;
  readonly admit: Admit;
  readonly access: Access;
  readonly logs: LogLookup;
  /** Aborted when the API closes. */
  readonly closing: AbortSignal;
  /** An object that the cluster made up because something referred to it: a client may create it for real. */
  readonly isPlaceholder: (object: KubeObject) => boolean;
}
