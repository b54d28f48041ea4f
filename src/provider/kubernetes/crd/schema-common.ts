// Schemas that several Kubernetes kinds share.

import * as z from "zod";

/** Kubernetes' int-or-string, as a port. */
export const portRef = z.union([z.int(), z.string()], { error: "must be a port number or the name of a port" });

/** A reference to an object of a kind that the field implies. */
export const objectRef = z.strictObject({
  name: z.string(),
  namespace: z.string().optional(),
});

/** A parsed {@link objectRef}. */
export type ObjectRef = z.infer<typeof objectRef>;
