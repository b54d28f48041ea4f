// Kinds of Kubernetes 1.26 that weir has no schema of, and the groups that belong to Kubernetes itself. (data)

import type { KindRegistry } from "../dev/kube/kind-registry.ts";
import { apiVersionOf } from "../dev/kube/kind.ts";
import { traefikGroups } from "../provider/kubernetes/traefik-group.ts";
import { hintFor, suggest } from "../schema/suggest.ts";

const otherKinds: ReadonlyMap<string, readonly string[]> = new Map(Object.entries({
  "v1": [
    "Binding",
    "ComponentStatus",
    "LimitRange",
    "List",
    "PodTemplate",
    "ResourceQuota",
  ],
  "admissionregistration.k8s.io/v1": ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
  "apiregistration.k8s.io/v1": ["APIService"],
  "apps/v1": ["ControllerRevision"],
  "authentication.k8s.io/v1": ["TokenReview"],
  "authorization.k8s.io/v1": [
    "LocalSubjectAccessReview",
    "SelfSubjectAccessReview",
    "SelfSubjectRulesReview",
    "SubjectAccessReview",
  ],
  "autoscaling/v1": ["HorizontalPodAutoscaler"],
  "autoscaling/v2": ["HorizontalPodAutoscaler"],
  "certificates.k8s.io/v1": ["CertificateSigningRequest"],
  "flowcontrol.apiserver.k8s.io/v1beta2": ["FlowSchema", "PriorityLevelConfiguration"],
  "flowcontrol.apiserver.k8s.io/v1beta3": ["FlowSchema", "PriorityLevelConfiguration"],
  "node.k8s.io/v1": ["RuntimeClass"],
  "scheduling.k8s.io/v1": ["PriorityClass"],
  "storage.k8s.io/v1": ["CSIDriver", "CSINode", "CSIStorageCapacity", "StorageClass", "VolumeAttachment"],
  "storage.k8s.io/v1beta1": ["CSIStorageCapacity"],
}));

const builtInGroups: readonly string[] = [
  ...new Set([...otherKinds.keys()].map(groupOf)),
  "batch",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "extensions",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "apiextensions.k8s.io",
].filter((group) => group !== "");

/**
 * Why no cluster takes an object of a kind that the registry does not have.
 * @returns undefined where one may: it is of Kubernetes, though weir has no schema of it, or of somebody's own group
 */
export function whyUnknown(
  apiVersion: string,
  kind: string,
  kinds: KindRegistry,
): { readonly message: string; readonly hint?: string } | undefined {
  if (otherKinds.get(apiVersion)?.includes(kind) === true) return undefined;
  const group = groupOf(apiVersion);
  const versions = versionsOf(kind, kinds);
  const known = [...builtInGroups, ...traefikGroups];
  const isOwn = group === "" || known.includes(group) || !group.includes(".");
  const near = isOwn ? undefined : suggest(group, known);
  if (!isOwn && (near === undefined || versions.length === 0)) return undefined;
  const hint = versions.length > 0
    ? `${kind} is served as ${versions.join(" and ")}`
    : hintFor(kind, kinds.all.filter((each) => each.group === group).map((each) => each.kind));
  const message = `no matches for kind "${kind}" in version "${apiVersion}"`;
  return { message, ...(hint !== undefined && { hint }) };
}

function versionsOf(kind: string, kinds: KindRegistry): string[] {
  const served = kinds.all.filter((each) => each.kind === kind).map(apiVersionOf);
  const others = [...otherKinds].filter(([, names]) => names.includes(kind)).map(([apiVersion]) => apiVersion);
  return [...served, ...others];
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}
