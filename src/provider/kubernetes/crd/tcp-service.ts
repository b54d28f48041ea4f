// A service reference of a TCP route → a load balancer, or one without servers where something is wrong.

import { toProxyProtocol } from "../../../config/l4-part.ts";
import type { TcpLoadBalancer } from "../../../config/dynamic-tcp.ts";
import { childNames, deadChildKey, type L4Child, l4ServersOf, type PlacedL4Ref, serviceSource } from "./l4-backend.ts";
import type { TcpServiceRef } from "./schema-ingress-route-tcp.ts";
import type { Translation } from "./translation.ts";

/** Connections to it are closed. */
export const NO_TCP_SERVERS: TcpLoadBalancer = { kind: "loadBalancer", servers: [] };

/** Always gives a load balancer, so that the mistake shows and no other route takes the connections. */
export function translateTcpService(
  translation: Translation,
  placed: PlacedL4Ref<TcpServiceRef>,
): L4Child<TcpLoadBalancer> {
  const { ref, path, referrer } = placed;
  const options = optionsOf(translation, placed);
  // Without its transport a Service must not be served: that could be in the clear.
  const servers = options === undefined ? undefined : l4ServersOf(translation, placed);
  const { key, displayName } = childNames(placed, { ...options, ...(ref.tls === true && { tls: true }) });
  if (servers === undefined) {
    return { key: deadChildKey({ ref, path, referrer, protocol: "TCP" }), displayName, service: NO_TCP_SERVERS };
  }
  const service: TcpLoadBalancer = {
    kind: "loadBalancer",
    servers: servers.map((server) => ({ ...server, tls: ref.tls ?? false })),
    ...options,
    source: serviceSource(placed),
  };
  return { key, displayName, service };
}

/** @returns undefined when the transport is missing or refused, which has been reported */
function optionsOf(translation: Translation, { ref, path, referrer }: PlacedL4Ref<TcpServiceRef>) {
  const { serversTransport: name, terminationDelay } = ref;
  const proxyProtocol = toProxyProtocol(ref.proxyProtocol);
  const rest = {
    ...(proxyProtocol !== undefined && { proxyProtocol }),
    ...(terminationDelay !== undefined && { terminationDelayMs: terminationDelay }),
  };
  if (name === undefined || name === "") return rest;
  const serversTransport = translation.resolve({
    kind: "ServersTransportTCP",
    name,
    namespace: undefined,
    path: [...path, "serversTransport"],
    crossProvider: true,
  }, referrer);
  return serversTransport === undefined ? undefined : { ...rest, serversTransport };
}
