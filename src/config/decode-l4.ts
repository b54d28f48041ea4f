// The parts of the `tcp` and `udp` sections of a file.

import { compact } from "./compact.ts";
import { decodeOneKind, decodeWith } from "./decode-check.ts";
import type { DecodePart } from "./decode-check.ts";
import type { TcpRouter, TcpServersTransport } from "./dynamic-tcp.ts";
import type { UdpRouter } from "./dynamic-udp.ts";
import { toTcpRouter, toTcpServersTransport, toTcpService, toUdpService } from "./l4-part.ts";
import { tcpServersTransportSchema, tcpServiceSchema, udpServiceSchema } from "./l4-schema.ts";
import { tcpRouterSchema, udpRouterSchema } from "./router-schema.ts";

/** A TCP router. */
export const decodeTcpRouter: DecodePart<TcpRouter> = decodeWith("router", tcpRouterSchema, (data, path) => ({
  ...toTcpRouter(data),
  rulePath: [...path, "rule"],
}));

/** A TCP service. */
export const decodeTcpService = decodeOneKind(tcpServiceSchema, toTcpService);

/** A TCP transport. */
export const decodeTcpServersTransport: DecodePart<TcpServersTransport> = decodeWith(
  "serversTransport",
  tcpServersTransportSchema,
  toTcpServersTransport,
);

/** A UDP router. */
export const decodeUdpRouter: DecodePart<UdpRouter> = decodeWith("router", udpRouterSchema, (data) => compact(data));

/** A UDP service. */
export const decodeUdpService = decodeOneKind(udpServiceSchema, toUdpService);
