// rateLimit: lets only so many requests per time of one source through.

import * as z from "zod";
import { duration, integer, nonEmptyString } from "../schema/primitives.ts";
import { secret } from "../schema/secret.ts";
import { sourceCriterionSchema } from "./address-criterion.ts";
import { peerTlsSchema } from "./peer-tls.ts";
import { defineMiddlewareSchema } from "./define.ts";

const redisSchema = z.strictObject({
  endpoints: z.array(nonEmptyString).default(["127.0.0.1:6379"]).describe("Addresses of Redis, as `host:port`."),
  tls: peerTlsSchema.optional().describe("TLS towards Redis."),
  username: z.string().optional().describe("User name at Redis."),
  password: secret(z.string()).optional().describe("Password at Redis."),
  db: integer({ min: 0 }).default(0).describe("Number of the Redis database."),
  poolSize: integer({ min: 0 }).default(0).describe("Connections kept; 0: ten per processor."),
  minIdleConns: integer({ min: 0 }).default(0).describe("Idle connections kept at least."),
  maxActiveConns: integer({ min: 0 }).default(0).describe("Connections at most; 0: no limit."),
  readTimeout: duration.default(3_000).describe("Time to read an answer; 0: none."),
  writeTimeout: duration.default(3_000).describe("Time to write a question; 0: none."),
  dialTimeout: duration.default(5_000).describe("Time to connect; 0: the system's own limit."),
});

/** The `rateLimit` middleware. */
export const rateLimit = defineMiddlewareSchema({
  kind: "rateLimit",
  summary: "Lets only so many requests of one source through per period; others get a 429.",
  schema: z.strictObject({
    average: integer({ min: 0 }).default(0).describe("Requests per period; 0: no limit."),
    period: duration.default(1_000).describe("The period."),
    burst: integer({ min: 0 }).default(1).describe("Requests that may come at once."),
    sourceCriterion: sourceCriterionSchema.optional().describe("What a source is. Default: the client's address."),
    redis: redisSchema.optional().describe("Counts in Redis, for several processes together."),
  }),
});
