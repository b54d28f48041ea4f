// The checked objects as the Kubernetes providers see a cluster, with what a cluster would add to them.

import { onDemandResources } from "../provider/kubernetes/backend/resources.ts";
import { kindNames, type Resource } from "../provider/kubernetes/client/resource.ts";
import { crdResources } from "../provider/kubernetes/crd/kinds.ts";
import { classNameOf, CONTROLLER } from "../provider/kubernetes/ingress/ingress-class.ts";
import { ingressResources } from "../provider/kubernetes/ingress/kinds.ts";
import { toKubeObject } from "../provider/kubernetes/store/object.ts";
import { KubeStore } from "../provider/kubernetes/store/store.ts";
import { parseLabelSelector, type Requirement } from "../schema/label-selector.ts";
import { ProxyError } from "../net/error.ts";
import type { CheckedObject } from "./object-gate.ts";

/** Which objects a provider reads. */
export interface ProviderScope {
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly labelSelector?: string | undefined;
}

const resources = new Map<string, Resource>(
  [...crdResources, ...ingressResources, ...onDemandResources({ disableClusterScopeResources: false })].map(
    (resource) => {
      const { apiVersion, kind } = kindNames(resource);
      return [`${apiVersion} ${kind}`, resource];
    },
  ),
);

/** A store of those objects that a provider reads. */
export function snapshotOf(objects: readonly CheckedObject[], scope: ProviderScope): KubeStore {
  const store = new KubeStore(() => undefined);
  const isSelected = selectorOf(scope.labelSelector ?? "");
  for (const object of objects) {
    const resource = resourceOf(object);
    if (resource === undefined || !isInScope(object, scope)) continue;
    const read = toKubeObject(object.content, kindNames(resource));
    if (read === undefined || (resource.labelled && !isSelected(read.metadata.labels))) continue;
    store.sink(resource, undefined).upsert(read);
  }
  addClasses(store);
  return store;
}

function resourceOf({ manifest }: CheckedObject): Resource | undefined {
  const { apiVersion, kind } = manifest.content;
  return resources.get(`${String(apiVersion)} ${String(kind)}`);
}

function isInScope({ namespace }: CheckedObject, { namespaces }: ProviderScope): boolean {
  return namespace === "" || namespaces.length === 0 || namespaces.includes(namespace);
}

/** What can't be read selects everything; the start would refuse it. */
function selectorOf(text: string): Requirement {
  try {
    return parseLabelSelector(text);
  } catch (thrown) {
    if (thrown instanceof ProxyError) return () => true;
    throw thrown;
  }
}

const INGRESS_CLASS = "networking.k8s.io/IngressClass";

/** Classes belong to the cluster, not to those who use them: where none is given, those that are named are ours. */
function addClasses(store: KubeStore): void {
  const resource = resources.get("networking.k8s.io/v1 IngressClass");
  if (resource === undefined || store.list(INGRESS_CLASS).length > 0) return;
  const named = new Set(store.list("networking.k8s.io/Ingress").map(classNameOf));
  for (const name of named) {
    const content = { metadata: { name }, spec: { controller: CONTROLLER } };
    const made = toKubeObject(content, kindNames(resource));
    if (made !== undefined) store.sink(resource, undefined).upsert(made);
  }
}
