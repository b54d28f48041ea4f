// Schema of TraefikService, in both API groups: exactly one of four ways to combine services.

import * as z from "zod";
import { stickySchema } from "../../../config/service-schema.ts";
import { integer } from "../../../schema/primitives.ts";
import { serviceRef, serviceRefFields } from "./schema-service-ref.ts";

const weighted = z.strictObject({
  services: z.array(serviceRef).optional().describe("The services; each gets a share by its weight."),
  sticky: stickySchema.optional().describe("Keeps clients at one service."),
});

const mirroring = z.strictObject({
  ...serviceRefFields,
  mirrorBody: z.boolean().optional().describe("Copies request bodies, too. Default: true."),
  maxBodySize: integer().optional().describe("Largest body that is copied, in bytes; -1: no limit."),
  mirrors: z.array(z.strictObject({
    ...serviceRefFields,
    percent: integer().optional().describe("Share of requests that are copied."),
  })).optional().describe("Services that get copies."),
});

const failover = z.strictObject({
  service: serviceRef.describe("The service that answers while it is well."),
  fallback: serviceRef.describe("The service that stands in."),
  errors: z.strictObject({
    status: z.array(
      z.string().regex(/^([1-5][0-9]{2}[,-]?)+$/, "must be a status code such as 503 or a range such as 500-599"),
    ).describe("Answers that count as failure."),
    maxRequestBodyBytes: integer({ min: -1 }).optional().describe("Largest body kept for a second try; -1: no limit."),
  }).optional().describe("Answers after which the fallback is asked."),
});

/** The ways a TraefikService combines services, by field name. */
export const traefikServiceKinds = ["weighted", "mirroring", "highestRandomWeight", "failover"] as const;

/** `spec` of a TraefikService. */
export const traefikServiceSpec = z.strictObject({
  weighted: weighted.optional().describe("Splits requests between services by weight."),
  mirroring: mirroring.optional().describe("Copies requests to other services."),
  highestRandomWeight: z.strictObject({ services: z.array(serviceRef).optional().describe("The services.") }).optional()
    .describe("Chooses a service by the client's address."),
  failover: failover.optional().describe("Has a spare service."),
});

/** A parsed TraefikService spec. */
export type TraefikServiceSpec = z.infer<typeof traefikServiceSpec>;
/** Its `weighted`. */
export type WeightedSpec = z.infer<typeof weighted>;
/** Its `mirroring`. */
export type MirroringSpec = z.infer<typeof mirroring>;
/** Its `failover`. */
export type FailoverSpec = z.infer<typeof failover>;
