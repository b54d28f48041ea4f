// What a real server fills into PersistentVolumes and the claims to them.

import { isObject, type JsonObject, objectAt } from "../json.ts";

/** A PersistentVolumeClaim: nobody here binds it, so it stays pending. */
export function claimDefaults(object: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  return { ...pending(object), spec: { ...spec, volumeMode: spec["volumeMode"] ?? "Filesystem" } };
}

/** A PersistentVolume. */
export function volumeDefaults(object: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  const { hostPath } = spec;
  return {
    ...pending(object),
    spec: {
      ...spec,
      ...(isObject(hostPath) && { hostPath: { ...hostPath, type: hostPath["type"] ?? "" } }),
      persistentVolumeReclaimPolicy: spec["persistentVolumeReclaimPolicy"] ?? "Retain",
      volumeMode: spec["volumeMode"] ?? "Filesystem",
    },
  };
}

function pending(object: JsonObject): JsonObject {
  const status = objectAt(object, "status");
  return { ...object, status: { ...status, phase: status["phase"] || "Pending" } };
}
