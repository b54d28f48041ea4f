// All of Traefik's TCP middlewares. A new one is a file of its own and a line here.

import { inFlightConn } from "./in-flight-conn.ts";
import { ipAllowList } from "./ip-allow-list.ts";
import { ipWhiteList } from "./ip-white-list.ts";
import type { TcpMiddlewareDefinition } from "./tcp-middleware.ts";

const definitions: readonly TcpMiddlewareDefinition[] = [inFlightConn, ipAllowList, ipWhiteList];

/** TCP middlewares by kind, which is Traefik's option name. */
export const tcpMiddlewareSchemas: ReadonlyMap<string, TcpMiddlewareDefinition> = new Map(
  definitions.map((definition) => [definition.kind, definition]),
);
