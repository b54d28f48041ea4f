// Objects with something wrong in them, the same ones at every run: types swapped, fields missing, nulls, long texts, deep trees.

import { isRecord } from "../../src/provider/kubernetes/store/object.ts";

const MEBIBYTE = "x".repeat(2 ** 20);
const traefik = { apiVersion: "traefik.io/v1alpha1", metadata: { name: "victim" } };
const core = { apiVersion: "v1", metadata: { name: "victim" } };
const pem = btoa("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----");

/** Rich objects, to be mutated; none has a name that healthy ones refer to. They refer to each other, and to `web`. */
export const victims: readonly Record<string, unknown>[] = [
  {
    ...traefik,
    kind: "IngressRoute",
    spec: {
      entryPoints: ["web"],
      routes: [{
        match: "Host(`victim`)",
        kind: "Rule",
        priority: 3,
        syntax: "v3",
        middlewares: [{ name: "victim", namespace: "default" }],
        observability: { metrics: false },
        services: [{
          name: "web",
          port: 80,
          weight: 1,
          sticky: { cookie: { name: "c" } },
          healthCheck: { interval: "5s" },
          serversTransport: "victim",
        }, { name: "victim", kind: "TraefikService" }],
      }],
      tls: { secretName: "victim", options: { name: "victim" }, domains: [{ main: "a", sans: ["b"] }] },
    },
  },
  {
    ...traefik,
    kind: "IngressRouteTCP",
    spec: {
      entryPoints: ["web"],
      routes: [{
        match: "HostSNI(`victim`)",
        middlewares: [{ name: "victim" }],
        services: [{ name: "web", port: 80, weight: 1, serversTransport: "victim", proxyProtocol: { version: 2 } }],
      }],
      tls: { passthrough: false, secretName: "victim" },
    },
  },
  {
    ...traefik,
    kind: "IngressRouteUDP",
    spec: { entryPoints: ["udp"], routes: [{ services: [{ name: "web", port: 80 }] }] },
  },
  {
    ...traefik,
    kind: "TraefikService",
    spec: { mirroring: { name: "web", port: 80, mirrors: [{ name: "web", port: 80, percent: 10 }], maxBodySize: 5 } },
  },
  {
    ...traefik,
    kind: "TraefikService",
    spec: {
      failover: {
        service: { name: "web", port: 80 },
        fallback: { name: "victim", port: 80, nodePortLB: true },
        errors: { status: ["500"] },
      },
    },
  },
  { ...traefik, kind: "Middleware", spec: { stripPrefix: { prefixes: ["/a"] } } },
  { ...traefik, kind: "Middleware", spec: { chain: { middlewares: [{ name: "victim" }] } } },
  { ...traefik, kind: "Middleware", spec: { plugin: { any: { a: [{ b: "urn:k8s:secret:victim:tls.crt" }] } } } },
  {
    ...traefik,
    kind: "Middleware",
    spec: { forwardAuth: { address: "http://a", tls: { caSecret: "victim", certSecret: "victim" } } },
  },
  { ...traefik, kind: "Middleware", spec: { errors: { status: ["500"], service: { name: "web", port: 80 } } } },
  { ...traefik, kind: "MiddlewareTCP", spec: { ipAllowList: { sourceRange: ["10.0.0.0/8"] } } },
  {
    ...traefik,
    kind: "ServersTransport",
    spec: { forwardingTimeouts: { dialTimeout: "1s" }, rootCAs: [{ secret: "victim" }] },
  },
  {
    ...traefik,
    kind: "ServersTransportTCP",
    spec: { dialTimeout: "1s", tls: { rootCAs: [{ configMap: "victim" }], certificatesSecrets: ["victim"] } },
  },
  {
    ...traefik,
    kind: "TLSOption",
    spec: { minVersion: "VersionTLS12", clientAuth: { secretNames: ["victim"], clientAuthType: "RequestClientCert" } },
  },
  {
    ...traefik,
    metadata: { name: "default" },
    kind: "TLSStore",
    spec: { defaultCertificate: { secretName: "victim" }, certificates: [{ secretName: "victim" }] },
  },
  { ...core, kind: "Service", spec: { type: "NodePort", ports: [{ name: "a", port: 80, nodePort: 30080 }] } },
  { ...core, kind: "Secret", data: { "tls.crt": pem, "tls.key": pem, "tls.ca": pem } },
  { ...core, kind: "ConfigMap", data: { "ca.crt": atob(pem) } },
  { ...core, kind: "Node", status: { addresses: [{ type: "InternalIP", address: "10.0.0.1" }] } },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "victim", labels: { "kubernetes.io/service-name": "victim" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.0.9"] }],
    ports: [{ port: 8080 }],
  },
];

/** What takes a value's place. */
export const wrongValues: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e300,
  "",
  MEBIBYTE,
  "__proto__",
  [],
  {},
  [[]],
  { a: { b: 1 } },
];

/** Deeper than a text could be: parsers and writers of JSON give up before. */
const BOTTOMLESS = deep(10_000);

/** A tree of that many levels. */
export function deep(levels: number): unknown {
  let value: unknown = "x";
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { weighted: value } : [value];
  return value;
}

/** A small generator of the same numbers at every run. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** How to mutate. */
export interface Mutation {
  readonly random: () => number;
  /** What is put where something else was wanted. Default: {@link wrongValues}, and a very deep tree. */
  readonly values?: readonly unknown[];
}

/** Replaces, removes or adds one thing somewhere below a value. */
function mutate(value: unknown, how: Mutation, levels = 20): unknown {
  const { random, values = [...wrongValues, BOTTOMLESS] } = how;
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
  if (levels === 0 || random() < 0.15 || typeof value !== "object" || value === null) return pick(values);
  if (Array.isArray(value)) {
    const at = Math.floor(random() * value.length);
    if (random() < 0.2) return [...value, pick(values)];
    return value.map((item: unknown, index) => index === at ? mutate(item, how, levels - 1) : item);
  }
  const key = pick(Object.keys(value));
  if (key === undefined || !isRecord(value)) return value;
  if (random() < 0.15) return Object.fromEntries(Object.entries(value).filter(([each]) => each !== key));
  if (random() < 0.1) return { ...value, [`${key}x`]: pick(values) };
  return { ...value, [key]: mutate(value[key], how, levels - 1) };
}

/** The victim with that many things wrong in what it says; its name stays. */
export function mutated(victim: Record<string, unknown>, how: Mutation, times: number): Record<string, unknown> {
  const { apiVersion, kind, metadata, ...content } = victim;
  let changed: unknown = content;
  for (let round = 0; round < times; round++) changed = mutate(changed, how);
  return { ...(isRecord(changed) ? changed : {}), apiVersion, kind, metadata };
}
