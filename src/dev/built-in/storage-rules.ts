// What PersistentVolumes and the claims to them may not be.

import { type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import { type Cause, required } from "../kube/status.ts";
import { forbiddenField, unsupported } from "../structural/cause.ts";
import { sourceFields } from "./storage-types.ts";

const MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/** Everything that is wrong with a PersistentVolumeClaim. */
export function claimCauses(claim: JsonObject): Cause[] {
  const spec = objectAt(claim, "spec");
  return [
    ...modeCauses(spec, "at least 1 access mode is required"),
    ...(textAt(spec, "resources", "requests", "storage") === undefined ? [required("spec.resources[storage]")] : []),
  ];
}

/** Everything that is wrong with a PersistentVolume. */
export function volumeCauses(volume: JsonObject): Cause[] {
  const spec = objectAt(volume, "spec");
  const [first, ...more] = sourceFields.filter((field) => spec[field] !== undefined);
  return [
    ...modeCauses(spec, ""),
    ...(Object.keys(objectAt(spec, "capacity")).length === 0 ? [required("spec.capacity")] : []),
    ...more.map((field) => forbiddenField(`spec.${field}`, "may not specify more than 1 volume type")),
    ...(first === undefined ? [required("spec", "must specify a volume type")] : []),
  ];
}

function modeCauses(spec: JsonObject, none: string): Cause[] {
  const modes = listAt(spec, "accessModes").map(String);
  if (modes.length === 0) return [required("spec.accessModes", none)];
  return modes.filter((mode) => !MODES.includes(mode)).map((mode) => unsupported("spec.accessModes", mode, MODES));
}
