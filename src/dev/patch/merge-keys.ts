// Which lists of built-in kinds are merged item by item, and by which key: Kubernetes' `patchMergeKey`s. (data)

/** How a list is merged: item by item by a key, as a set of plain values, or replaced as a whole. */
export type ListMerge = { readonly key: string } | "set" | "replace";

/** Fields whose name alone decides, wherever they stand in the built-in kinds. */
const byName: Readonly<Record<string, ListMerge>> = {
  conditions: { key: "type" },
  containers: { key: "name" },
  env: { key: "name" },
  ephemeralContainers: { key: "name" },
  finalizers: "set",
  hostAliases: { key: "ip" },
  imagePullSecrets: { key: "name" },
  initContainers: { key: "name" },
  ownerReferences: { key: "uid" },
  podIPs: { key: "ip" },
  resourceClaims: { key: "name" },
  secrets: { key: "name" },
  topologySpreadConstraints: { key: "topologyKey" },
  volumeDevices: { key: "devicePath" },
  volumeMounts: { key: "mountPath" },
  volumes: { key: "name" },
};

/** @param path names of the fields down to the list, list indexes left out: `["spec", "ports"]` */
export function listMerge(path: readonly string[]): ListMerge {
  const name = path.at(-1) ?? "";
  if (name === "ports") {
    if (path.some((step) => step.toLowerCase().endsWith("containers"))) return { key: "containerPort" };
    return path.length === 2 && path[0] === "spec" ? { key: "port" } : "replace";
  }
  return byName[name] ?? "replace";
}
