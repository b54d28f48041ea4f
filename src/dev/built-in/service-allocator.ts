// The addresses and node ports of Services: which are taken, and which the next one gets.

import { parseCidr, parseIp, rangeContains } from "../../net/cidr.ts";
import { hash32 } from "../hash.ts";
import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from "../json.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import { nameOf, namespaceOf } from "../kube/object.ts";
import { type Cause, invalidValue } from "../kube/status.ts";
import { goQuote } from "../structural/go-value.ts";

/** Where addresses come from. */
export interface AllocatorOptions {
  readonly store: ObjectStore;
  /**
   * The range of cluster addresses. Default: 127.96.0.0/12, kubeadm's 10.96.0.0/12 moved to loopback. Requests to such
   * an address never leave this machine, where no kube-proxy takes them, and are refused at once. `weir dev` sends none.
   */
  readonly serviceRange?: string;
}

/** What giving addresses came to. */
export interface Allocation {
  readonly object: JsonObject;
  readonly causes: readonly Cause[];
}

const DEV_RANGE = "127.96.0.0/12";
const FIRST_PORT = 30000;
const LAST_PORT = 32767;

/** Keeps count of what the Services in a store hold. */
export class ServiceAllocator {
  readonly #taken = new Map<string, number>();
  readonly #range: string;
  /** A fixed address must be in the range only where the range was chosen: manifests name those of other clusters. */
  readonly #bounded: boolean;

  constructor({ store, serviceRange }: AllocatorOptions) {
    this.#range = serviceRange ?? DEV_RANGE;
    this.#bounded = serviceRange !== undefined;
    this.#hold(this.#address(1), 1); // the API server's own
    store.subscribe(({ type, kind, object, previous }) => {
      if (kind.kind !== "Service" || kind.group !== "") return;
      if (previous !== undefined) this.#count(previous, -1);
      if (type !== "DELETED") this.#count(object, 1);
    });
  }

  /** Gives a Service what it lacks. @param previous the stored Service, which holds what it holds */
  allocate(service: JsonObject, previous: JsonObject | undefined): Allocation {
    const own = new Set(previous === undefined ? [] : holdings(previous));
    const addressed = this.#withAddress(service, own);
    if (addressed.causes.length > 0) return addressed;
    return this.#withPorts(addressed.object, own);
  }

  #withAddress(service: JsonObject, own: ReadonlySet<string>): Allocation {
    const spec = objectAt(service, "spec");
    if (textAt(spec, "type") === "ExternalName") return { object: service, causes: [] };
    const wanted = textAt(spec, "clusterIP") ?? "";
    const why = own.has(wanted) ? undefined : this.#refusal(wanted);
    if (why !== undefined) {
      const message = `failed to allocate IP ${wanted}: ${why}`;
      return { object: service, causes: [invalidValue("spec.clusterIPs", `[]string{${goQuote(wanted)}}`, message)] };
    }
    return { object: { ...service, spec: withAddress(spec, wanted || this.#freeAddress(service)) }, causes: [] };
  }

  #refusal(address: string): string | undefined {
    if (address === "" || address === "None") return undefined;
    const range = parseCidr(this.#range);
    const ip = parseIp(address);
    if (this.#bounded && range !== undefined && ip !== undefined && !rangeContains(range, ip)) {
      return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${this.#range}`;
    }
    return this.#taken.has(address) ? "provided IP is already allocated" : undefined;
  }

  #withPorts(service: JsonObject, own: ReadonlySet<string>): Allocation {
    const spec = objectAt(service, "spec");
    const type = textAt(spec, "type");
    if (type !== "NodePort" && type !== "LoadBalancer") return { object: service, causes: [] };
    const causes: Cause[] = [];
    const mine = new Set<string>();
    const optional = type === "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] === false;
    for (const port of listAt(spec, "ports")) {
      const node = numberAt(port, "nodePort");
      if (node !== undefined && node !== 0) mine.add(portKey(node, textAt(port, "protocol")));
    }
    const ports = listAt(spec, "ports").map((port, at) => {
      const node = numberAt(port, "nodePort") ?? 0;
      const field = `spec.ports[${at}].nodePort`;
      if (node !== 0) causes.push(...this.#portCauses(field, node, { own, protocol: textAt(port, "protocol") }));
      if (node !== 0 || optional || !isObject(port)) return port;
      return { ...port, nodePort: this.#freePort(service, port, mine) };
    });
    return { object: { ...service, spec: { ...spec, ports, ...this.#healthPort(service, mine) } }, causes };
  }

  #portCauses(
    field: string,
    port: number,
    { own, protocol }: { readonly own: ReadonlySet<string>; readonly protocol: string | undefined },
  ): Cause[] {
    if (port < FIRST_PORT || port > LAST_PORT) {
      const range = `The range of valid ports is ${FIRST_PORT}-${LAST_PORT}`;
      return [invalidValue(field, String(port), `provided port is not in the valid range. ${range}`)];
    }
    const key = portKey(port, protocol);
    if (own.has(key) || !this.#taken.has(key)) return [];
    return [invalidValue(field, String(port), "provided port is already allocated")];
  }

  /** Where a load balancer asks whether this node has endpoints. */
  #healthPort(service: JsonObject, mine: Set<string>): JsonObject {
    const spec = objectAt(service, "spec");
    const wanted = spec["type"] === "LoadBalancer" && spec["externalTrafficPolicy"] === "Local";
    if (!wanted || (numberAt(spec, "healthCheckNodePort") ?? 0) !== 0) return {};
    return { healthCheckNodePort: this.#freePort(service, { port: "health" }, mine) };
  }

  /** A port that nothing listens on; the same one for the same Service, unless it is taken. */
  #freePort(service: JsonObject, port: JsonObject, mine: Set<string>): number {
    const count = LAST_PORT - FIRST_PORT + 1;
    const start = hash32(`${titleOf(service)}/${String(port["port"])}`) % count;
    for (let step = 0; step < count; step++) {
      const candidate = FIRST_PORT + (start + step) % count;
      const key = portKey(candidate, textAt(port, "protocol"));
      if (this.#taken.has(key) || mine.has(key)) continue;
      mine.add(key);
      return candidate;
    }
    return FIRST_PORT + start; // more Services than ports: they share
  }

  #freeAddress(service: JsonObject): string {
    const start = hash32(titleOf(service));
    const size = 2 ** (32 - prefixOf(this.#range)) - 3;
    for (let step = 0; step < size; step++) {
      const candidate = this.#address(2 + (start + step) % size);
      if (!this.#taken.has(candidate)) return candidate;
    }
    return this.#address(2);
  }

  /** The address at an offset into the range. */
  #address(offset: number): string {
    const [base = 0, second = 0, third = 0, fourth = 0] = (this.#range.split("/")[0] ?? "").split(".").map(Number);
    const number = base * 2 ** 24 + second * 2 ** 16 + third * 2 ** 8 + fourth + offset;
    return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
  }

  #count(service: JsonObject, by: number): void {
    for (const key of holdings(service)) this.#hold(key, by);
  }

  #hold(key: string, by: number): void {
    const count = (this.#taken.get(key) ?? 0) + by;
    if (count > 0) this.#taken.set(key, count);
    else this.#taken.delete(key);
  }
}

function withAddress(spec: JsonObject, address: string): JsonObject {
  const given = listAt(spec, "clusterIPs");
  const everywhere = address === "None" && spec["selector"] === undefined;
  const families = address.includes(":") ? ["IPv6"] : everywhere ? ["IPv4", "IPv6"] : ["IPv4"];
  return {
    ...spec,
    clusterIP: address,
    clusterIPs: given.length === 0 ? [address] : given,
    ipFamilies: spec["ipFamilies"] ?? families,
    ipFamilyPolicy: spec["ipFamilyPolicy"] ?? (everywhere ? "RequireDualStack" : "SingleStack"),
  };
}

/** The addresses and ports a stored Service holds. */
function holdings(service: JsonObject): string[] {
  const spec = objectAt(service, "spec");
  const addresses = listAt(spec, "clusterIPs").map(String).filter((address) => address !== "None");
  const ports = listAt(spec, "ports").flatMap((port) => {
    const node = numberAt(port, "nodePort") ?? 0;
    return node === 0 ? [] : [portKey(node, textAt(port, "protocol"))];
  });
  const health = numberAt(spec, "healthCheckNodePort") ?? 0;
  return [...addresses, ...ports, ...(health === 0 ? [] : [portKey(health, "TCP")])];
}

function portKey(port: number, protocol = "TCP"): string {
  return `${port}/${protocol}`;
}

function prefixOf(range: string): number {
  return Number(range.split("/")[1] ?? "32");
}

function titleOf(service: JsonObject): string {
  return `${namespaceOf(service)}/${nameOf(service)}`;
}
