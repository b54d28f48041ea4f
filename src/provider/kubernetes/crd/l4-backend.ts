// Service references of TCP and UDP routes → servers, and the weighted services that several of them make.

import { quoteValue } from "../../../schema/issues.ts";
import type { Part, WeightedChild, WeightedServices } from "../../../config/dynamic-part.ts";
import { sha256Hex } from "../../../net/hash.ts";
import type { FieldPath } from "../../../schema/path.ts";
import type { Source } from "../../../schema/problem.ts";
import { hostPort } from "../backend/endpoints.ts";
import { endpointsOfRef } from "../backend/service-endpoints.ts";
import { keyOf } from "../names.ts";
import type { CrdReferrer } from "./placed-ref.ts";
import type { Translation } from "./translation.ts";

/** What references of both protocols have. */
export interface L4Ref {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly port: number | string;
  readonly weight?: number | undefined;
  readonly nativeLB?: boolean | undefined;
  readonly nodePortLB?: boolean | undefined;
}

/** One reference of a route. */
export interface PlacedL4Ref<Ref extends L4Ref> {
  readonly ref: Ref;
  readonly path: FieldPath;
  readonly referrer: CrdReferrer;
  readonly protocol: "TCP" | "UDP";
}

/** One address; terminating ones are fenced, and take over when nothing else is left. */
export interface L4Server {
  readonly address: string;
  readonly fenced?: boolean;
}

/** @returns undefined when something is wrong, which has been reported */
export function l4ServersOf(translation: Translation, placed: PlacedL4Ref<L4Ref>): readonly L4Server[] | undefined {
  const { ref: { name, namespace, port, nativeLB, nodePortLB }, path, referrer, protocol } = placed;
  const backend = { name, namespace, port, protocol, nativeLB, nodePortLB, path };
  const found = endpointsOfRef(translation, backend, referrer);
  if (found === undefined) return undefined;
  const servers = found.endpoints.map(({ host, port: number, fenced }) => ({
    address: hostPort(host, number),
    ...(fenced && { fenced }),
  }));
  if (servers.length === 0 && translation.options.allowEmptyServices === false) {
    translation.report(referrer.source, path, {
      severity: "warning",
      code: "empty-service",
      message: `the Service ${quoteValue(name)} has no endpoints`,
      hint: `set ${translation.options.optionPrefix}.allowEmptyServices=true to expect that`,
    });
  }
  return servers;
}

/**
 * Key and name of a child: of the Service and how it is used, so that two routes may share it. The same under other
 * options is another service, though it has the same name for people.
 * @param options what tells two uses apart, references resolved
 */
export function childNames({ ref, referrer }: PlacedL4Ref<L4Ref>, options: object) {
  const namespace = ref.namespace ?? referrer.namespace;
  const text = JSON.stringify([options, ref.nativeLB, ref.nodePortLB]);
  const variant = text === PLAIN ? [] : [sha256Hex(text).slice(0, 16)];
  return {
    key: keyOf("Service", namespace, ref.name, ref.port, ...variant),
    displayName: `${namespace}-${ref.name}-${ref.port}`,
  };
}

const PLAIN = JSON.stringify([{}, undefined, undefined]);

/** The key of a child that can't be had: nobody else's. */
export function deadChildKey({ path, referrer }: PlacedL4Ref<L4Ref>): string {
  return keyOf("unavailable", referrer.key, path.join("."));
}

/** Where a child came from. */
export function serviceSource({ ref, referrer }: PlacedL4Ref<L4Ref>): Source {
  const namespace = ref.namespace ?? referrer.namespace;
  return { type: "object", apiVersion: "v1", kind: "Service", namespace, name: ref.name };
}

/** A translated reference: a load balancer, and the names it gets as a part of its own. */
export interface L4Child<S> {
  readonly key: string;
  readonly displayName: string;
  readonly service: S;
}

/** What the service of a route is called, and what it is without any reference. */
export interface L4RouteService<S> {
  readonly key: string;
  readonly displayName: string;
  readonly source: Source;
  readonly noServers: S;
}

/** Adds the service of a route. One Service: a load balancer under the router's name; several: weighted; none: no servers. */
export function addRouteService<S extends Part & { readonly kind: "loadBalancer" }>(
  services: Record<string, S | WeightedServices>,
  children: readonly (L4Child<S> & { readonly weight: number })[],
  { key, displayName, source, noServers }: L4RouteService<S>,
): void {
  const [only, ...others] = children;
  if (only === undefined || others.length === 0) {
    const service = only?.service ?? noServers;
    services[key] = { ...service, displayName, source: service.source ?? source };
    return;
  }
  for (const child of children) services[child.key] = { ...child.service, displayName: child.displayName };
  const named = children.map((child) => ({ name: child.key, weight: child.weight }));
  services[key] = { kind: "weighted", services: weighted(named), displayName, source };
}

/** One that comes twice gets both weights. */
function weighted(children: readonly { readonly name: string; readonly weight: number }[]): WeightedChild[] {
  const weights = new Map<string, number>();
  for (const { name, weight } of children) weights.set(name, (weights.get(name) ?? 0) + weight);
  return [...weights].map(([name, weight]) => ({ name, weight }));
}
