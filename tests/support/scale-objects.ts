// Thousands of IngressRoutes, each with a Service and an EndpointSlice of its own, in an embedded API.

import type { KubeApi } from "../../src/dev/api/kube-api.ts";
import type { JsonObject } from "../../src/dev/json.ts";
import type { Kind } from "../../src/dev/kube/kind.ts";
import type { ChangedKind, Filling } from "./kube-command.ts";

const NAMESPACES = 50;
const ROUTES = "traefik.io/v1alpha1";
const SLICES = "discovery.k8s.io/v1";

/** Every so-manieth route shares its traffic with a spare Service, which gets none until the weights change. */
export const WEIGHTED_EVERY = 4;

/** Host that the route of an index answers for. */
export function hostOf(index: number): string {
  return `app-${index}.scale.test`;
}

/** Fills an API, and changes it. */
export class ScaleObjects {
  readonly #api: KubeApi;
  #ports: Filling["ports"] = [0, 0, 0];
  /** What is not as it was made. */
  readonly #isOn = new Set<string>();

  constructor(api: KubeApi) {
    this.#api = api;
  }

  /** Makes namespaces and objects. */
  async fill({ routes, ports }: Filling): Promise<void> {
    this.#ports = ports;
    for (let index = 0; index < NAMESPACES; index++) {
      const name = namespaceOf(index);
      await this.#create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
      await this.#create(`/api/v1/namespaces/${name}/services`, service(name, "spare", "one"));
      this.#put(SLICES, "EndpointSlice", slice(name, "spare", [ports[2], ports[2]]));
    }
    for (let index = 0; index < routes; index++) {
      const [namespace, name] = [namespaceOf(index), nameOf(index)];
      await this.#create(`/api/v1/namespaces/${namespace}/services`, service(namespace, name, "one"));
      this.#put(SLICES, "EndpointSlice", slice(namespace, name, [ports[0], ports[1]]));
      await this.#create(`/apis/${ROUTES}/namespaces/${namespace}/ingressroutes`, route(index, false));
    }
  }

  /** Makes one route more. */
  async add(host: string, port: number): Promise<void> {
    const name = host.replaceAll(".", "-");
    await this.#create("/api/v1/namespaces/default/services", service("default", name, "one"));
    this.#put(SLICES, "EndpointSlice", slice("default", name, [port, port]));
    await this.#create(`/apis/${ROUTES}/namespaces/default/ingressroutes`, {
      ...ingressRoute("default", name),
      spec: { routes: [{ match: `Host(\`${host}\`)`, kind: "Rule", services: [{ name, port: 80 }] }] },
    });
    await this.#create("/apis/networking.k8s.io/v1/namespaces/default/ingresses", ingress(name, `ingress.${host}`));
  }

  /** Has somebody else answer for a route than before. */
  change(kind: ChangedKind, index: number): void {
    const [namespace, name] = [namespaceOf(index), nameOf(index)];
    const key = `${kind} ${index}`;
    const isOn = !this.#isOn.delete(key);
    if (isOn) this.#isOn.add(key);
    const [one, two] = this.#ports;
    switch (kind) {
      case "route":
        return this.#put(ROUTES, "IngressRoute", route(index, isOn));
      case "slice":
        return this.#put(SLICES, "EndpointSlice", slice(namespace, name, isOn ? [two, one] : [one, two]));
      case "service":
        return this.#put("v1", "Service", service(namespace, name, isOn ? "two" : "one"));
    }
  }

  /** A rollout of everything: most changes are slices, as in a cluster; some of them say nothing new. */
  storm(changes: number, below: number): void {
    for (let count = 0; count < changes; count++) {
      const index = count * 7919 % below;
      if (count % 10 === 0) this.#annotate("v1", "Service", index, count);
      else if (count % 10 === 1) this.#annotate(ROUTES, "IngressRoute", index, count);
      else this.change("slice", index);
    }
  }

  /** What controllers do all the time. */
  #annotate(apiVersion: string, kindName: string, index: number, value: number): void {
    const kind = this.#kind(apiVersion, kindName);
    const object = this.#api.store.get(kind, namespaceOf(index), nameOf(index));
    if (object === undefined) throw new Error(`no ${kindName} ${index}`);
    const metadata = { ...object.metadata, annotations: { "scale.test/touched": String(value) } };
    this.#api.store.put(kind, { ...object, metadata });
  }

  /** Past admission, which refuses endpoints on the loopback. What was there stays, but for what is given. */
  #put(apiVersion: string, kindName: string, object: Manifest): void {
    const kind = this.#kind(apiVersion, kindName);
    const before = this.#api.store.get(kind, object.metadata.namespace, object.metadata.name);
    const metadata = { ...before?.metadata, ...object.metadata };
    const spec = isPlain(before?.["spec"]) && isPlain(object["spec"]) ? { ...before["spec"], ...object["spec"] } : {};
    this.#api.store.put(kind, { ...object, metadata, ...(object["spec"] !== undefined && { spec }) });
  }

  #kind(apiVersion: string, name: string): Kind {
    const kind = this.#api.kinds.named(apiVersion, name);
    if (kind === undefined) throw new Error(`${name} is not served`);
    return kind;
  }

  async #create(path: string, object: JsonObject): Promise<void> {
    const headers = { "content-type": "application/json" };
    const request = new Request(`http://cluster${path}`, { method: "POST", headers, body: JSON.stringify(object) });
    const answer = await this.#api.fetch(request);
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }
}

interface Manifest extends JsonObject {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly [field: string]: unknown };
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function namespaceOf(index: number): string {
  return `team-${index % NAMESPACES}`;
}

function nameOf(index: number): string {
  return `app-${index}`;
}

function ingressRoute(namespace: string, name: string): Manifest {
  return { apiVersion: ROUTES, kind: "IngressRoute", metadata: { namespace, name, labels: { app: name } } };
}

function route(index: number, isSpare: boolean): Manifest {
  const name = nameOf(index);
  const own = { name, port: 80 };
  const services = index % WEIGHTED_EVERY === 0
    ? [{ ...own, weight: isSpare ? 0 : 1 }, { name: "spare", port: 80, weight: isSpare ? 1 : 0 }]
    : [own];
  const match = `Host(\`${hostOf(index)}\`) && PathPrefix(\`/\`)`;
  return {
    ...ingressRoute(namespaceOf(index), name),
    spec: { entryPoints: ["web"], routes: [{ match, kind: "Rule", services }] },
  };
}

function service(namespace: string, name: string, port: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name, labels: { app: name } },
    spec: { selector: { app: name }, ports: [{ name: port, port: 80, protocol: "TCP", targetPort: port }] },
  };
}

function slice(namespace: string, name: string, [one, two]: readonly [number, number]): Manifest {
  const targetRef = { kind: "Pod", namespace, name: `${name}-7d9c5b8f6-x2x4z`, uid: crypto.randomUUID() };
  const conditions = { ready: true, serving: true, terminating: false };
  return {
    apiVersion: SLICES,
    kind: "EndpointSlice",
    metadata: { namespace, name: `${name}-b7x2k`, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"], conditions, targetRef, nodeName: "node-1" }],
    ports: [{ name: "one", port: one, protocol: "TCP" }, { name: "two", port: two, protocol: "TCP" }],
  };
}

function ingress(name: string, host: string): Manifest {
  const backend = { service: { name, port: { number: 80 } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { namespace: "default", name },
    spec: { rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }] },
  };
}
