// What a real server fills into a Service: protocol, target ports, addresses.

import { hash32 } from "../hash.ts";
import { isObject, type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import { nameOf, namespaceOf } from "../kube/object.ts";

/** @param previous the stored Service, whose addresses stay */
export function serviceDefaults(service: JsonObject, previous: JsonObject | undefined): JsonObject {
  const spec = objectAt(service, "spec");
  const type = textAt(spec, "type") ?? "ClusterIP";
  const title = `${namespaceOf(service)}/${nameOf(service)}`;
  const outside = type === "NodePort" || type === "LoadBalancer";
  const ports = listAt(spec, "ports").map((port) => portDefaults(port, outside ? title : undefined));
  return {
    ...service,
    spec: {
      ...spec,
      ...(ports.length === 0 ? {} : { ports }),
      ...(type === "ExternalName" ? {} : addressDefaults(spec, previous, title)),
      type,
      sessionAffinity: spec["sessionAffinity"] ?? "None",
      ...(outside ? { externalTrafficPolicy: spec["externalTrafficPolicy"] ?? "Cluster" } : {}),
    },
    status: service["status"] ?? { loadBalancer: {} },
  };
}

function portDefaults(port: unknown, nodePortTitle: string | undefined): unknown {
  if (!isObject(port)) return port;
  const node = nodePortTitle === undefined ? {} : { nodePort: port["nodePort"] ?? nodePort(nodePortTitle, port) };
  return { ...port, protocol: port["protocol"] ?? "TCP", targetPort: port["targetPort"] ?? port["port"], ...node };
}

/** In Kubernetes' range 30000 to 32767; nothing listens there, so a rare collision harms nobody. */
function nodePort(title: string, port: JsonObject): number {
  return 30000 + hash32(`${title}/${String(port["port"])}`) % 2768;
}

function addressDefaults(spec: JsonObject, previous: JsonObject | undefined, title: string): JsonObject {
  const address = textAt(spec, "clusterIP") || textAt(previous, "spec", "clusterIP") || clusterAddress(title);
  return {
    clusterIP: address,
    clusterIPs: spec["clusterIPs"] ?? [address],
    ipFamilies: spec["ipFamilies"] ?? ["IPv4"],
    ipFamilyPolicy: spec["ipFamilyPolicy"] ?? "SingleStack",
    internalTrafficPolicy: spec["internalTrafficPolicy"] ?? "Cluster",
  };
}

/**
 * In 127.96.0.0/12: kubeadm's 10.96.0.0/12, moved to loopback. Requests to such an address (`nativeLB: true`) never
 * leave this machine, where no kube-proxy takes them, and are refused at once.
 */
function clusterAddress(title: string): string {
  const hash = hash32(title);
  return `127.${96 + (hash >>> 28)}.${(hash >>> 8) & 255}.${1 + (hash % 254)}`;
}
