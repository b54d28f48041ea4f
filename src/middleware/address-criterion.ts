// What several middlewares ask about a client: its address, and what tells one client from another.

import * as z from "zod";
import { cidr, integer, nonEmptyString } from "../schema/primitives.ts";

/** How the client's address is found. Default: the address of the connection. */
export const ipStrategySchema = z.strictObject({
  depth: integer({ min: 0 }).default(0).describe(
    "Takes the address at this place of X-Forwarded-For, counted from the right; 0: does not look there by place.",
  ),
  excludedIPs: z.array(cidr).default([]).describe(
    "Takes the last address of X-Forwarded-For that is none of these; not looked at with a `depth`.",
  ),
  ipv6Subnet: integer({ min: 0, max: 128 }).optional().describe(
    "Cuts IPv6 addresses to this many bits, so that all addresses of one network count as one.",
  ),
});

/** What requests are counted by: at most one of the ways. */
export const sourceCriterionSchema = z.strictObject({
  ipStrategy: ipStrategySchema.optional().describe("By the client's address."),
  requestHeaderName: nonEmptyString.optional().describe("By the value of this request header."),
  requestHost: z.boolean().optional().describe("By the Host of the request."),
}).refine(({ ipStrategy, requestHeaderName, requestHost }) => {
  const set = [ipStrategy !== undefined, requestHeaderName !== undefined, requestHost === true];
  return set.filter(Boolean).length <= 1;
}, { error: "must be only one of ipStrategy, requestHeaderName and requestHost" });
