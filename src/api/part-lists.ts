// The lists of parts that the API serves, all in the same way: by pages, one by one, whole, and counted.

import { middlewareRules, middlewareType, plainRouterRules, routerRules } from "./listing-rules.ts";
import { serviceRules, serviceType } from "./listing-rules.ts";
import { listPage } from "./listing.ts";
import type { ListingRules, Page, Query } from "./listing.ts";
import { toTcpRouterJson, toTcpServiceJson, toUdpRouterJson, toUdpServiceJson } from "./l4-json.ts";
import { toListed, toMiddlewareJson, toRouterJson, toServicePartJson } from "./part-json.ts";
import type { PartJson } from "./part-json.ts";
import type { ApiPart, ApiSnapshot } from "./snapshot.ts";

/** One list. */
export interface PartList {
  readonly protocol: "http" | "tcp" | "udp";
  /** Last step of its path, and its name in the overview: `routers`. */
  readonly section: string;
  /** `router` */
  readonly noun: string;
  /** Its name in the raw data: `tcpRouters`. */
  readonly rawName: string;
  page(snapshot: ApiSnapshot, query: Query): Page<PartJson>;
  find(snapshot: ApiSnapshot, name: string): PartJson | undefined;
  /** By name; empty when there is none. */
  raw(snapshot: ApiSnapshot): PartJson;
  counts(snapshot: ApiSnapshot): PartJson;
}

interface Declaration<T extends ApiPart> {
  readonly protocol: PartList["protocol"];
  readonly section: string;
  readonly noun: string;
  readonly rules: ListingRules<T>;
  list(snapshot: ApiSnapshot): readonly T[];
  toJson(part: T): PartJson;
  /** What lists and single parts show besides. */
  extra(part: T): PartJson;
}

const routers = { section: "routers", noun: "router" };
const services = { section: "services", noun: "service", rules: serviceRules };
const middlewares = { section: "middlewares", noun: "middleware", rules: middlewareRules };
const priorityStr = ({ priority }: { readonly priority: number }) => ({ priorityStr: String(priority) });
const typeOfService = (service: Parameters<typeof serviceType>[0]) => ({ type: serviceType(service) });
const typeOfMiddleware = (middleware: Parameters<typeof middlewareType>[0]) => ({ type: middlewareType(middleware) });

/** All lists, in the order of the raw data. */
export const partLists: readonly PartList[] = [
  declare({
    ...{ protocol: "http", ...routers, rules: routerRules },
    ...{ list: (all) => all.routers, toJson: toRouterJson, extra: priorityStr },
  }),
  declare({
    ...{ protocol: "http", ...middlewares },
    ...{ list: (all) => all.middlewares, toJson: toMiddlewareJson, extra: typeOfMiddleware },
  }),
  declare({
    ...{ protocol: "http", ...services },
    ...{ list: (all) => all.services, toJson: toServicePartJson, extra: typeOfService },
  }),
  declare({
    ...{ protocol: "tcp", ...routers, rules: routerRules },
    ...{ list: (all) => all.tcp.routers, toJson: toTcpRouterJson, extra: priorityStr },
  }),
  declare({
    ...{ protocol: "tcp", ...middlewares },
    ...{ list: (all) => all.tcp.middlewares, toJson: toMiddlewareJson, extra: typeOfMiddleware },
  }),
  declare({
    ...{ protocol: "tcp", ...services },
    ...{ list: (all) => all.tcp.services, toJson: toTcpServiceJson, extra: typeOfService },
  }),
  declare({
    ...{ protocol: "udp", ...routers, rules: plainRouterRules },
    ...{ list: (all) => all.udp.routers, toJson: toUdpRouterJson, extra: () => ({}) },
  }),
  declare({
    ...{ protocol: "udp", ...services },
    ...{ list: (all) => all.udp.services, toJson: toUdpServiceJson, extra: typeOfService },
  }),
];

/** Everything there is, by kind; as Traefik, kinds without parts are left out. */
export function rawData(snapshot: ApiSnapshot): PartJson {
  const entries = partLists.map((list) => [list.rawName, list.raw(snapshot)] as const);
  return Object.fromEntries(entries.filter(([, parts]) => Object.keys(parts).length > 0));
}

/** How many parts of each kind there are, and how many have problems. */
export function countParts(snapshot: ApiSnapshot, protocol: PartList["protocol"]): PartJson {
  const lists = partLists.filter((list) => list.protocol === protocol);
  const order = ["routers", "services", "middlewares"]; // Traefik's
  lists.sort((a, b) => order.indexOf(a.section) - order.indexOf(b.section));
  return Object.fromEntries(lists.map((list) => [list.section, list.counts(snapshot)]));
}

function declare<T extends ApiPart>(declaration: Declaration<T>): PartList {
  const { protocol, section, noun, rules, list, toJson, extra } = declaration;
  const show = (part: T): PartJson => toListed(part, toJson(part), extra(part));
  return {
    protocol,
    section,
    noun,
    rawName: protocol === "http" ? section : `${protocol}${section[0]?.toUpperCase()}${section.slice(1)}`,
    page: (snapshot, query) => {
      const page = listPage(list(snapshot), query, rules);
      return "error" in page ? page : { ...page, items: page.items.map(show) };
    },
    find: (snapshot, name) => {
      const found = list(snapshot).find((part) => part.name === name);
      return found && show(found);
    },
    raw: (snapshot) => Object.fromEntries(list(snapshot).map((part) => [part.name, toJson(part)])),
    counts: (snapshot) => countStatuses(list(snapshot)),
  };
}

function countStatuses(parts: readonly ApiPart[]): PartJson {
  const count = (status: string) => parts.filter((part) => part.status === status).length;
  return { total: parts.length, warnings: count("warning"), errors: count("disabled") };
}
