// Older and newer versions of kinds, served as views of the same stored object.

import { isObject, type JsonObject, listAt, objectAt, textAt, valueAt } from "../json.ts";

/** How a version is made of the stored object, and back. Metadata is the same in both. */
export interface Conversion {
  /** The object as it is stored. */
  toStored(object: JsonObject): JsonObject;
  /** The stored object in this version. */
  fromStored(object: JsonObject): JsonObject;
}

/** Only the version's name differs. */
export const sameFields: Conversion = { toStored: (object) => object, fromStored: (object) => object };

/** Moves fields that have other names: `[here, stored]`. */
function renamed(names: readonly (readonly [string, string])[]): Conversion {
  const move = (object: JsonObject, by: ReadonlyMap<string, string>): JsonObject =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [by.get(key) ?? key, value]));
  const [there, back] = [new Map(names), new Map(names.map(([here, stored]) => [stored, here]))];
  return { toStored: (object) => move(object, there), fromStored: (object) => move(object, back) };
}

const eventNames = renamed([
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
  ["reportingController", "reportingComponent"],
]);

/** Fields that the core group writes even when they are empty, and the new group does not. */
const EMPTY_IN_CORE = ["reportingComponent", "reportingInstance"];

/** Events of `events.k8s.io`: other names, and fewer empty fields. */
export const eventView: Conversion = {
  toStored: (object) => {
    const stored = eventNames.toStored(object);
    for (const field of EMPTY_IN_CORE) stored[field] ??= "";
    return stored;
  },
  fromStored: (object) => {
    const kept = Object.entries(object).filter(([key, value]) => value !== "" || !EMPTY_IN_CORE.includes(key));
    return eventNames.fromStored(Object.fromEntries(kept));
  },
};

/** Ingresses before `networking.k8s.io/v1`: a backend is a name and a port. */
export const betaIngressView: Conversion = {
  toStored: (object) => withBackends(object, { from: "backend", to: "defaultBackend", change: toNewBackend }),
  fromStored: (object) => withBackends(object, { from: "defaultBackend", to: "backend", change: toOldBackend }),
};

interface BackendChange {
  readonly from: string;
  readonly to: string;
  readonly change: (backend: JsonObject) => JsonObject;
}

function withBackends(ingress: JsonObject, { from, to, change }: BackendChange): JsonObject {
  const { [from]: whole, ...spec } = objectAt(ingress, "spec");
  const changed: JsonObject = { ...spec };
  if (isObject(whole)) changed[to] = change(whole);
  if (spec["rules"] !== undefined) changed["rules"] = listAt(spec, "rules").map((rule) => ruleWith(rule, change));
  return { ...ingress, spec: changed };
}

function ruleWith(rule: unknown, change: BackendChange["change"]): unknown {
  const http = objectAt(rule, "http");
  if (!isObject(rule) || rule["http"] === undefined || http["paths"] === null) return rule;
  const paths = listAt(http, "paths").map((path) =>
    isObject(path) ? { ...path, backend: change(objectAt(path, "backend")) } : path
  );
  return { ...rule, http: { ...http, paths } };
}

function toNewBackend(backend: JsonObject): JsonObject {
  const { serviceName, servicePort, ...rest } = backend;
  const named = typeof servicePort === "string";
  const empty = servicePort === undefined || servicePort === 0 || servicePort === "";
  if (serviceName === undefined && empty) return rest;
  const port = empty ? {} : named ? { name: servicePort } : { number: servicePort };
  return { ...rest, service: { name: serviceName ?? "", port } };
}

function toOldBackend(backend: JsonObject): JsonObject {
  const { service, ...rest } = backend;
  const name = textAt(service, "name") ?? "";
  const port = valueAt(service, "port", "name") ?? valueAt(service, "port", "number") ?? 0;
  return { ...(name === "" ? {} : { serviceName: name }), servicePort: port, ...rest };
}

const HOSTNAME = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

/** EndpointSlices of `discovery.k8s.io/v1beta1`: where an endpoint runs is a map. */
export const betaSliceView: Conversion = {
  toStored: (object) => withEndpoints(object, newEndpoint),
  fromStored: (object) => withEndpoints(object, oldEndpoint),
};

function withEndpoints(slice: JsonObject, change: (endpoint: JsonObject) => JsonObject): JsonObject {
  if (!Array.isArray(slice["endpoints"])) return slice;
  return { ...slice, endpoints: listAt(slice, "endpoints").map((each) => (isObject(each) ? change(each) : each)) };
}

function newEndpoint({ topology, nodeName, ...rest }: JsonObject): JsonObject {
  const { [HOSTNAME]: host, [ZONE]: zone, ...others } = isObject(topology) ? topology : {};
  const node = nodeName ?? host;
  return {
    ...rest,
    ...(node === undefined ? {} : { nodeName: node }),
    ...(zone === undefined ? {} : { zone }),
    ...(Object.keys(others).length === 0 ? {} : { deprecatedTopology: others }),
  };
}

/** The node stands in the topology alone: its own field came with 1.21. */
function oldEndpoint({ deprecatedTopology, nodeName, zone, hints: _hints, ...rest }: JsonObject): JsonObject {
  const topology: JsonObject = {
    ...(isObject(deprecatedTopology) ? deprecatedTopology : {}),
    ...(nodeName === undefined ? {} : { [HOSTNAME]: nodeName }),
    ...(zone === undefined ? {} : { [ZONE]: zone }),
  };
  return Object.keys(topology).length === 0 ? rest : { ...rest, topology };
}

/** IngressClasses of `networking.k8s.io/v1beta1`: parameters have no scope. */
export const betaClassView: Conversion = {
  toStored: (object) => {
    const spec = objectAt(object, "spec");
    if (!isObject(spec["parameters"])) return object;
    return { ...object, spec: { ...spec, parameters: { scope: "Cluster", ...spec["parameters"] } } };
  },
  fromStored: (object) => {
    const spec = objectAt(object, "spec");
    if (!isObject(spec["parameters"])) return object;
    const { scope: _scope, namespace: _namespace, ...parameters } = spec["parameters"];
    return { ...object, spec: { ...spec, parameters } };
  },
};
