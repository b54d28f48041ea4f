// Validation of the built-in kinds whose mistakes would otherwise show up only as missing traffic.

import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt, textsAt, valueAt } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import { matchesSelector } from "../kube/selector.ts";
import { badRequest, type Cause, invalidValue, required } from "../kube/status.ts";

type Rules = (object: JsonObject) => Cause[];

const rulesByKind: Readonly<Record<string, Rules>> = {
  DaemonSet: workloadCauses,
  Deployment: workloadCauses,
  Pod: (object) => containerCauses(objectAt(object, "spec"), "spec"),
  ReplicaSet: workloadCauses,
  Secret: secretCauses,
  Service: serviceCauses,
  StatefulSet: workloadCauses,
};

/** Everything that is wrong with an object of a built-in kind. */
export function builtInCauses(kind: Kind, object: JsonObject): Cause[] {
  return kind.custom ? [] : rulesByKind[kind.kind]?.(object) ?? [];
}

/** Integers that are often written as text, with the Go field a real server names. */
const integers: readonly {
  readonly kinds: readonly string[];
  readonly path: readonly string[];
  readonly go: string;
}[] = [
  { kinds: ["Deployment"], path: ["spec", "replicas"], go: "DeploymentSpec.spec.replicas" },
  { kinds: ["ReplicaSet"], path: ["spec", "replicas"], go: "ReplicaSetSpec.spec.replicas" },
  { kinds: ["StatefulSet"], path: ["spec", "replicas"], go: "StatefulSetSpec.spec.replicas" },
  { kinds: ["Service"], path: ["spec", "ports", "[]", "port"], go: "ServicePort.spec.ports.port" },
  { kinds: ["Service"], path: ["spec", "ports", "[]", "nodePort"], go: "ServicePort.spec.ports.nodePort" },
  {
    kinds: ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"],
    path: ["spec", "template", "spec", "containers", "[]", "ports", "[]", "containerPort"],
    go: "ContainerPort.spec.template.spec.containers.ports.containerPort",
  },
];

/**
 * Refuses values of the wrong JSON type, before anything else looks at them.
 * @throws {StatusError} 400 in the words of a real server
 */
export function checkTypes(kind: Kind, object: JsonObject): void {
  if (kind.custom) return;
  for (const { kinds, path, go } of integers) {
    if (!kinds.includes(kind.kind)) continue;
    const wrong = valuesAlong(object, path).find((value) => !Number.isInteger(value));
    if (wrong === undefined) continue;
    const found = typeof wrong === "number" ? `number ${wrong}` : isObject(wrong) ? "object" : typeof wrong;
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ` +
        `json: cannot unmarshal ${found === "boolean" ? "bool" : found} into Go struct field ${go} of type int32`,
    );
  }
}

/** Present values at a path in which `[]` means every item. */
function valuesAlong(value: unknown, path: readonly string[]): unknown[] {
  const [step, ...rest] = path;
  if (step === undefined) return value === undefined || value === null ? [] : [value];
  if (step === "[]") return listAt(value).flatMap((item) => valuesAlong(item, rest));
  return valuesAlong(valueAt(value, step), rest);
}

function workloadCauses(object: JsonObject): Cause[] {
  const spec = objectAt(object, "spec");
  const replicas = numberAt(spec, "replicas") ?? 1;
  const causes: Cause[] = [];
  if (replicas < 0) causes.push(invalidValue("spec.replicas", String(replicas), "must be greater than or equal to 0"));
  if (!isObject(spec["selector"])) causes.push(required("spec.selector"));
  const labels = textsAt(spec, "template", "metadata", "labels");
  if (!isObject(spec["selector"]) || !matchesSelector(spec["selector"], labels)) {
    const shown = Object.keys(labels).length === 0 ? "(nil)" : JSON.stringify(labels);
    const wanted = "`selector` does not match template `labels`";
    causes.push(invalidValue("spec.template.metadata.labels", `map[string]string${shown}`, wanted));
  }
  return [...causes, ...containerCauses(objectAt(spec, "template", "spec"), "spec.template.spec")];
}

function containerCauses(spec: JsonObject, field: string): Cause[] {
  const containers = listAt(spec, "containers");
  if (containers.length === 0) return [required(`${field}.containers`)];
  return containers.flatMap((container, at) =>
    ["name", "image"].filter((key) => (textAt(container, key) ?? "") === "").map((key) =>
      required(`${field}.containers[${at}].${key}`)
    )
  );
}

const PORT_TEXT = "must be between 1 and 65535, inclusive";

function serviceCauses(object: JsonObject): Cause[] {
  const spec = objectAt(object, "spec");
  if (textAt(spec, "type") === "ExternalName") {
    return textAt(spec, "externalName") ? [] : [required("spec.externalName")];
  }
  const ports = listAt(spec, "ports");
  if (ports.length === 0) return textAt(spec, "clusterIP") === "None" ? [] : [required("spec.ports")];
  return ports.flatMap((port, at) => portCauses(port, `spec.ports[${at}]`, ports.length > 1));
}

function portCauses(port: unknown, field: string, named: boolean): Cause[] {
  const causes: Cause[] = [];
  const number = numberAt(port, "port") ?? 0;
  const target = valueAt(port, "targetPort");
  if (named && (textAt(port, "name") ?? "") === "") causes.push(required(`${field}.name`));
  if (!isPort(number)) causes.push(invalidValue(`${field}.port`, String(number), PORT_TEXT));
  if (typeof target === "number" && !isPort(target)) {
    causes.push(invalidValue(`${field}.targetPort`, String(target), PORT_TEXT));
  }
  return causes;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535;
}

function secretCauses(object: JsonObject): Cause[] {
  if (textAt(object, "type") !== "kubernetes.io/tls") return [];
  const data = objectAt(object, "data");
  return ["tls.crt", "tls.key"].filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`));
}
