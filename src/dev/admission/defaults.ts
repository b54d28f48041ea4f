// Defaults of the built-in kinds: what a real server adds to an object when it is written.

import { isObject, type JsonObject, listAt, objectAt, textAt, textsAt } from "../json.ts";
import { establishedStatus } from "../kube/custom-resource.ts";
import type { Kind } from "../kube/kind.ts";
import { nameOf, timestamp } from "../kube/object.ts";
import { podSpecDefaults, templateDefaults } from "./pod-defaults.ts";
import { serviceDefaults } from "./service-defaults.ts";

type Defaulter = (object: JsonObject, previous: JsonObject | undefined) => JsonObject;

const defaulters: Readonly<Record<string, Defaulter>> = {
  CustomResourceDefinition: definitionDefaults,
  DaemonSet: (object) => workloadDefaults(object, {}),
  Deployment: (object) => workloadDefaults(object, deploymentDefaults(object)),
  EndpointSlice: sliceDefaults,
  Ingress: (object) => ({ ...object, status: object["status"] ?? { loadBalancer: {} } }),
  Namespace: namespaceDefaults,
  Pod: (object) => ({
    ...object,
    spec: podSpecDefaults(objectAt(object, "spec")),
    status: object["status"] ?? { phase: "Pending" },
  }),
  ReplicaSet: (object) => workloadDefaults(object, { replicas: replicasOf(object) }),
  Secret: secretDefaults,
  Service: serviceDefaults,
  StatefulSet: (object) =>
    workloadDefaults(object, { replicas: replicasOf(object), podManagementPolicy: "OrderedReady" }),
};

/** Fills in what is missing. @param previous the stored object, where there is one */
export function withDefaults(kind: Kind, object: JsonObject, previous: JsonObject | undefined): JsonObject {
  if (kind.custom) return object;
  return defaulters[kind.kind]?.(object, previous) ?? object;
}

function replicasOf(object: JsonObject): unknown {
  return objectAt(object, "spec")["replicas"] ?? 1;
}

function deploymentDefaults(object: JsonObject): JsonObject {
  const strategy = objectAt(object, "spec", "strategy");
  const rolling = { maxUnavailable: "25%", maxSurge: "25%", ...objectAt(strategy, "rollingUpdate") };
  const type = textAt(strategy, "type") ?? "RollingUpdate";
  return {
    replicas: replicasOf(object),
    strategy: type === "RollingUpdate" ? { ...strategy, type, rollingUpdate: rolling } : strategy,
    revisionHistoryLimit: objectAt(object, "spec")["revisionHistoryLimit"] ?? 10,
    progressDeadlineSeconds: objectAt(object, "spec")["progressDeadlineSeconds"] ?? 600,
  };
}

function workloadDefaults(object: JsonObject, defaults: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  const template = templateDefaults(objectAt(spec, "template"));
  return { ...object, spec: { ...spec, ...defaults, template }, status: object["status"] ?? {} };
}

function namespaceDefaults(object: JsonObject): JsonObject {
  const metadata = objectAt(object, "metadata");
  const labels = { ...textsAt(metadata, "labels"), "kubernetes.io/metadata.name": nameOf(object) };
  return {
    ...object,
    metadata: { ...metadata, labels },
    spec: object["spec"] ?? { finalizers: ["kubernetes"] },
    status: object["status"] ?? { phase: "Active" },
  };
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
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function sliceDefaults(object: JsonObject): JsonObject {
  const ports = listAt(object, "ports").map((port) =>
    isObject(port) ? { ...port, name: port["name"] ?? "", protocol: port["protocol"] ?? "TCP" } : port
  );
  const endpoints = listAt(object, "endpoints").map((endpoint) =>
    isObject(endpoint) ? { ...endpoint, conditions: endpoint["conditions"] ?? {} } : endpoint
  );
  return { ...object, endpoints, ports };
}

function definitionDefaults(object: JsonObject, previous: JsonObject | undefined): JsonObject {
  const names = objectAt(object, "spec", "names");
  const kind = textAt(names, "kind") ?? "";
  const spec: JsonObject = {
    ...objectAt(object, "spec"),
    names: {
      ...names,
      listKind: names["listKind"] ?? `${kind}List`,
      singular: names["singular"] ?? kind.toLowerCase(),
    },
    conversion: objectAt(object, "spec")["conversion"] ?? { strategy: "None" },
  };
  const created = textAt(previous, "metadata", "creationTimestamp") ?? timestamp(new Date());
  return { ...object, spec, status: establishedStatus({ spec }, created) };
}
