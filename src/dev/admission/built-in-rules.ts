// Which checks an object of a built-in kind must pass.

import {
  bindingCauses,
  eventCauses,
  leaseCauses,
  newEventCauses,
  nodeCauses,
  roleRuleCauses,
} from "../built-in/cluster-rules.ts";
import { configMapCauses, secretCauses } from "../built-in/config-rules.ts";
import { endpointsCauses, sliceCauses } from "../built-in/endpoint-rules.ts";
import { betaIngressCause, ingressCauses, ingressClassCauses } from "../built-in/ingress-rules.ts";
import { podCauses } from "../built-in/pod-rules.ts";
import { serviceCauses } from "../built-in/service-rules.ts";
import { claimCauses, volumeCauses } from "../built-in/storage-rules.ts";
import {
  cronJobCauses,
  jobCauses,
  replicationControllerCauses,
  statefulSetCauses,
  workloadCauses,
} from "../built-in/workload-rules.ts";
import type { JsonObject } from "../json.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import type { Cause } from "../kube/status.ts";

type Rules = (object: JsonObject, previous: JsonObject | undefined) => Cause[];

const rulesByKind: Readonly<Record<string, Rules>> = {
  "v1/ConfigMap": configMapCauses,
  "v1/Endpoints": endpointsCauses,
  "v1/Event": eventCauses,
  "v1/Node": nodeCauses,
  "v1/PersistentVolume": volumeCauses,
  "v1/PersistentVolumeClaim": claimCauses,
  "v1/Pod": podCauses,
  "v1/ReplicationController": replicationControllerCauses,
  "v1/Secret": secretCauses,
  "v1/Service": serviceCauses,
  "apps/v1/DaemonSet": workloadCauses,
  "apps/v1/Deployment": workloadCauses,
  "apps/v1/ReplicaSet": workloadCauses,
  "apps/v1/StatefulSet": statefulSetCauses,
  "batch/v1/CronJob": cronJobCauses,
  "batch/v1/Job": jobCauses,
  "coordination.k8s.io/v1/Lease": leaseCauses,
  "discovery.k8s.io/v1/EndpointSlice": sliceCauses,
  "events.k8s.io/v1/Event": newEventCauses,
  "networking.k8s.io/v1/Ingress": ingressCauses,
  "networking.k8s.io/v1/IngressClass": ingressClassCauses,
  "rbac.authorization.k8s.io/v1/ClusterRole": roleRuleCauses,
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": bindingCauses,
  "rbac.authorization.k8s.io/v1/Role": roleRuleCauses,
  "rbac.authorization.k8s.io/v1/RoleBinding": bindingCauses,
};

/** Everything that is wrong with an object of a built-in kind, names and labels aside. @param previous the stored one */
export function builtInCauses(kind: Kind, object: JsonObject, previous?: JsonObject): Cause[] {
  const own = rulesByKind[`${apiVersionOf(kind)}/${kind.kind}`];
  if (own !== undefined || kind.view === undefined) return own?.(object, previous) ?? [];
  const { stored, toStored } = kind.view;
  const causes = builtInCauses(stored, toStored(object), previous && toStored(previous));
  return kind.kind === "Ingress" ? causes.map(betaIngressCause) : causes;
}
