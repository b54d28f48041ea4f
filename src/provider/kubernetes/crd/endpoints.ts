// EndpointSlices → servers: which endpoints of a Service get requests, and under which address.

import type { Server } from "../../../config/dynamic.ts";
import type { EndpointSlice, ServicePort } from "./schema-core.ts";

interface Address {
  readonly host: string;
  readonly port: number;
  readonly terminating: boolean;
}

/**
 * Servers of one Service port. The slice's port is found by the name of the Service's port, as the API defines it.
 * Terminating endpoints that still serve are fenced (sticky requests only), unless nothing else is left: then they
 * serve, so that the last Pod of a rollout is used until its end.
 * @param slices the oldest first; that order and the order inside them is kept
 */
export function serversOf(slices: readonly EndpointSlice[], port: ServicePort, scheme: string): Server[] {
  const addresses = new Map<string, Address>();
  for (const slice of slices) {
    for (const address of addressesOf(slice, port.name ?? "")) {
      const key = `${address.host}:${address.port}`;
      // While an endpoint moves between slices it may stand in both; the one that is not terminating is right.
      if (addresses.get(key)?.terminating ?? true) addresses.set(key, address);
    }
  }
  const all = [...addresses.values()];
  const allTerminating = all.every((address) => address.terminating);
  return all.map(({ host, port: number, terminating }) => ({
    url: serverUrl(scheme, host, number),
    weight: 1,
    preservePath: false,
    ...(terminating && !allTerminating && { fenced: true }),
  }));
}

/** A URL with brackets around IPv6. */
export function serverUrl(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function* addressesOf(slice: EndpointSlice, portName: string): Generator<Address> {
  const number = slice.ports?.find((each) => (each.name ?? "") === portName && isTcp(each.protocol))?.port;
  if (number === undefined) return;
  for (const { addresses, conditions } of slice.endpoints ?? []) {
    // An unset `serving` defers to `ready`, and an unset `ready` means yes (discovery.k8s.io/v1).
    const serves = conditions?.serving ?? conditions?.ready ?? true;
    if (!serves) continue;
    for (const host of addresses) yield { host, port: number, terminating: conditions?.terminating === true };
  }
}

function isTcp(protocol: string | undefined): boolean {
  return (protocol ?? "TCP") === "TCP";
}
