// ipWhiteList of TCP: the former name of ipAllowList.

import { createAllowList, sourceRangeSchema } from "./ip-allow-list.ts";
import { defineTcpMiddleware } from "./tcp-middleware.ts";

/** The `ipWhiteList` middleware of TCP. */
export const ipWhiteList = defineTcpMiddleware({
  kind: "ipWhiteList",
  summary: "Deprecated: use ipAllowList.",
  schema: sourceRangeSchema,
  create: createAllowList,
});
