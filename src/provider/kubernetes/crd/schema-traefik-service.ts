// Schema of TraefikService, in both API groups: exactly one of four ways to combine services.

import * as z from "zod";
import { stickySchema } from "../../../config/service-schema.ts";
import { integer } from "../../../schema/primitives.ts";
import { serviceRef, serviceRefFields } from "./schema-service-ref.ts";

const weighted = z.strictObject({
  services: z.array(serviceRef).optional(),
  sticky: stickySchema.optional(),
});

const mirroring = z.strictObject({
  ...serviceRefFields,
  mirrorBody: z.boolean().optional(),
  maxBodySize: integer().optional(),
  mirrors: z.array(z.strictObject({ ...serviceRefFields, percent: integer().optional() })).optional(),
});

const failover = z.strictObject({
  service: serviceRef,
  fallback: serviceRef,
  errors: z.strictObject({
    status: z.array(
      z.string().regex(/^([1-5][0-9]{2}[,-]?)+$/, "must be a status code such as 503 or a range such as 500-599"),
    ),
    maxRequestBodyBytes: integer({ min: -1 }).optional(),
  }).optional(),
});

/** The ways a TraefikService combines services, by field name. */
export const traefikServiceKinds = ["weighted", "mirroring", "highestRandomWeight", "failover"] as const;

/** `spec` of a TraefikService. */
export const traefikServiceSpec = z.strictObject({
  weighted: weighted.optional(),
  mirroring: mirroring.optional(),
  highestRandomWeight: z.strictObject({ services: z.array(serviceRef).optional() }).optional(),
  failover: failover.optional(),
});

/** A parsed TraefikService spec. */
export type TraefikServiceSpec = z.infer<typeof traefikServiceSpec>;
/** Its `weighted`. */
export type WeightedSpec = z.infer<typeof weighted>;
/** Its `mirroring`. */
export type MirroringSpec = z.infer<typeof mirroring>;
/** Its `failover`. */
export type FailoverSpec = z.infer<typeof failover>;
