// What a pod is given when it is created: an account with its token, tolerations, a priority.

import { safeHash } from "../hash.ts";
import { isObject, type JsonObject, listAt, objectAt, textAt } from "../json.ts";

/** Where containers find the token of their account. */
export const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const TOKEN_SECONDS = 3607; // an hour and a bit, as a real server asks for
const TOLERATED_SECONDS = 300;
const FILE_MODE = 0o644;

/** A ConfigMap whose key is put beside the account's token. */
export interface ProjectedConfigMap {
  readonly name: string;
  readonly key: string;
}

/** The authority of the cluster's API. */
export const rootCertificate: ProjectedConfigMap = { name: "kube-root-ca.crt", key: "ca.crt" };

/** The name of the account a pod runs under. */
export function accountOf(pod: JsonObject): string {
  return textAt(pod, "spec", "serviceAccountName") || "default";
}

/** The pod under its account. @param account the ServiceAccount object */
export function withAccount(
  pod: JsonObject,
  account: JsonObject,
  projected: readonly ProjectedConfigMap[],
): JsonObject {
  const name = accountOf(pod);
  const spec: JsonObject = { ...objectAt(pod, "spec"), serviceAccountName: name, serviceAccount: name };
  const secrets = listAt(account, "imagePullSecrets");
  if (secrets.length > 0) spec["imagePullSecrets"] ??= secrets;
  const mounts = spec["automountServiceAccountToken"] ?? account["automountServiceAccountToken"] ?? true;
  return { ...pod, spec: mounts === false ? spec : withToken(spec, projected) };
}

function withToken(spec: JsonObject, projected: readonly ProjectedConfigMap[]): JsonObject {
  const volume = `kube-api-access-${safeHash(crypto.randomUUID(), 5)}`;
  let used = false;
  const mounted = (list: string) => {
    if (spec[list] === undefined) return {};
    const containers = listAt(spec, list).map((container) => {
      const mounts = listAt(container, "volumeMounts");
      if (!isObject(container) || mounts.some((mount) => textAt(mount, "mountPath") === TOKEN_PATH)) return container;
      used = true;
      return { ...container, volumeMounts: [...mounts, { name: volume, readOnly: true, mountPath: TOKEN_PATH }] };
    });
    return { [list]: containers };
  };
  const changed = { ...spec, ...mounted("containers"), ...mounted("initContainers") };
  if (!used) return changed;
  return { ...changed, volumes: [...listAt(spec, "volumes"), tokenVolume(volume, projected)] };
}

function tokenVolume(name: string, projected: readonly ProjectedConfigMap[]): JsonObject {
  const [first, ...more] = projected.map((config) => ({
    configMap: { name: config.name, items: [{ key: config.key, path: config.key }] },
  }));
  const namespace = { path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } };
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
        ...(first === undefined ? [] : [first]),
        { downwardAPI: { items: [namespace] } },
        ...more,
      ],
      defaultMode: FILE_MODE,
    },
  };
}

const priorities: Readonly<Record<string, number>> = {
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
};

/** True when no such priority class exists. */
export function isUnknownPriority(pod: JsonObject): boolean {
  const name = textAt(pod, "spec", "priorityClassName") ?? "";
  return name !== "" && priorities[name] === undefined;
}

/** The pod with the number of its priority, and what it bears of its node. */
export function withScheduling(pod: JsonObject): JsonObject {
  const spec = objectAt(pod, "spec");
  const tolerations = [...listAt(spec, "tolerations")];
  for (const key of ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]) {
    if (tolerations.some((each) => tolerates(each, key))) continue;
    tolerations.push({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: TOLERATED_SECONDS });
  }
  return {
    ...pod,
    spec: {
      ...spec,
      tolerations,
      priority: priorities[textAt(spec, "priorityClassName") ?? ""] ?? 0,
      preemptionPolicy: spec["preemptionPolicy"] ?? "PreemptLowerPriority",
    },
  };
}

function tolerates(toleration: unknown, key: string): boolean {
  const effect = textAt(toleration, "effect") ?? "";
  const wanted = textAt(toleration, "key") ?? "";
  return (wanted === key || wanted === "") && (effect === "" || effect === "NoExecute");
}
