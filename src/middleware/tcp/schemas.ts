// The options of all of Traefik's TCP middlewares.

import type { MiddlewareSchema } from "../middleware.ts";
import { inFlightConn } from "./in-flight-conn.ts";
import { ipAllowList } from "./ip-allow-list.ts";
import { ipWhiteList } from "./ip-white-list.ts";

const declarations: readonly MiddlewareSchema[] = [inFlightConn, ipAllowList, ipWhiteList];

/** Options by kind. None is served yet. */
export const tcpMiddlewareSchemas: ReadonlyMap<string, MiddlewareSchema> = new Map(
  declarations.map((declaration) => [declaration.kind, declaration]),
);
