// PersistentVolumes and the claims to them. (data)

import type { Schema } from "../kube/schema.ts";
import { nodeSelector } from "./affinity-types.ts";
import { objectOf } from "./meta-types.ts";
import { coreStruct, objectReference } from "./reference-types.ts";
import {
  always,
  type Fields,
  fields,
  flag,
  listOf,
  mapOf,
  mergedList,
  named,
  pointer,
  quantity,
  text,
  time,
} from "./schema-builder.ts";
import { claimSpec, volume } from "./volume-types.ts";

const CORE = "io.k8s.api.core.v1";

const claimCondition = coreStruct("PersistentVolumeClaimCondition", {
  type: named("v1.PersistentVolumeClaimConditionType"),
  status: named("v1.ConditionStatus"),
  ...fields(time, "lastProbeTime", "lastTransitionTime"),
  ...fields(text, "reason", "message"),
}, { required: ["type", "status"] });

/** A PersistentVolumeClaim. */
export const persistentVolumeClaim = objectOf(CORE, "PersistentVolumeClaim", {
  spec: always(claimSpec),
  status: always(coreStruct("PersistentVolumeClaimStatus", {
    phase: named("v1.PersistentVolumeClaimPhase"),
    accessModes: listOf(named("v1.PersistentVolumeAccessMode")),
    ...fields(mapOf(quantity), "capacity", "allocatedResources"),
    conditions: mergedList(claimCondition, "type"),
    resizeStatus: named("v1.PersistentVolumeClaimResizeStatus"),
  })),
});

/** A volume belongs to no namespace, so a Secret is named with its own. */
const secretRef = coreStruct("SecretReference", fields(text, "name", "namespace"), { atomic: true });

const SAME_SOURCES = [
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "hostPath",
  "nfs",
  "quobyte",
  "fc",
  "flocker",
  "vsphereVolume",
  "azureDisk",
  "photonPersistentDisk",
  "portworxVolume",
] as const;

/** Where the bytes of a PersistentVolume are. */
const sources: Fields = {
  ...Object.fromEntries(SAME_SOURCES.map((field) => [field, sourceOfPods(field)])),
  glusterfs: persistent("glusterfs", "GlusterfsPersistentVolumeSource", { endpointsNamespace: pointer(text) }),
  rbd: persistent("rbd", "RBDPersistentVolumeSource", { secretRef }),
  iscsi: persistent("iscsi", "ISCSIPersistentVolumeSource", { secretRef }),
  cinder: persistent("cinder", "CinderPersistentVolumeSource", { secretRef }),
  cephfs: persistent("cephfs", "CephFSPersistentVolumeSource", { secretRef }),
  flexVolume: persistent("flexVolume", "FlexPersistentVolumeSource", { secretRef }),
  azureFile: persistent("azureFile", "AzureFilePersistentVolumeSource", { secretNamespace: pointer(text) }),
  scaleIO: persistent("scaleIO", "ScaleIOPersistentVolumeSource", { secretRef }),
  storageos: persistent("storageos", "StorageOSPersistentVolumeSource", { secretRef: objectReference }),
  local: coreStruct("LocalVolumeSource", { path: text, fsType: pointer(text) }, { required: ["path"] }),
  csi: coreStruct("CSIPersistentVolumeSource", {
    ...fields(text, "driver", "volumeHandle"),
    readOnly: flag,
    fsType: text,
    volumeAttributes: mapOf(text),
    ...fields(secretRef, "controllerPublishSecretRef", "nodeStageSecretRef", "nodePublishSecretRef"),
    ...fields(secretRef, "controllerExpandSecretRef", "nodeExpandSecretRef"),
  }, { required: ["driver", "volumeHandle"] }),
};

/** The fields of a PersistentVolume's `spec` of which there must be one. */
export const sourceFields: readonly string[] = Object.keys(sources);

/** A PersistentVolume. */
export const persistentVolume = objectOf(CORE, "PersistentVolume", {
  spec: always(coreStruct("PersistentVolumeSpec", {
    capacity: mapOf(quantity),
    ...sources,
    accessModes: listOf(named("v1.PersistentVolumeAccessMode")),
    claimRef: { ...objectReference, "x-kubernetes-map-type": "granular" },
    persistentVolumeReclaimPolicy: named("v1.PersistentVolumeReclaimPolicy"),
    storageClassName: text,
    mountOptions: listOf(text),
    volumeMode: pointer(named("v1.PersistentVolumeMode")),
    nodeAffinity: coreStruct("VolumeNodeAffinity", { required: nodeSelector }),
  })),
  status: always(coreStruct("PersistentVolumeStatus", {
    phase: named("v1.PersistentVolumePhase"),
    ...fields(text, "message", "reason"),
  })),
});

function sourceOfPods(field: string): Schema {
  return volume.properties?.[field] ?? {};
}

/** A source of pods, but for what is told otherwise. */
function persistent(field: string, name: string, changes: Fields): Schema {
  const { properties, required = [] } = sourceOfPods(field);
  return coreStruct(name, { ...properties, ...changes }, { required });
}
