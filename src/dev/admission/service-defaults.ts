// What a real server fills into a Service before it gives it addresses, and drops when its type changes.

import { isObject, type JsonObject, listAt, numberAt, objectAt, sameJson, textAt } from "../json.ts";

const AFFINITY_SECONDS = 10800; // of a client, three hours

/**
 * @param previous the stored Service, whose addresses stay
 * @param subresource what is written; empty: the Service itself
 */
export function serviceDefaults(
  service: JsonObject,
  previous: JsonObject | undefined,
  subresource: string,
): JsonObject {
  const given = objectAt(service, "spec");
  const type = textAt(given, "type") ?? "ClusterIP";
  const before = previous === undefined ? undefined : objectAt(previous, "spec");
  const kept = before === undefined ? given : keepAddresses({ ...given, type }, before);
  const ports = listAt(kept, "ports").map(portDefaults);
  const spec: JsonObject = {
    ...kept,
    ...(ports.length === 0 ? {} : { ports }),
    type,
    ...affinityDefaults(kept),
    ...policyDefaults(kept, type),
  };
  const balanced = type === "LoadBalancer" || subresource === "status";
  const status = balanced ? service["status"] : { ...objectAt(service, "status"), loadBalancer: {} };
  return { ...service, spec: withClusterIps(spec, before), status };
}

function portDefaults(port: unknown): unknown {
  if (!isObject(port)) return port;
  const target = port["targetPort"];
  const same = target === undefined || target === 0 || target === "";
  return { ...port, protocol: port["protocol"] ?? "TCP", targetPort: same ? port["port"] : target };
}

function affinityDefaults(spec: JsonObject): JsonObject {
  const sessionAffinity = spec["sessionAffinity"] ?? "None";
  if (sessionAffinity !== "ClientIP") return { sessionAffinity };
  const seconds = numberAt(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds") ?? AFFINITY_SECONDS;
  return { sessionAffinity, sessionAffinityConfig: { clientIP: { timeoutSeconds: seconds } } };
}

function policyDefaults(spec: JsonObject, type: string): JsonObject {
  const outside = type === "NodePort" || type === "LoadBalancer";
  return {
    ...(outside ? { externalTrafficPolicy: spec["externalTrafficPolicy"] ?? "Cluster" } : {}),
    ...(type === "LoadBalancer"
      ? { allocateLoadBalancerNodePorts: spec["allocateLoadBalancerNodePorts"] ?? true }
      : {}),
    ...(type === "ExternalName" ? {} : { internalTrafficPolicy: spec["internalTrafficPolicy"] ?? "Cluster" }),
  };
}

/** `clusterIP` and the first of `clusterIPs` are the same; who changes only one of them means both. */
function withClusterIps(spec: JsonObject, before: JsonObject | undefined): JsonObject {
  const single = textAt(spec, "clusterIP") ?? "";
  const list = listAt(spec, "clusterIPs");
  if (single === "" && list.length === 0) return spec;
  if (list.length === 0) return { ...spec, clusterIPs: [single] };
  if (single === "") return before === undefined ? { ...spec, clusterIP: list[0] } : spec;
  const onlySingle = before !== undefined && textAt(before, "clusterIP") !== single &&
    sameJson(before["clusterIPs"], list);
  return onlySingle ? { ...spec, clusterIPs: [single] } : spec;
}

const CLUSTER_FIELDS = ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"];
const OUTSIDE_FIELDS = ["externalTrafficPolicy", "healthCheckNodePort"];
const BALANCER_FIELDS = ["allocateLoadBalancerNodePorts", "loadBalancerClass"];

/** Addresses and ports that a client leaves out stay; those that the new type has no use for go. */
function keepAddresses(spec: JsonObject, before: JsonObject): JsonObject {
  const [type, old] = [textAt(spec, "type") ?? "ClusterIP", textAt(before, "type") ?? "ClusterIP"];
  const next = { ...spec };
  if (type === "ExternalName") dropSame(next, before, CLUSTER_FIELDS);
  else if (old !== "ExternalName") keepClusterIps(next, before);
  if (needsNodePorts(old) && next["ports"] !== undefined) {
    next["ports"] = needsNodePorts(type) ? keepNodePorts(next, before) : dropNodePorts(next, before);
  }
  if (!needsNodePorts(type)) dropSame(next, before, OUTSIDE_FIELDS);
  if (type !== "LoadBalancer") dropSame(next, before, BALANCER_FIELDS);
  else if (textAt(next, "externalTrafficPolicy") === "Local") keepMissing(next, before, ["healthCheckNodePort"]);
  return next;
}

function keepClusterIps(next: JsonObject, before: JsonObject): void {
  const none = (textAt(next, "clusterIP") ?? "") === "" && listAt(next, "clusterIPs").length === 0;
  if (none) {
    delete next["clusterIP"];
    keepMissing(next, before, ["clusterIP", "clusterIPs"]);
  }
  keepMissing(next, before, ["ipFamilies", "ipFamilyPolicy"]);
}

function keepMissing(next: JsonObject, before: JsonObject, fields: readonly string[]): void {
  for (const field of fields) if (next[field] === undefined && before[field] !== undefined) next[field] = before[field];
}

function dropSame(next: JsonObject, before: JsonObject, fields: readonly string[]): void {
  for (const field of fields) if (sameJson(next[field], before[field])) delete next[field];
}

function needsNodePorts(type: string): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

function keepNodePorts(spec: JsonObject, before: JsonObject): unknown[] {
  return listAt(spec, "ports").map((port) => {
    const known = samePort(before, port);
    return isObject(port) && port["nodePort"] === undefined && known?.["nodePort"] !== undefined
      ? { ...port, nodePort: known["nodePort"] }
      : port;
  });
}

function dropNodePorts(spec: JsonObject, before: JsonObject): unknown[] {
  return listAt(spec, "ports").map((port) => {
    if (!isObject(port) || samePort(before, port)?.["nodePort"] !== port["nodePort"]) return port;
    const { nodePort: _node, ...rest } = port;
    return rest;
  });
}

function samePort(before: JsonObject, port: unknown): JsonObject | undefined {
  const protocol = textAt(port, "protocol") ?? "TCP";
  const number = numberAt(port, "port");
  const found = listAt(before, "ports").find((each) =>
    numberAt(each, "port") === number && (textAt(each, "protocol") ?? "TCP") === protocol
  );
  return isObject(found) ? found : undefined;
}
