// What each manager declared by server-side apply, so that a later apply can tell what it dropped.

import type { JsonObject } from "../json.ts";
import type { ObjectStore } from "../kube/object-store.ts";

/** Remembers the applied configurations of living objects. */
export class AppliedStates {
  readonly #byObject = new Map<string, Map<string, JsonObject>>();

  /** @param store objects that are deleted there are forgotten */
  constructor(store: ObjectStore) {
    store.subscribe(({ type, object }) => {
      if (type === "DELETED") this.#byObject.delete(object.metadata.uid);
    });
  }

  /** What the manager applied last to the object. */
  get(uid: string, manager: string): JsonObject | undefined {
    return this.#byObject.get(uid)?.get(manager);
  }

  /** Remembers what the manager applied. */
  set(uid: string, manager: string, applied: JsonObject): void {
    const managers = this.#byObject.get(uid) ?? new Map<string, JsonObject>();
    managers.set(manager, applied);
    this.#byObject.set(uid, managers);
  }
}
