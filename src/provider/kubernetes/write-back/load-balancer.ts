// `status.loadBalancer.ingress`: the addresses under which Ingresses are reached, from the Service that weir is behind.

import * as z from "zod";
import { builtIn } from "../backend/schema.ts";
import { sameValue } from "../store/same-value.ts";
import { isRecord, type KubeObject } from "../store/object.ts";

const address = z.object({
  ip: z.string().optional(),
  hostname: z.string().optional(),
  ports: z.array(z.object({ port: z.int(), protocol: z.string().optional() })).optional(),
});

/** One entry of `status.loadBalancer.ingress`. */
export interface PublishedAddress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ports?: readonly { readonly port: number; readonly protocol: string }[];
}

const published = builtIn(z.object({
  spec: z.object({
    type: z.string().optional(),
    externalIPs: z.array(z.string()).optional(),
    externalName: z.string().optional(),
    ports: z.array(z.object({
      port: z.int(),
      nodePort: z.int().optional(),
      protocol: z.string().optional(),
    })).optional(),
  }).optional(),
  status: z.object({
    loadBalancer: z.object({ ingress: z.array(address).optional() }).optional(),
  }).optional(),
}));

const node = builtIn(z.object({
  status: z.object({
    addresses: z.array(z.object({ type: z.string(), address: z.string() })).optional(),
  }).optional(),
}));

/** Whether the addresses of a Service are those of the Nodes. */
export function needsNodes(service: KubeObject): boolean {
  return published.safeParse(service.raw).data?.spec?.type === "NodePort";
}

/** The addresses of a Service, by its type; undefined: it has none yet, or is not to be read. */
export function addressesOf(
  service: KubeObject,
  nodes: readonly KubeObject[],
): readonly PublishedAddress[] | undefined {
  const { spec = {}, status } = published.safeParse(service.raw).data ?? {};
  const { type = "ClusterIP", ports = [], externalIPs = [], externalName = "" } = spec;
  switch (type) {
    case "LoadBalancer":
      return filled((status?.loadBalancer?.ingress ?? []).map(compact));
    case "ClusterIP":
      return filled(
        externalIPs.map((ip) => withPorts({ ip }, ports.map(({ port, protocol }) => ({ port, protocol })))),
      );
    case "NodePort": {
      const open = ports.flatMap(({ nodePort, protocol }) =>
        nodePort === undefined ? [] : [{ port: nodePort, protocol }]
      );
      return filled(
        nodeAddresses(nodes, "ExternalIP").map(({ ip }) => withPorts(ip === undefined ? {} : { ip }, open)),
      );
    }
    case "ExternalName":
      return filled(externalName === "" ? [] : [{ hostname: externalName }]);
    default:
      return undefined;
  }
}

/** Addresses of one type of all Nodes, each once, in the order of the Nodes' names. */
export function nodeAddresses(nodes: readonly KubeObject[], type: "InternalIP" | "ExternalIP"): PublishedAddress[] {
  const found = nodes.flatMap(({ raw }) => node.safeParse(raw).data?.status?.addresses ?? []);
  return [...new Set(found.filter((each) => each.type === type).map((each) => each.address))].map((ip) => ({ ip }));
}

/** Whether a list that was read says what is to be published, in any order. */
export function isPublished(object: KubeObject, wanted: readonly PublishedAddress[]): boolean {
  const status = object.raw["status"];
  const loadBalancer = isRecord(status) ? status["loadBalancer"] : undefined;
  const found = z.array(address).safeParse(isRecord(loadBalancer) ? loadBalancer["ingress"] ?? [] : []);
  return found.success && sameValue(sorted(found.data.map(compact)), sorted(wanted));
}

/** The object with other addresses in its status; what else its status says stays. */
export function withAddresses(
  { raw }: KubeObject,
  addresses: readonly PublishedAddress[],
): Readonly<Record<string, unknown>> {
  const status = isRecord(raw["status"]) ? raw["status"] : {};
  const loadBalancer = isRecord(status["loadBalancer"]) ? status["loadBalancer"] : {};
  return { ...raw, status: { ...status, loadBalancer: { ...loadBalancer, ingress: addresses } } };
}

/** Without what is empty or absent: the server leaves it out, too. */
function compact({ ip = "", hostname = "", ports = [] }: z.infer<typeof address>): PublishedAddress {
  return withPorts({ ...(ip !== "" && { ip }), ...(hostname !== "" && { hostname }) }, ports);
}

function withPorts(
  place: Pick<PublishedAddress, "ip" | "hostname">,
  ports: readonly { readonly port: number; readonly protocol?: string | undefined }[],
): PublishedAddress {
  if (ports.length === 0) return place;
  return { ...place, ports: ports.map(({ port, protocol = "TCP" }) => ({ port, protocol })) };
}

/** Nothing is no answer: a status that is there is not taken away. */
function filled(addresses: readonly PublishedAddress[]): readonly PublishedAddress[] | undefined {
  return addresses.length === 0 ? undefined : addresses;
}

function sorted(addresses: readonly PublishedAddress[]): readonly PublishedAddress[] {
  return addresses.toSorted((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
}

function keyOf({ ip = "", hostname = "" }: PublishedAddress): string {
  return `${hostname}\n${ip}`;
}
