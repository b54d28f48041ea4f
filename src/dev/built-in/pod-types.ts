// Pods: specification, status, templates. (data)

import { affinity, toleration, topologySpreadConstraint } from "./affinity-types.ts";
import {
  container,
  ephemeralContainer,
  imagePullSecrets,
  podSecurityContext,
  resourceList,
} from "./container-types.ts";
import { objectMeta, objectOf } from "./meta-types.ts";
import { coreStruct } from "./reference-types.ts";
import {
  always,
  atomicMap,
  fields,
  flag,
  int32,
  int64,
  listOf,
  mergedList,
  named,
  pointer,
  text,
  time,
  withStrategy,
} from "./schema-builder.ts";
import { volume } from "./volume-types.ts";

const hostAlias = coreStruct("HostAlias", { ip: text, hostnames: listOf(text) });

const dnsConfig = coreStruct("PodDNSConfig", {
  ...fields(listOf(text), "nameservers", "searches"),
  options: listOf(coreStruct("PodDNSConfigOption", { name: text, value: pointer(text) })),
});

const resourceClaim = coreStruct("PodResourceClaim", {
  name: text,
  source: coreStruct("ClaimSource", fields(pointer(text), "resourceClaimName", "resourceClaimTemplateName")),
}, { required: ["name"] });

/** `spec` of a pod. */
export const podSpec = coreStruct("PodSpec", {
  volumes: withStrategy(mergedList(volume, "name"), "merge,retainKeys"),
  initContainers: mergedList(container, "name"),
  containers: mergedList(container, "name"),
  ephemeralContainers: mergedList(ephemeralContainer, "name"),
  restartPolicy: named("v1.RestartPolicy"),
  ...fields(pointer(int64), "terminationGracePeriodSeconds", "activeDeadlineSeconds"),
  dnsPolicy: named("v1.DNSPolicy"),
  nodeSelector: atomicMap(text),
  ...fields(text, "serviceAccountName", "serviceAccount"),
  automountServiceAccountToken: pointer(flag),
  nodeName: text,
  ...fields(flag, "hostNetwork", "hostPID", "hostIPC"),
  shareProcessNamespace: pointer(flag),
  securityContext: podSecurityContext,
  imagePullSecrets,
  ...fields(text, "hostname", "subdomain"),
  affinity,
  schedulerName: text,
  tolerations: listOf(toleration),
  hostAliases: mergedList(hostAlias, "ip"),
  priorityClassName: text,
  priority: pointer(int32),
  dnsConfig,
  readinessGates: listOf(coreStruct("PodReadinessGate", { conditionType: named("v1.PodConditionType") }, {
    required: ["conditionType"],
  })),
  runtimeClassName: pointer(text),
  enableServiceLinks: pointer(flag),
  preemptionPolicy: pointer(named("v1.PreemptionPolicy")),
  overhead: resourceList,
  topologySpreadConstraints: mergedList(topologySpreadConstraint, "topologyKey", ["topologyKey", "whenUnsatisfiable"]),
  setHostnameAsFQDN: pointer(flag),
  os: coreStruct("PodOS", { name: named("v1.OSName") }, { required: ["name"] }),
  hostUsers: pointer(flag),
  schedulingGates: mergedList(coreStruct("PodSchedulingGate", { name: text }, { required: ["name"] }), "name"),
  resourceClaims: withStrategy(mergedList(resourceClaim, "name"), "merge,retainKeys"),
}, { required: ["containers"] });

const containerState = coreStruct("ContainerState", {
  waiting: coreStruct("ContainerStateWaiting", fields(text, "reason", "message")),
  running: coreStruct("ContainerStateRunning", { startedAt: time }),
  terminated: coreStruct("ContainerStateTerminated", {
    ...fields(int32, "exitCode", "signal"),
    ...fields(text, "reason", "message"),
    ...fields(time, "startedAt", "finishedAt"),
    containerID: text,
  }, { required: ["exitCode"] }),
});

const containerStatus = coreStruct("ContainerStatus", {
  name: text,
  ...fields(always(containerState), "state", "lastState"),
  ready: flag,
  restartCount: int32,
  ...fields(text, "image", "imageID", "containerID"),
  started: pointer(flag),
}, { required: ["name", "ready", "restartCount", "image", "imageID"] });

const podCondition = coreStruct("PodCondition", {
  type: named("v1.PodConditionType"),
  status: named("v1.ConditionStatus"),
  ...fields(time, "lastProbeTime", "lastTransitionTime"),
  ...fields(text, "reason", "message"),
}, { required: ["type", "status"] });

const podStatus = coreStruct("PodStatus", {
  phase: named("v1.PodPhase"),
  conditions: mergedList(podCondition, "type"),
  ...fields(text, "message", "reason", "nominatedNodeName", "hostIP", "podIP"),
  podIPs: mergedList(coreStruct("PodIP", { ip: text }), "ip"),
  startTime: pointer(time),
  ...fields(listOf(containerStatus), "initContainerStatuses", "containerStatuses"),
  qosClass: named("v1.PodQOSClass"),
  ephemeralContainerStatuses: listOf(containerStatus),
});

/** A Pod. */
export const pod = objectOf("io.k8s.api.core.v1", "Pod", { spec: always(podSpec), status: always(podStatus) }, {
  description: "Pod is a collection of containers that can run on a host.",
});

/** `template` of a workload. */
export const podTemplate = coreStruct("PodTemplateSpec", {
  metadata: always(objectMeta),
  spec: always(podSpec),
});
