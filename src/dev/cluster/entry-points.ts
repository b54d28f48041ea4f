// Entry points that manifests name, and where a local run opens them.

import { isObject, type JsonObject, listAt, numberAt, textAt, textsAt } from "../json.ts";

/** An entry point that somebody has to open. */
export interface WantedEntryPoint {
  readonly name: string;
  readonly protocol: "tcp" | "udp";
  readonly host: string;
  /** Where it is looked for; 0: any free port. A port that is taken may be replaced by a free one. */
  readonly port: number;
}

const HOST = "127.0.0.1";
const FIRST_FREE_FOR_ALL = 1024; // ports below need privileges

/** Where people look for entry points of these names. Below 1024 nothing can be opened without privileges. */
const portsByName: Readonly<Record<string, number>> = {
  amqp: 5672,
  cassandra: 9042,
  http: 8000,
  https: 8443,
  kafka: 9092,
  memcached: 11211,
  metrics: 9100,
  mongo: 27017,
  mongodb: 27017,
  mqtt: 1883,
  mssql: 1433,
  mysql: 3306,
  nats: 4222,
  postgres: 5432,
  postgresql: 5432,
  rabbitmq: 5672,
  redis: 6379,
  traefik: 8080,
  web: 8000,
  websecure: 8443,
};

/** Traefik's annotation, then those of Traefik 1. */
const ENTRY_POINTS_ANNOTATIONS = [
  "traefik.ingress.kubernetes.io/router.entrypoints",
  "ingress.kubernetes.io/frontend-entry-points",
  "traefik.ingress.kubernetes.io/frontend-entry-points",
];

/** The entry points that routes name, by name. A route that names none wants `web`, or `websecure` with TLS. */
export function entryPointsOf(objects: Iterable<JsonObject>): WantedEntryPoint[] {
  const wanted = new Map<string, WantedEntryPoint>();
  for (const object of objects) {
    for (const point of pointsOf(object)) {
      const key = `${point.protocol}/${point.name}`;
      if (!wanted.has(key)) wanted.set(key, point);
    }
  }
  return [...wanted.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

function pointsOf(object: JsonObject): WantedEntryPoint[] {
  switch (textAt(object, "kind")) {
    case "IngressRoute":
      return namesOf(object).map((name) => toPoint(name, "tcp", undefined));
    case "IngressRouteTCP":
      return namesOf(object).map((name) => toPoint(name, "tcp", servicePort(object)));
    case "IngressRouteUDP":
      return listAt(object, "spec", "entryPoints").map((name) => toPoint(String(name), "udp", servicePort(object)));
    case "Ingress":
      return ingressNames(object).map((name) => toPoint(name, "tcp", undefined));
    default:
      return [];
  }
}

function namesOf(object: JsonObject): string[] {
  const names = listAt(object, "spec", "entryPoints").map(String);
  if (names.length > 0) return names;
  return [isObject(object["spec"]) && isObject(object["spec"]["tls"]) ? "websecure" : "web"];
}

function ingressNames(ingress: JsonObject): string[] {
  const annotations = textsAt(ingress, "metadata", "annotations");
  const text = ENTRY_POINTS_ANNOTATIONS.map((name) => annotations[name]).find((each) => each !== undefined) ?? "web";
  return text.split(",").map((name) => name.trim()).filter((name) => name !== "");
}

/** @param mentioned the port of the service behind it: what people expect of a name that means nothing here */
function toPoint(name: string, protocol: "tcp" | "udp", mentioned: number | undefined): WantedEntryPoint {
  const port = portsByName[name.toLowerCase()] ?? mentioned ?? 0;
  return { name, protocol, host: HOST, port: port < FIRST_FREE_FOR_ALL ? 0 : port };
}

function servicePort(object: JsonObject): number | undefined {
  const services = listAt(object, "spec", "routes").flatMap((route) => listAt(route, "services"));
  return services.map((service) => numberAt(service, "port")).find((port) => port !== undefined);
}
