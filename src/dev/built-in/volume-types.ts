// Volumes of a pod. (data)

import { resourceRequirements } from "./container-types.ts";
import { labelSelector, objectMeta } from "./meta-types.ts";
import {
  coreStruct,
  keysToPaths,
  localObjectReference,
  objectFieldSelector,
  resourceFieldSelector,
  typedLocalObjectReference,
} from "./reference-types.ts";
import { always, fields, flag, int32, int64, listOf, mapOf, named, pointer, quantity, text } from "./schema-builder.ts";

const hostPath = coreStruct("HostPathVolumeSource", { path: text, type: pointer(named("v1.HostPathType")) }, {
  required: ["path"],
});
const emptyDir = coreStruct("EmptyDirVolumeSource", {
  medium: named("v1.StorageMedium"),
  sizeLimit: pointer(quantity),
});
const secret = coreStruct("SecretVolumeSource", {
  secretName: text,
  items: keysToPaths,
  defaultMode: pointer(int32),
  optional: pointer(flag),
});
const configMap = coreStruct("ConfigMapVolumeSource", {
  name: text,
  items: keysToPaths,
  defaultMode: pointer(int32),
  optional: pointer(flag),
});

const downwardFile = coreStruct("DownwardAPIVolumeFile", {
  path: text,
  fieldRef: objectFieldSelector,
  resourceFieldRef: resourceFieldSelector,
  mode: pointer(int32),
}, { required: ["path"] });
const downwardAPI = coreStruct("DownwardAPIVolumeSource", { items: listOf(downwardFile), defaultMode: pointer(int32) });

const projection = coreStruct("VolumeProjection", {
  secret: coreStruct("SecretProjection", { name: text, items: keysToPaths, optional: pointer(flag) }),
  downwardAPI: coreStruct("DownwardAPIProjection", { items: listOf(downwardFile) }),
  configMap: coreStruct("ConfigMapProjection", { name: text, items: keysToPaths, optional: pointer(flag) }),
  serviceAccountToken: coreStruct("ServiceAccountTokenProjection", {
    audience: text,
    expirationSeconds: pointer(int64),
    path: text,
  }, { required: ["path"] }),
});
const projected = coreStruct("ProjectedVolumeSource", { sources: listOf(projection), defaultMode: pointer(int32) });

const csi = coreStruct("CSIVolumeSource", {
  driver: text,
  readOnly: pointer(flag),
  fsType: pointer(text),
  volumeAttributes: mapOf(text),
  nodePublishSecretRef: localObjectReference,
}, { required: ["driver"] });

const typedObjectReference = coreStruct("TypedObjectReference", {
  apiGroup: pointer(text),
  ...fields(text, "kind", "name"),
  namespace: pointer(text),
}, {
  required: ["kind", "name"],
});

/** `spec` of a PersistentVolumeClaim and of its templates. */
export const claimSpec = coreStruct("PersistentVolumeClaimSpec", {
  accessModes: listOf(named("v1.PersistentVolumeAccessMode")),
  selector: labelSelector,
  resources: always(resourceRequirements),
  volumeName: text,
  storageClassName: pointer(text),
  volumeMode: pointer(named("v1.PersistentVolumeMode")),
  dataSource: typedLocalObjectReference,
  dataSourceRef: typedObjectReference,
});

const ephemeral = coreStruct("EphemeralVolumeSource", {
  volumeClaimTemplate: coreStruct("PersistentVolumeClaimTemplate", {
    metadata: always(objectMeta),
    spec: always(claimSpec),
  }, {
    required: ["spec"],
  }),
});

const nfs = coreStruct("NFSVolumeSource", { ...fields(text, "server", "path"), readOnly: flag }, {
  required: ["server", "path"],
});

const persistentVolumeClaim = coreStruct("PersistentVolumeClaimVolumeSource", { claimName: text, readOnly: flag }, {
  required: ["claimName"],
});

const iscsi = coreStruct("ISCSIVolumeSource", {
  ...fields(text, "targetPortal", "iqn"),
  lun: int32,
  ...fields(text, "iscsiInterface", "fsType"),
  readOnly: flag,
  portals: listOf(text),
  ...fields(flag, "chapAuthDiscovery", "chapAuthSession"),
  secretRef: localObjectReference,
  initiatorName: pointer(text),
}, { required: ["targetPortal", "iqn", "lun"] });

/** One of a pod's volumes: those an edge proxy and its backends use, and the common ones of clouds. */
export const volume = coreStruct("Volume", {
  name: text,
  hostPath,
  emptyDir,
  gcePersistentDisk: coreStruct("GCEPersistentDiskVolumeSource", {
    ...fields(text, "pdName", "fsType"),
    partition: int32,
    readOnly: flag,
  }, { required: ["pdName"] }),
  awsElasticBlockStore: coreStruct("AWSElasticBlockStoreVolumeSource", {
    ...fields(text, "volumeID", "fsType"),
    partition: int32,
    readOnly: flag,
  }, { required: ["volumeID"] }),
  gitRepo: coreStruct("GitRepoVolumeSource", fields(text, "repository", "revision", "directory"), {
    required: ["repository"],
  }),
  secret,
  nfs,
  iscsi,
  glusterfs: coreStruct("GlusterfsVolumeSource", { ...fields(text, "endpoints", "path"), readOnly: flag }, {
    required: ["endpoints", "path"],
  }),
  persistentVolumeClaim,
  rbd: coreStruct("RBDVolumeSource", {
    monitors: listOf(text),
    ...fields(text, "image", "fsType", "pool", "user", "keyring"),
    secretRef: localObjectReference,
    readOnly: flag,
  }, { required: ["monitors", "image"] }),
  flexVolume: coreStruct("FlexVolumeSource", {
    ...fields(text, "driver", "fsType"),
    secretRef: localObjectReference,
    readOnly: flag,
    options: mapOf(text),
  }, { required: ["driver"] }),
  cinder: coreStruct("CinderVolumeSource", {
    ...fields(text, "volumeID", "fsType"),
    readOnly: flag,
    secretRef: localObjectReference,
  }, { required: ["volumeID"] }),
  cephfs: coreStruct("CephFSVolumeSource", {
    monitors: listOf(text),
    ...fields(text, "path", "user", "secretFile"),
    secretRef: localObjectReference,
    readOnly: flag,
  }, { required: ["monitors"] }),
  flocker: coreStruct("FlockerVolumeSource", fields(text, "datasetName", "datasetUUID")),
  downwardAPI,
  fc: coreStruct("FCVolumeSource", {
    targetWWNs: listOf(text),
    lun: pointer(int32),
    fsType: text,
    readOnly: flag,
    wwids: listOf(text),
  }),
  azureFile: coreStruct("AzureFileVolumeSource", { ...fields(text, "secretName", "shareName"), readOnly: flag }, {
    required: ["secretName", "shareName"],
  }),
  configMap,
  vsphereVolume: coreStruct(
    "VsphereVirtualDiskVolumeSource",
    fields(text, "volumePath", "fsType", "storagePolicyName", "storagePolicyID"),
    { required: ["volumePath"] },
  ),
  quobyte: coreStruct("QuobyteVolumeSource", {
    ...fields(text, "registry", "volume"),
    readOnly: flag,
    ...fields(text, "user", "group", "tenant"),
  }, { required: ["registry", "volume"] }),
  azureDisk: coreStruct("AzureDiskVolumeSource", {
    ...fields(text, "diskName", "diskURI"),
    cachingMode: pointer(named("v1.AzureDataDiskCachingMode")),
    fsType: pointer(text),
    readOnly: pointer(flag),
    kind: pointer(named("v1.AzureDataDiskKind")),
  }, { required: ["diskName", "diskURI"] }),
  photonPersistentDisk: coreStruct("PhotonPersistentDiskVolumeSource", fields(text, "pdID", "fsType"), {
    required: ["pdID"],
  }),
  projected,
  portworxVolume: coreStruct("PortworxVolumeSource", { ...fields(text, "volumeID", "fsType"), readOnly: flag }, {
    required: ["volumeID"],
  }),
  scaleIO: coreStruct("ScaleIOVolumeSource", {
    ...fields(text, "gateway", "system"),
    secretRef: localObjectReference,
    sslEnabled: flag,
    ...fields(text, "protectionDomain", "storagePool", "storageMode", "volumeName", "fsType"),
    readOnly: flag,
  }, { required: ["gateway", "system", "secretRef"] }),
  storageos: coreStruct("StorageOSVolumeSource", {
    ...fields(text, "volumeName", "volumeNamespace", "fsType"),
    readOnly: flag,
    secretRef: localObjectReference,
  }),
  csi,
  ephemeral,
}, { required: ["name"] });
