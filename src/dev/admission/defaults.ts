// Defaults of the built-in kinds: what a real server adds to an object when it is written.

import { zeroOf } from "../built-in/decode.ts";
import { isObject, type JsonObject, listAt, objectAt, textAt, textsAt } from "../json.ts";
import { apiVersionOf, type Kind } from "../kube/kind.ts";
import { nameOf } from "../kube/object.ts";
import { qosClass } from "../built-in/pod-quality.ts";
import { wholePodDefaults } from "./pod-defaults.ts";
import { serviceDefaults } from "./service-defaults.ts";
import { claimDefaults, volumeDefaults } from "./storage-defaults.ts";
import {
  cronJobDefaults,
  daemonSetDefaults,
  deploymentDefaults,
  jobDefaults,
  replicaSetDefaults,
  replicationControllerDefaults,
  statefulSetDefaults,
} from "./workload-defaults.ts";

/** Where in the life of an object its defaults are wanted. */
export interface Moment {
  /** The stored object, where there is one. */
  readonly previous: JsonObject | undefined;
  /** The subresource that is written; empty: the object itself. */
  readonly subresource: string;
}

type Defaulter = (object: JsonObject, moment: Moment) => JsonObject;

const defaulters: Readonly<Record<string, Defaulter>> = {
  "v1/Endpoints": endpointsDefaults,
  "v1/Namespace": namespaceDefaults,
  "v1/Node": nodeDefaults,
  "v1/PersistentVolume": volumeDefaults,
  "v1/PersistentVolumeClaim": claimDefaults,
  "v1/Pod": podDefaults,
  "v1/ReplicationController": replicationControllerDefaults,
  "v1/Secret": secretDefaults,
  "v1/Service": (object, { previous, subresource }) => serviceDefaults(object, previous, subresource),
  "apps/v1/DaemonSet": daemonSetDefaults,
  "apps/v1/Deployment": deploymentDefaults,
  "apps/v1/ReplicaSet": replicaSetDefaults,
  "apps/v1/StatefulSet": statefulSetDefaults,
  "batch/v1/CronJob": cronJobDefaults,
  "batch/v1/Job": jobDefaults,
  "batch/v1beta1/CronJob": cronJobDefaults,
  "discovery.k8s.io/v1/EndpointSlice": sliceDefaults,
  "discovery.k8s.io/v1beta1/EndpointSlice": sliceDefaults,
  "extensions/v1beta1/Ingress": betaIngressDefaults,
  "networking.k8s.io/v1/IngressClass": ingressClassDefaults,
  "networking.k8s.io/v1/NetworkPolicy": networkPolicyDefaults,
  "networking.k8s.io/v1beta1/Ingress": betaIngressDefaults,
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": bindingDefaults,
  "rbac.authorization.k8s.io/v1/RoleBinding": bindingDefaults,
  "rbac.authorization.k8s.io/v1beta1/ClusterRoleBinding": bindingDefaults,
  "rbac.authorization.k8s.io/v1beta1/RoleBinding": bindingDefaults,
};

/** Kinds that are born with the status that was sent, or that decide on it themselves. */
const ownStatus = new Set(["Namespace", "Node", "Pod"]);

/** Fills in what is missing. */
export function withDefaults(kind: Kind, object: JsonObject, moment: Moment): JsonObject {
  const status = kind.schema?.properties?.["status"];
  const begins = moment.previous === undefined && status !== undefined && !ownStatus.has(kind.kind);
  const born = begins ? { ...object, status: zeroOf(status) } : object;
  return defaulters[`${apiVersionOf(kind)}/${kind.kind}`]?.(born, moment) ?? born;
}

function podDefaults(object: JsonObject, { previous }: Moment): JsonObject {
  const spec = wholePodDefaults(objectAt(object, "spec"));
  if (previous !== undefined) return { ...object, spec };
  return { ...object, spec, status: { phase: "Pending", qosClass: qosClass(spec) } };
}

function namespaceDefaults(object: JsonObject, { previous, subresource }: Moment): JsonObject {
  const metadata = objectAt(object, "metadata");
  const labels = { ...textsAt(metadata, "labels"), "kubernetes.io/metadata.name": nameOf(object) };
  const labelled = { ...object, metadata: { ...metadata, labels } };
  if (previous === undefined) return { ...labelled, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } };
  return subresource === "finalize" ? labelled : { ...labelled, spec: objectAt(previous, "spec") };
}

function nodeDefaults(object: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  const range = textAt(spec, "podCIDR");
  if (range === undefined || listAt(spec, "podCIDRs").length > 0) return object;
  return { ...object, spec: { ...spec, podCIDRs: [range] } };
}

/** `stringData` wins over `data` and is never stored. */
function secretDefaults(object: JsonObject): JsonObject {
  const { stringData, ...rest } = object;
  const type = textAt(object, "type") ?? "Opaque";
  if (!isObject(stringData)) return { ...rest, type };
  const encoded: JsonObject = {};
  for (const [key, value] of Object.entries(stringData)) encoded[key] = toBase64(String(value));
  return { ...rest, data: { ...objectAt(object, "data"), ...encoded }, type };
}

/** Base64 of a text's UTF-8 bytes. */
function toBase64(text: string): string {
  let latin = "";
  for (const byte of new TextEncoder().encode(text)) latin += String.fromCharCode(byte);
  return btoa(latin);
}

/** The list of a field with each object in it changed; as it is where there is no list. */
function mapped(list: unknown, change: (item: JsonObject) => JsonObject): unknown {
  return Array.isArray(list) ? listAt(list).map((item) => (isObject(item) ? change(item) : item)) : list;
}

function sliceDefaults(object: JsonObject): JsonObject {
  return {
    ...object,
    ports: mapped(
      object["ports"],
      (port) => ({ ...port, name: port["name"] ?? "", protocol: port["protocol"] ?? "TCP" }),
    ),
  };
}

function endpointsDefaults(object: JsonObject): JsonObject {
  if (object["subsets"] === undefined) return object;
  const port = (item: JsonObject) => ({ ...item, protocol: item["protocol"] ?? "TCP" });
  const subset = (
    item: JsonObject,
  ) => (item["ports"] === undefined ? item : { ...item, ports: mapped(item["ports"], port) });
  return { ...object, subsets: mapped(object["subsets"], subset) };
}

/** Paths of the first Ingress versions mean what their controller makes of them. */
function betaIngressDefaults(object: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  if (spec["rules"] === undefined) return object;
  const path = (item: JsonObject) => ({ ...item, pathType: item["pathType"] ?? "ImplementationSpecific" });
  const rule = (item: JsonObject) => {
    const http = objectAt(item, "http");
    return item["http"] === undefined ? item : { ...item, http: { ...http, paths: mapped(http["paths"], path) } };
  };
  return { ...object, spec: { ...spec, rules: mapped(spec["rules"], rule) } };
}

function ingressClassDefaults(object: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  const parameters = spec["parameters"];
  if (!isObject(parameters)) return object;
  return { ...object, spec: { ...spec, parameters: { scope: "Cluster", ...parameters } } };
}

function networkPolicyDefaults(object: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  const port = (item: JsonObject) => ({ ...item, protocol: item["protocol"] ?? "TCP" });
  const rule = (
    item: JsonObject,
  ) => (item["ports"] === undefined ? item : { ...item, ports: mapped(item["ports"], port) });
  const types = listAt(spec, "egress").length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
  return {
    ...object,
    spec: {
      ...spec,
      ...(spec["ingress"] === undefined ? {} : { ingress: mapped(spec["ingress"], rule) }),
      ...(spec["egress"] === undefined ? {} : { egress: mapped(spec["egress"], rule) }),
      policyTypes: spec["policyTypes"] ?? types,
    },
  };
}

const RBAC_GROUP = "rbac.authorization.k8s.io";

function bindingDefaults(object: JsonObject): JsonObject {
  const role = objectAt(object, "roleRef");
  const subject = (item: JsonObject): JsonObject => {
    const named = item["kind"] === "User" || item["kind"] === "Group";
    return named ? { ...item, apiGroup: item["apiGroup"] ?? RBAC_GROUP } : item;
  };
  return {
    ...object,
    ...(object["subjects"] === undefined ? {} : { subjects: mapped(object["subjects"], subject) }),
    roleRef: { ...role, apiGroup: textAt(role, "apiGroup") || RBAC_GROUP },
  };
}
