// Tables of PersistentVolumes and the claims to them.

import { type JsonObject, listAt, textAt } from "../json.ts";
import type { KubeObject } from "../kube/object.ts";
import { type Column, column, wide } from "./column.ts";

/** `kubectl get persistentvolumeclaims`. */
export const claimColumns: readonly Column[] = [
  column("Status", phaseOf),
  column("Volume", (claim) => textAt(claim, "spec", "volumeName") ?? ""),
  column("Capacity", (claim) => isBound(claim) ? textAt(claim, "status", "capacity", "storage") ?? "0" : ""),
  column("Access Modes", (claim) => isBound(claim) ? modesOf(claim, "status") : ""),
  column("StorageClass", (claim) => textAt(claim, "spec", "storageClassName") ?? ""),
];

/** `kubectl get persistentvolumes`. */
export const volumeColumns: readonly Column[] = [
  column("Capacity", (volume) => textAt(volume, "spec", "capacity", "storage") ?? "0"),
  column("Access Modes", (volume) => modesOf(volume, "spec")),
  column("Reclaim Policy", (volume) => textAt(volume, "spec", "persistentVolumeReclaimPolicy") ?? ""),
  column("Status", phaseOf),
  column("Claim", (volume) => {
    const [namespace, name] = [
      textAt(volume, "spec", "claimRef", "namespace"),
      textAt(volume, "spec", "claimRef", "name"),
    ];
    return name === undefined ? "" : `${namespace ?? ""}/${name}`;
  }),
  column("StorageClass", (volume) => textAt(volume, "spec", "storageClassName") ?? ""),
  column("Reason", (volume) => textAt(volume, "status", "reason") ?? ""),
];

/** What both show after the age. */
export const storageWideColumns: readonly Column[] = [
  wide("VolumeMode", (object) => textAt(object, "spec", "volumeMode") ?? "<unset>"),
];

function isBound(claim: JsonObject): boolean {
  return (textAt(claim, "spec", "volumeName") ?? "") !== "";
}

function phaseOf(object: KubeObject): string {
  return object.metadata.deletionTimestamp === undefined ? textAt(object, "status", "phase") ?? "" : "Terminating";
}

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

/** Always in the same order, as a real server prints them. */
function modesOf(object: JsonObject, part: "spec" | "status"): string {
  const given = new Set(listAt(object, part, "accessModes"));
  return Object.entries(MODES).filter(([mode]) => given.has(mode)).map(([, short]) => short).join(",");
}
