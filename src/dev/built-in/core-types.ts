// The small kinds of `core/v1`. (data)

import { imagePullSecrets, resourceList } from "./container-types.ts";
import { objectOf } from "./meta-types.ts";
import { coreStruct, objectReference } from "./reference-types.ts";
import {
  always,
  bytes,
  fields,
  flag,
  int32,
  int64,
  listOf,
  mapOf,
  mergedList,
  mergedSet,
  microTime,
  named,
  pointer,
  text,
  time,
} from "./schema-builder.ts";

const CORE = "io.k8s.api.core.v1";

/** A ConfigMap. */
export const configMap = objectOf(CORE, "ConfigMap", {
  immutable: pointer(flag),
  data: mapOf(text),
  binaryData: mapOf(bytes),
});

/** A Secret. */
export const secret = objectOf(CORE, "Secret", {
  immutable: pointer(flag),
  data: mapOf(bytes),
  stringData: mapOf(text),
  type: named("v1.SecretType"),
});

/** A ServiceAccount. */
export const serviceAccount = objectOf(CORE, "ServiceAccount", {
  secrets: mergedList(objectReference, "name"),
  imagePullSecrets,
  automountServiceAccountToken: pointer(flag),
});

const namespaceCondition = coreStruct("NamespaceCondition", {
  type: named("v1.NamespaceConditionType"),
  status: named("v1.ConditionStatus"),
  lastTransitionTime: time,
  ...fields(text, "reason", "message"),
}, { required: ["type", "status"] });

/** A Namespace. */
export const namespace = objectOf(CORE, "Namespace", {
  spec: always(coreStruct("NamespaceSpec", { finalizers: listOf(named("v1.FinalizerName")) })),
  status: always(coreStruct("NamespaceStatus", {
    phase: named("v1.NamespacePhase"),
    conditions: mergedList(namespaceCondition, "type"),
  })),
});

const taint = coreStruct("Taint", {
  ...fields(text, "key", "value"),
  effect: named("v1.TaintEffect"),
  timeAdded: pointer(time),
}, { required: ["key", "effect"] });

const nodeConfigSource = coreStruct("NodeConfigSource", {
  configMap: coreStruct("ConfigMapNodeConfigSource", {
    ...fields(text, "namespace", "name"),
    uid: named("types.UID"),
    ...fields(text, "resourceVersion", "kubeletConfigKey"),
  }, { required: ["namespace", "name", "kubeletConfigKey"] }),
});

const nodeCondition = coreStruct("NodeCondition", {
  type: named("v1.NodeConditionType"),
  status: named("v1.ConditionStatus"),
  ...fields(time, "lastHeartbeatTime", "lastTransitionTime"),
  ...fields(text, "reason", "message"),
}, { required: ["type", "status"] });

const nodeAddress = coreStruct("NodeAddress", { type: named("v1.NodeAddressType"), address: text }, {
  required: ["type", "address"],
});

const SYSTEM_INFO = [
  "machineID",
  "systemUUID",
  "bootID",
  "kernelVersion",
  "osImage",
  "containerRuntimeVersion",
  "kubeletVersion",
  "kubeProxyVersion",
  "operatingSystem",
  "architecture",
] as const;

const daemonEndpoint = coreStruct("DaemonEndpoint", { Port: int32 }, { required: ["Port"] });

/** A Node. */
export const node = objectOf(CORE, "Node", {
  spec: always(coreStruct("NodeSpec", {
    podCIDR: text,
    podCIDRs: mergedSet(text),
    providerID: text,
    unschedulable: flag,
    taints: listOf(taint),
    configSource: nodeConfigSource,
    externalID: text,
  })),
  status: always(coreStruct("NodeStatus", {
    ...fields(resourceList, "capacity", "allocatable"),
    phase: named("v1.NodePhase"),
    conditions: mergedList(nodeCondition, "type"),
    addresses: mergedList(nodeAddress, "type"),
    daemonEndpoints: always(coreStruct("NodeDaemonEndpoints", { kubeletEndpoint: always(daemonEndpoint) })),
    nodeInfo: always(coreStruct("NodeSystemInfo", fields(text, ...SYSTEM_INFO), { required: SYSTEM_INFO })),
    images: listOf(coreStruct("ContainerImage", { names: listOf(text), sizeBytes: int64 })),
    volumesInUse: listOf(named("v1.UniqueVolumeName")),
    volumesAttached: listOf(coreStruct("AttachedVolume", {
      name: named("v1.UniqueVolumeName"),
      devicePath: text,
    }, { required: ["name", "devicePath"] })),
    config: coreStruct("NodeConfigStatus", {
      ...fields(nodeConfigSource, "assigned", "active", "lastKnownGood"),
      error: text,
    }),
  })),
});

const eventSource = coreStruct("EventSource", fields(text, "component", "host"));

/** An Event of the core group. */
export const event = objectOf(CORE, "Event", {
  involvedObject: always(objectReference),
  ...fields(text, "reason", "message"),
  source: always(eventSource),
  ...fields(time, "firstTimestamp", "lastTimestamp"),
  count: int32,
  type: text,
  eventTime: microTime,
  series: coreStruct("EventSeries", { count: int32, lastObservedTime: microTime }),
  action: text,
  related: objectReference,
  ...fields(always(text), "reportingComponent", "reportingInstance"),
}, { required: ["metadata", "involvedObject"] });

/** An Event of `events.k8s.io`. */
export const eventV1 = objectOf("io.k8s.api.events.v1", "Event", {
  eventTime: microTime,
  series: {
    type: "object",
    goType: "v1.EventSeries",
    definition: "io.k8s.api.events.v1.EventSeries",
    properties: { count: int32, lastObservedTime: microTime },
    required: ["count", "lastObservedTime"],
  },
  ...fields(text, "reportingController", "reportingInstance", "action", "reason"),
  regarding: always(objectReference),
  related: objectReference,
  ...fields(text, "note", "type"),
  deprecatedSource: always(eventSource),
  ...fields(time, "deprecatedFirstTimestamp", "deprecatedLastTimestamp"),
  deprecatedCount: int32,
}, { required: ["eventTime"] });
