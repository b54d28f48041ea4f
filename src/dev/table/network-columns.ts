// Tables of services, endpoints and ingresses.

import { isObject, listAt, numberAt, objectAt, textAt, textsAt, valueAt } from "../json.ts";
import type { KubeObject } from "../kube/object.ts";
import { type Column, column, wide } from "./column.ts";
import { pairs } from "./workload-columns.ts";

const SHOWN = 3; // addresses printed before "+ n more..."

/** `kubectl get services`. */
export const serviceColumns: readonly Column[] = [
  column("Type", (service) => textAt(service, "spec", "type") ?? "ClusterIP"),
  column("Cluster-IP", (service) => textAt(service, "spec", "clusterIP") || "<none>"),
  column("External-IP", externalAddress),
  column("Port(s)", (service) => listAt(service, "spec", "ports").map(servicePort).join(",") || "<none>"),
];

/** The columns of services after the age. */
export const serviceWideColumns: readonly Column[] = [
  wide("Selector", (service) => pairs(textsAt(service, "spec", "selector"))),
];

/** `kubectl get endpoints`. */
export const endpointsColumns: readonly Column[] = [
  column("Endpoints", (endpoints) => {
    const all = listAt(endpoints, "subsets").flatMap((subset) =>
      listAt(subset, "addresses").flatMap((address) =>
        listAt(subset, "ports").map((port) => `${textAt(address, "ip") ?? ""}:${numberAt(port, "port") ?? ""}`)
      )
    );
    return shorten(all) || "<none>";
  }),
];

/** `kubectl get endpointslices`. */
export const sliceColumns: readonly Column[] = [
  column("AddressType", (slice) => textAt(slice, "addressType") ?? ""),
  column("Ports", (slice) => {
    const ports = listAt(slice, "ports").map((port) => String(numberAt(port, "port") ?? "*"));
    return shorten(ports) || "<unset>";
  }),
  column("Endpoints", (slice) => {
    const addresses = listAt(slice, "endpoints").flatMap((endpoint) => listAt(endpoint, "addresses").map(String));
    return shorten(addresses) || "<unset>";
  }),
];

/** `kubectl get ingresses`. */
export const ingressColumns: readonly Column[] = [
  column("Class", (ingress) => textAt(ingress, "spec", "ingressClassName") ?? "<none>"),
  column("Hosts", (ingress) => {
    const hosts = listAt(ingress, "spec", "rules").map((rule) => textAt(rule, "host") || "*");
    return shorten(hosts) || "*";
  }),
  column("Address", balancerAddresses),
  column("Ports", (ingress) => (listAt(ingress, "spec", "tls").length > 0 ? "80, 443" : "80")),
];

/** `kubectl get ingressclasses`. */
export const ingressClassColumns: readonly Column[] = [
  column("Controller", (ingressClass) => textAt(ingressClass, "spec", "controller") ?? ""),
  column("Parameters", (ingressClass) => {
    const parameters = objectAt(ingressClass, "spec", "parameters");
    const group = textAt(parameters, "apiGroup");
    const kind = textAt(parameters, "kind");
    if (kind === undefined) return "<none>";
    return `${group === undefined ? kind : `${kind}.${group}`}/${textAt(parameters, "name") ?? ""}`;
  }),
];

function shorten(items: readonly string[]): string {
  if (items.length <= SHOWN) return items.join(",");
  return `${items.slice(0, SHOWN).join(",")} + ${items.length - SHOWN} more...`;
}

function balancerAddresses(object: KubeObject): string {
  const balancers = listAt(object, "status", "loadBalancer", "ingress");
  return balancers.map((item) => textAt(item, "ip") ?? textAt(item, "hostname") ?? "").join(",");
}

function externalAddress(service: KubeObject): string {
  const type = textAt(service, "spec", "type");
  if (type === "ExternalName") return textAt(service, "spec", "externalName") ?? "<none>";
  const own = listAt(service, "spec", "externalIPs").map(String).join(",");
  if (type !== "LoadBalancer") return own || "<none>";
  return [balancerAddresses(service), own].filter((text) => text !== "").join(",") || "<pending>";
}

function servicePort(port: unknown): string {
  const node = valueAt(port, "nodePort");
  const number = numberAt(port, "port") ?? 0;
  const protocol = textAt(port, "protocol") ?? "TCP";
  return isObject(port) && typeof node === "number" ? `${number}:${node}/${protocol}` : `${number}/${protocol}`;
}
