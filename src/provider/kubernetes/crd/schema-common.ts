// Schemas that several Kubernetes kinds share.

import * as z from "zod";
import { integer } from "../../../schema/primitives.ts";

/** Kubernetes' int-or-string, as a port. */
export const portRef = z.union([z.int(), z.string()], { error: "must be a port number or the name of a port" });

/** A reference to an object of a kind that the field implies. */
export const objectRef = z.strictObject({
  name: z.string(),
  namespace: z.string().optional(),
});

/** A parsed {@link objectRef}. */
export type ObjectRef = z.infer<typeof objectRef>;

/** `sticky` of a service reference or a weighted service. */
export const stickySchema = z.strictObject({
  cookie: z.strictObject({
    name: z.string().optional(),
    secure: z.boolean().optional(),
    httpOnly: z.boolean().optional(),
    sameSite: z.enum(["none", "lax", "strict"]).optional(),
    maxAge: integer().optional(),
    path: z.string().optional(),
    domain: z.string().optional(),
  }).optional(),
});

/** A parsed {@link stickySchema}. */
export type StickySpec = z.infer<typeof stickySchema>;
