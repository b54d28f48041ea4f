// The `default` ServiceAccount that every namespace has: pods run under it unless they name another.

import type { KubeObject } from "../kube/object.ts";
import type { ClusterState } from "./cluster-state.ts";

const NAME = "default";

/** Gives each namespace its account, those there are and those to come. @returns stop doing so */
export function keepDefaultAccounts(state: ClusterState): () => void {
  for (const namespace of state.list("Namespace")) addAccount(state, namespace);
  return state.store.subscribe(({ type, kind, object }) => {
    if (kind.kind === "Namespace" && type === "ADDED") addAccount(state, object);
  });
}

function addAccount(state: ClusterState, { metadata: { name: namespace } }: KubeObject): void {
  if (state.get("ServiceAccount", namespace, NAME) !== undefined) return;
  state.put("ServiceAccount", { metadata: { name: NAME, namespace } });
}
