// Every section of the dynamic configuration: where its parts lie and where they refer to others.

import { emptyTcp } from "./dynamic-tcp.ts";
import { emptyTls } from "./dynamic-tls.ts";
import { emptyUdp } from "./dynamic-udp.ts";
import type { DynamicConfiguration } from "./dynamic.ts";
import type { Part } from "./dynamic-part.ts";
import type { MergeSection } from "./merge-section.ts";
import { asItIs, qualifyMiddleware, qualifyRouter, qualifyService } from "./qualify.ts";
import type { QualifyPart } from "./qualify.ts";
import { qualifyTcpRouter, qualifyTcpService, qualifyUdpRouter, qualifyUdpService } from "./qualify-l4.ts";

const NOT_REFERABLE = false;

/** By protocol and name. */
export const sections = {
  http: {
    routers: section("http.routers", ({ http }) => http.routers, qualifyRouter, NOT_REFERABLE),
    services: section("http.services", ({ http }) => http.services, qualifyService),
    middlewares: section("http.middlewares", ({ http }) => http.middlewares, qualifyMiddleware),
    serversTransports: section("http.serversTransports", ({ http }) => http.serversTransports, asItIs),
  },
  tcp: {
    routers: section("tcp.routers", ({ tcp = emptyTcp }) => tcp.routers, qualifyTcpRouter, NOT_REFERABLE),
    services: section("tcp.services", ({ tcp = emptyTcp }) => tcp.services, qualifyTcpService),
    middlewares: section("tcp.middlewares", ({ tcp = emptyTcp }) => tcp.middlewares, asItIs),
    serversTransports: section("tcp.serversTransports", ({ tcp = emptyTcp }) => tcp.serversTransports, asItIs),
  },
  udp: {
    routers: section("udp.routers", ({ udp = emptyUdp }) => udp.routers, qualifyUdpRouter, NOT_REFERABLE),
    services: section("udp.services", ({ udp = emptyUdp }) => udp.services, qualifyUdpService),
  },
  tls: {
    certificates: section("tls.certificates", ({ tls = emptyTls }) => tls.certificates, asItIs),
    options: section("tls.options", ({ tls = emptyTls }) => tls.options, asItIs),
    stores: section("tls.stores", ({ tls = emptyTls }) => tls.stores, asItIs, NOT_REFERABLE),
  },
};

function section<T extends Part>(
  name: string,
  partsOf: (configuration: DynamicConfiguration) => Readonly<Record<string, T>>,
  qualify: QualifyPart<T>,
  isReferable = true,
): MergeSection<T> {
  return { name, partsOf, qualify, isReferable };
}
