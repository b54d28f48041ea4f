// Options of middlewares in Kubernetes: those of files, but for what is named by path or name there. Certificates and
// users are in Secrets here, and middlewares and services are objects with a namespace.

import * as z from "zod";
import { nonEmptyString } from "../../../schema/primitives.ts";
import { objectRef } from "./schema-common.ts";
import { serviceRef } from "./schema-service-ref.ts";

const caSecret = z.string().optional().describe("Secret with `tls.ca` or `ca.crt`.");
const certSecret = z.string().optional().describe("Secret of type kubernetes.io/tls with the own certificate.");

/** TLS towards a server that a middleware asks itself. */
export const secretTls = z.strictObject({
  caSecret,
  certSecret,
  caOptional: z.boolean().optional().describe("Deprecated and without effect."),
  insecureSkipVerify: z.boolean().default(false).describe("Does not check the server's certificate."),
});

const users = z.object({
  secret: nonEmptyString.describe("Secret with the users, or of type kubernetes.io/basic-auth."),
});

/** Fields that stand in place of a kind's own, by kind. */
export const ownFields = {
  chain: z.object({ middlewares: z.array(objectRef).default([]).describe("Middlewares, in order.") }),
  errors: z.object({ service: serviceRef.describe("Service that has the pages.") }),
  basicAuth: users,
  digestAuth: users,
  forwardAuth: z.object({ tls: secretTls.optional().describe("TLS towards the authentication server.") }),
  redis: z.object({
    secret: z.string().optional().describe("Secret with `username` and `password`."),
    tls: secretTls.optional().describe("TLS towards Redis."),
  }),
};

/** Fields of files that Kubernetes has not. */
const left: Readonly<Record<string, readonly string[]>> = {
  basicAuth: ["users", "usersFile"],
  digestAuth: ["users", "usersFile"],
  redis: ["username", "password"],
};

/** The options of a kind as a Middleware object writes them. @param schema as files write them */
export function middlewareOptions(kind: string, schema: z.ZodType<unknown>): z.ZodType<unknown> {
  switch (kind) {
    case "chain":
    case "errors":
    case "basicAuth":
    case "digestAuth":
    case "forwardAuth":
      return withOwn(kind, schema);
    case "rateLimit":
      return withRedis(schema);
    default:
      return schema;
  }
}

function withOwn(kind: keyof typeof ownFields, schema: z.ZodType<unknown>): z.ZodType<unknown> {
  if (!(schema instanceof z.ZodObject)) return schema;
  return without(schema, left[kind] ?? []).extend(ownFields[kind].shape);
}

function withRedis(schema: z.ZodType<unknown>): z.ZodType<unknown> {
  if (!(schema instanceof z.ZodObject)) return schema;
  const redis: unknown = schema.shape["redis"];
  if (!(redis instanceof z.ZodOptional)) return schema;
  const options: unknown = redis.unwrap();
  if (!(options instanceof z.ZodObject)) return schema;
  const own = without(options, left["redis"] ?? []).extend(ownFields.redis.shape);
  return schema.extend({ redis: own.optional().describe(redis.description ?? "") });
}

function without(schema: z.ZodObject, fields: readonly string[]): z.ZodObject {
  const kept = Object.entries(schema.shape).filter(([field]) => !fields.includes(field));
  return z.strictObject(Object.fromEntries(kept));
}
