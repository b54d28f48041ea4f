// What the parts of the simulated cluster share: the store, typed access to its kinds, and writes through the gate.

import type { Admit } from "../admission/admission.ts";
import type { JsonObject } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import type { Kind } from "../kube/kind.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import { type KubeObject, nameOf, namespaceOf } from "../kube/object.ts";
import { trackController } from "../managed/ownership.ts";

/** The objects of the cluster, by the names of built-in kinds. */
export class ClusterState {
  readonly store: ObjectStore;
  readonly kinds: KindRegistry;
  readonly #admit: Admit;

  constructor(store: ObjectStore, kinds: KindRegistry, admit: Admit) {
    this.store = store;
    this.kinds = kinds;
    this.#admit = admit;
  }

  /** The objects of a built-in kind. */
  list(kind: string, namespace = ""): KubeObject[] {
    return this.store.list(this.#kind(kind), namespace);
  }

  /** One object of a built-in kind. */
  get(kind: string, namespace: string, name: string): KubeObject | undefined {
    return this.store.get(this.#kind(kind), namespace, name);
  }

  /** Stores an object that is complete already. */
  put(kind: string, content: JsonObject): KubeObject {
    const live = this.get(kind, namespaceOf(content), nameOf(content));
    const writer = { kind: this.#kind(kind), manager: "weir" };
    return this.store.put(writer.kind, trackController(writer, live, content));
  }

  /**
   * Stores an object after the gate has filled in what is missing.
   * @throws {StatusError} when the gate refuses it
   */
  admit(kind: string, content: JsonObject): KubeObject {
    const [namespace, name] = [namespaceOf(content), nameOf(content)];
    const previous = this.get(kind, namespace, name);
    const draft = { kind: this.#kind(kind), content, namespace, name, previous, fieldValidation: "Ignore" as const };
    return this.put(kind, this.#admit(draft).object);
  }

  /** Removes an object; nothing happens when it is gone already. */
  remove(kind: string, object: KubeObject): void {
    this.store.remove(this.#kind(kind), namespaceOf(object), nameOf(object));
  }

  #kind(name: string): Kind {
    return this.kinds.builtIn(name);
  }
}
