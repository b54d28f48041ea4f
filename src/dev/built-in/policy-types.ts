// The kinds of `rbac.authorization.k8s.io/v1`, `coordination.k8s.io/v1` and `policy/v1`. (data)

import { condition, labelSelector, objectOf } from "./meta-types.ts";
import {
  always,
  fields,
  int32,
  int64,
  intOrString,
  listOf,
  mapOf,
  mergedList,
  microTime,
  named,
  pointer,
  structsOf,
  text,
  time,
  withStrategy,
} from "./schema-builder.ts";

const RBAC = "io.k8s.api.rbac.v1";
const struct = structsOf(RBAC);

const policyRule = struct(
  "PolicyRule",
  fields(listOf(text), "verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"),
  { required: ["verbs"] },
);

const roleRef = struct("RoleRef", fields(text, "apiGroup", "kind", "name"), {
  required: ["apiGroup", "kind", "name"],
  atomic: true,
});

const subject = struct("Subject", fields(text, "kind", "apiGroup", "name", "namespace"), {
  required: ["kind", "name"],
  atomic: true,
});

const aggregationRule = struct("AggregationRule", { clusterRoleSelectors: listOf(labelSelector) });

/** A Role. */
export const role = objectOf(RBAC, "Role", { rules: always(listOf(policyRule)) });
/** A ClusterRole. */
export const clusterRole = objectOf(RBAC, "ClusterRole", { rules: always(listOf(policyRule)), aggregationRule });
/** A RoleBinding. */
export const roleBinding = objectOf(RBAC, "RoleBinding", { subjects: listOf(subject), roleRef: always(roleRef) }, {
  required: ["roleRef"],
});
/** A ClusterRoleBinding. */
export const clusterRoleBinding = objectOf(RBAC, "ClusterRoleBinding", {
  subjects: listOf(subject),
  roleRef: always(roleRef),
}, {
  required: ["roleRef"],
});

const COORDINATION = "io.k8s.api.coordination.v1";

/** A Lease. */
export const lease = objectOf(COORDINATION, "Lease", {
  spec: always(
    structsOf(COORDINATION)("LeaseSpec", {
      holderIdentity: pointer(text),
      leaseDurationSeconds: pointer(int32),
      ...fields(pointer(microTime), "acquireTime", "renewTime"),
      leaseTransitions: pointer(int32),
    }),
  ),
});

const POLICY = "io.k8s.api.policy.v1";
const policyStruct = structsOf(POLICY);

/** A PodDisruptionBudget. */
export const podDisruptionBudget = objectOf(POLICY, "PodDisruptionBudget", {
  spec: always(policyStruct("PodDisruptionBudgetSpec", {
    ...fields(pointer(intOrString), "minAvailable", "maxUnavailable"),
    selector: withStrategy(labelSelector, "replace"),
    unhealthyPodEvictionPolicy: pointer(named("v1.UnhealthyPodEvictionPolicyType")),
  })),
  status: always(policyStruct("PodDisruptionBudgetStatus", {
    observedGeneration: int64,
    disruptedPods: mapOf(time),
    ...fields(int32, "disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"),
    conditions: mergedList(condition, "type"),
  }, { required: ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] })),
});
