// ipAllowList of TCP: lets only clients with certain addresses connect.

import * as z from "zod";
import { createCidrSet, parseCidr } from "../../net/cidr.ts";
import type { TcpMiddleware } from "../../net/tcp-session.ts";
import { cidr } from "../../schema/primitives.ts";
import type { MiddlewareContext } from "../middleware.ts";
import { defineTcpMiddleware } from "./tcp-middleware.ts";

/** The options, which `ipWhiteList` has, too. */
export const sourceRangeSchema = z.strictObject({
  sourceRange: z.array(cidr).default([]).describe("Addresses and ranges that may connect; empty: none."),
});

/** The `ipAllowList` middleware of TCP. */
export const ipAllowList = defineTcpMiddleware({
  kind: "ipAllowList",
  summary: "Lets only clients with certain addresses connect.",
  schema: sourceRangeSchema,
  create: createAllowList,
});

/** The code, which `ipWhiteList` has, too. The client is who connects, or whom a PROXY protocol header names. */
export function createAllowList(
  { sourceRange }: z.output<typeof sourceRangeSchema>,
  { logger }: Pick<MiddlewareContext, "logger">,
): TcpMiddleware {
  const allowed = createCidrSet(sourceRange.map(parseCidr).filter((range) => range !== undefined));
  return (next) => (session) => {
    const { ip } = session.remote;
    if (allowed.contains(ip)) return next(session);
    logger.debug("a client's address is not allowed", { ClientAddr: ip });
    session.refuse();
  };
}
