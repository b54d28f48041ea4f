// Which built-in kinds each version of Kubernetes serves. (data)

import { builtInKinds, viewOf } from "../kube/built-in-kinds.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import { betaClassView, betaIngressView, betaSliceView, sameFields } from "./views.ts";

/** The versions whose kinds are known: the one weir is like, and the last one with the first Ingress groups. */
export type KubernetesVersion = "1.20" | "1.26";

const ingress = { shortNames: ["ing"], subresources: ["status"], errorGroup: "extensions" } as const;
const RBAC = "rbac.authorization.k8s.io";

/** Served until 1.22, and gone since. */
const legacyKinds: readonly Kind[] = [
  viewOf("extensions/v1beta1", "Ingress", betaIngressView, { ...ingress, deprecation: gone("Ingress", "1.14") }),
  viewOf("networking.k8s.io/v1beta1", "Ingress", betaIngressView, { ...ingress, deprecation: gone("Ingress", "1.19") }),
  viewOf("networking.k8s.io/v1beta1", "IngressClass", betaClassView, {
    namespaced: false,
    deprecation: gone("IngressClass", "1.19"),
  }),
  viewOf("discovery.k8s.io/v1beta1", "EndpointSlice", betaSliceView, { countedMetadata: ["labels"] }),
  viewOf("batch/v1beta1", "CronJob", sameFields, { subresources: ["status"], shortNames: ["cj"], categories: ["all"] }),
  ...["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].map((kind) =>
    viewOf(`${RBAC}/v1beta1`, kind, sameFields, {
      counted: false,
      namespaced: !kind.startsWith("Cluster"),
      deprecation: gone(kind, "1.17"),
    })
  ),
];

function gone(kind: string, since: string): string {
  return `is deprecated in v${since}+, unavailable in v1.22+; use ${modernOf(kind)} ${kind}`;
}

function modernOf(kind: string): string {
  return kind.startsWith("Ingress") ? "networking.k8s.io/v1" : `${RBAC}/v1`;
}

/** Served since 1.21. */
const young = new Set(["discovery.k8s.io/v1", "policy/v1", "batch/v1/CronJob"]);

/** The built-in kinds of a version, in the order of discovery. */
export function kindsOfVersion(version: KubernetesVersion): readonly Kind[] {
  if (version === "1.26") return builtInKinds;
  const old = builtInKinds.filter((kind) => {
    const apiVersion = apiVersionOf(kind);
    return !young.has(apiVersion) && !young.has(`${apiVersion}/${kind.kind}`);
  });
  const older = legacyKinds.map((kind) =>
    kind.deprecation === undefined
      ? kind
      : { ...kind, deprecation: `${apiVersionOf(kind)} ${kind.kind} ${kind.deprecation}` }
  );
  return [...old, ...older];
}
