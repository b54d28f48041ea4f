// The part of admission that looks at other objects: accounts of pods, default classes, addresses of Services.

import { isObject, type JsonObject, listAt, objectAt, textAt, textsAt } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import type { Kind } from "../kube/kind.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import { type KubeObject, nameOf, namespaceOf } from "../kube/object.ts";
import { forbidden } from "../kube/status.ts";
import {
  accountOf,
  isUnknownPriority,
  type ProjectedConfigMap,
  rootCertificate,
  withAccount,
  withScheduling,
} from "./pod-admission.ts";
import { type Allocation, ServiceAllocator } from "./service-allocator.ts";

/** What is written, as admission sees it. */
export interface Admission {
  readonly kind: Kind;
  readonly previous: JsonObject | undefined;
}

/** The steps of admission that know the cluster. */
export interface ClusterAdmission {
  /** Fields that a kind does not have are dropped without a word, as before 1.25. */
  readonly silent: boolean;
  /** Before the object is checked. @throws {StatusError} 403 */
  complete(object: JsonObject, admission: Admission): JsonObject;
  /** After it was found good. */
  allocate(object: JsonObject, admission: Admission): Allocation;
}

/** What the cluster is like. */
export interface ClusterOptions {
  readonly store: ObjectStore;
  readonly kinds: KindRegistry;
  /** The range of cluster addresses; a fixed address must be in it. Default: 127.96.0.0/12, and any address is taken. */
  readonly serviceRange?: string;
  /** What is put beside the token of an account. Default: the certificate of the cluster's authority. */
  readonly projectedConfigMaps?: readonly ProjectedConfigMap[];
}

/** For writes that see nothing but themselves. */
export const noCluster: ClusterAdmission = {
  silent: false,
  complete: (object) => object,
  allocate: (object) => ({ object, causes: [] }),
};

/** The admission of one cluster. */
export function createClusterAdmission(options: ClusterOptions): ClusterAdmission {
  const { store, serviceRange } = options;
  const allocator = new ServiceAllocator({ store, ...(serviceRange === undefined ? {} : { serviceRange }) });
  return {
    silent: options.kinds.kubernetes === "1.20",
    complete: (object, { kind, previous }) => {
      if (previous !== undefined) return kind.kind === "Pod" ? withScheduling(object) : object;
      switch (kind.kind) {
        case "Pod":
          return completePod(object, kind, options);
        case "Ingress":
          return completeIngress(object, kind, options);
        case "Node":
          return completeNode(object);
        default:
          return object;
      }
    },
    allocate: (object, { kind, previous }) =>
      kind.kind === "Service" && kind.group === "" ? allocator.allocate(object, previous) : { object, causes: [] },
  };
}

/** @throws {StatusError} 403 without account or priority class */
function completePod(pod: JsonObject, kind: Kind, { store, kinds, projectedConfigMaps }: ClusterOptions): JsonObject {
  const [namespace, name] = [namespaceOf(pod), accountOf(pod)];
  const account = store.get(kinds.builtIn("ServiceAccount"), namespace, name);
  if (account === undefined) {
    const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
    throw forbidden(kind, nameOf(pod), why);
  }
  if (isUnknownPriority(pod)) {
    const priority = textAt(pod, "spec", "priorityClassName") ?? "";
    throw forbidden(kind, nameOf(pod), `no PriorityClass with name ${priority} was found`);
  }
  return withScheduling(withAccount(pod, account, projectedConfigMaps ?? [rootCertificate]));
}

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const DEFAULT_ANNOTATION = "ingressclass.kubernetes.io/is-default-class";

/** @throws {StatusError} 403 where two default classes are refused */
function completeIngress(ingress: JsonObject, kind: Kind, options: ClusterOptions): JsonObject {
  const spec = objectAt(ingress, "spec");
  const annotations = textsAt(ingress, "metadata", "annotations");
  if (spec["ingressClassName"] !== undefined || annotations[CLASS_ANNOTATION] !== undefined) return ingress;
  const classes = options.store.list(options.kinds.builtIn("IngressClass")).filter((each) =>
    textsAt(each, "metadata", "annotations")[DEFAULT_ANNOTATION] === "true"
  );
  const [first] = classes.sort(newestFirst);
  if (first === undefined) return ingress;
  if (classes.length > 1 && options.kinds.kubernetes === "1.20") {
    const why = `${classes.length} default IngressClasses were found, only 1 allowed`;
    throw forbidden(kind, nameOf(ingress), `Internal error occurred: ${why}`);
  }
  return { ...ingress, spec: { ...spec, ingressClassName: first.metadata.name } };
}

function newestFirst(left: KubeObject, right: KubeObject): number {
  const [before, after] = [left.metadata.creationTimestamp, right.metadata.creationTimestamp];
  if (before !== after) return before > after ? -1 : 1;
  return left.metadata.name < right.metadata.name ? -1 : 1;
}

const NOT_READY = "node.kubernetes.io/not-ready";

/** A new node takes no pods until somebody says that it is ready. */
function completeNode(node: JsonObject): JsonObject {
  const spec = objectAt(node, "spec");
  const taints = listAt(spec, "taints");
  if (taints.some((taint) => isObject(taint) && taint["key"] === NOT_READY)) return node;
  return { ...node, spec: { ...spec, taints: [...taints, { key: NOT_READY, effect: "NoSchedule" }] } };
}
