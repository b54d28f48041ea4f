// EndpointSlices and Endpoints of Services: which pod, which process, on which port.

import { safeHash } from "../hash.ts";
import { type JsonObject, listAt, numberAt, textAt, textsAt, valueAt } from "../json.ts";
import { type KubeObject, namespaceOf } from "../kube/object.ts";
import { isReady, NODE_NAME, POD_ADDRESS } from "./pod.ts";
import type { MapTarget } from "./service-map.ts";
import { ownerOf } from "./workload.ts";

/** One port of a Service, as a pod answers it. */
export interface TargetPort {
  /** Name of the Service's port; empty when it has none. */
  readonly name: string;
  /** The port inside the pod. */
  readonly number: number;
  readonly protocol: "TCP" | "UDP";
}

/** A pod behind a Service, with the real port of each of the Service's ports. */
export interface Backing {
  readonly pod: KubeObject;
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
}

const MANAGED_BY = "weir.dev/endpoints";
const SERVICE_NAME = "kubernetes.io/service-name";

/** The ports of a Service inside one of its pods; ports that the pod does not name are left out. */
export function targetPorts(service: KubeObject, pod: KubeObject): TargetPort[] {
  return listAt(service, "spec", "ports").flatMap((port) => {
    const protocol = textAt(port, "protocol") ?? "TCP";
    const number = containerPort(valueAt(port, "targetPort") ?? valueAt(port, "port"), pod);
    if (number === undefined || (protocol !== "TCP" && protocol !== "UDP")) return []; // nobody here speaks SCTP
    return [{ name: textAt(port, "name") ?? "", number, protocol }];
  });
}

function containerPort(target: unknown, pod: KubeObject): number | undefined {
  if (typeof target === "number") return target;
  const ports = listAt(pod, "spec", "containers").flatMap((container) => listAt(container, "ports"));
  return numberAt(ports.find((port) => textAt(port, "name") === target), "containerPort");
}

/** Whether the simulated cluster wrote an EndpointSlice or Endpoints object. */
export function isManaged(object: KubeObject): boolean {
  const labels = textsAt(object, "metadata", "labels");
  return labels["endpointslice.kubernetes.io/managed-by"] === MANAGED_BY;
}

/** A slice per pod: pods share an address, so their ports differ. */
export function podSlice(service: KubeObject, { pod, ports }: Backing): JsonObject {
  const ready = isReady(pod);
  const { name, namespace, uid } = pod.metadata;
  return {
    metadata: sliceMetadata(service, name),
    addressType: "IPv4",
    endpoints: [{
      addresses: [POD_ADDRESS],
      conditions: { ready, serving: ready, terminating: pod.metadata.deletionTimestamp !== undefined },
      nodeName: NODE_NAME,
      targetRef: { kind: "Pod", name, namespace, uid },
    }],
    ports,
  };
}

/** A slice per process that a Service is mapped to. */
export function mappedSlice(service: KubeObject, { host, port, addressType }: MapTarget): JsonObject {
  const ports = listAt(service, "spec", "ports").map((each) => ({
    name: textAt(each, "name") ?? "",
    port,
    protocol: textAt(each, "protocol") ?? "TCP",
  }));
  return {
    metadata: sliceMetadata(service, `${host}:${port}`),
    addressType,
    endpoints: [{ addresses: [host], conditions: { ready: true, serving: true, terminating: false } }],
    ports,
  };
}

/** The older form of the same thing, which `kubectl describe service` reads. */
export function endpointsObject(
  service: KubeObject,
  backings: readonly Backing[],
  mapped: readonly MapTarget[],
): JsonObject {
  const pods = backings.filter(({ pod }) => isReady(pod)).map(({ pod, ports }) => ({
    addresses: [{ ip: POD_ADDRESS, nodeName: NODE_NAME, targetRef: targetRef(pod) }],
    ports,
  }));
  const processes = mapped.filter(({ addressType }) => addressType !== "FQDN").map((target) => ({
    addresses: [{ ip: target.host }],
    ports: listAt(mappedSlice(service, target), "ports"),
  }));
  const subsets = [...pods, ...processes];
  const { labels, name: _name, ...metadata } = sliceMetadata(service, "");
  return {
    metadata: { ...metadata, name: service.metadata.name, labels },
    ...(subsets.length === 0 ? {} : { subsets }),
  };
}

function targetRef({ metadata: { name, namespace, uid } }: KubeObject): JsonObject {
  return { kind: "Pod", name, namespace, uid };
}

function sliceMetadata(service: KubeObject, behind: string): JsonObject & { name: string; labels: JsonObject } {
  const { name } = service.metadata;
  const labels = textsAt(service, "metadata", "labels");
  labels[SERVICE_NAME] = name;
  labels["endpointslice.kubernetes.io/managed-by"] = MANAGED_BY;
  return {
    name: `${name}-${safeHash(`${name}/${behind}`, 5)}`,
    namespace: namespaceOf(service),
    labels,
    ownerReferences: [ownerOf(service)],
  };
}
