// EndpointSlices → endpoints: which of a Service's Pods get traffic, and under which address.

import type { EndpointSlice, ServicePort } from "./schema.ts";

/** Where one server listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Terminating while others are not: sticky requests only, and nothing where there is no stickiness. */
  readonly fenced: boolean;
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly terminating: boolean;
}

/**
 * Endpoints of one Service port. The slice's port is found by the name of the Service's port, as the API defines it.
 * Terminating endpoints that still serve are fenced, unless nothing else is left: then they serve, so that the last
 * Pod of a rollout is used until its end.
 * @param slices the oldest first; that order and the order inside them is kept
 */
export function endpointsOf(slices: readonly EndpointSlice[], port: ServicePort): Endpoint[] {
  const addresses = new Map<string, Address>();
  for (const slice of slices) {
    for (const address of addressesOf(slice, port)) {
      const key = hostPort(address.host, address.port);
      // While an endpoint moves between slices it may stand in both; the one that is not terminating is right.
      if (addresses.get(key)?.terminating ?? true) addresses.set(key, address);
    }
  }
  const all = [...addresses.values()];
  const allTerminating = all.every((address) => address.terminating);
  return all.map(({ host, port: number, terminating }) => ({
    host,
    port: number,
    fenced: terminating && !allTerminating,
  }));
}

/** `host:port`, with brackets around IPv6. */
export function hostPort(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The protocol of a port; TCP where it says nothing, as the API defines it. */
export function protocolOf(port: { readonly protocol?: string | undefined }): string {
  return port.protocol ?? "TCP";
}

function* addressesOf(slice: EndpointSlice, { name = "", ...port }: ServicePort): Generator<Address> {
  const number = slice.ports?.find((each) => (each.name ?? "") === name && protocolOf(each) === protocolOf(port))?.port;
  if (number === undefined) return;
  for (const { addresses, conditions } of slice.endpoints ?? []) {
    // An unset `serving` defers to `ready`, and an unset `ready` means yes (discovery.k8s.io/v1).
    const serves = conditions?.serving ?? conditions?.ready ?? true;
    if (!serves) continue;
    for (const host of addresses) yield { host, port: number, terminating: conditions?.terminating === true };
  }
}
