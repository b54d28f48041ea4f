// Schema of ServersTransport, in both API groups: that of files, but for certificates, which are in Secrets here.

import * as z from "zod";
import { serversTransportSchema } from "../../../config/service-schema.ts";
import { integer } from "../../../schema/primitives.ts";

/** `spec` of a ServersTransport. */
export const serversTransportSpec = serversTransportSchema.omit({ certificates: true }).extend({
  rootCAs: z.array(z.strictObject({ secret: z.string().optional(), configMap: z.string().optional() })).optional(),
  rootCAsSecrets: z.array(z.string()).optional(),
  certificatesSecrets: z.array(z.string()).optional(),
  /** -1 keeps none. */
  maxIdleConnsPerHost: integer({ min: -1 }).default(serversTransportSchema.parse({}).maxIdleConnsPerHost),
});

/** A parsed ServersTransport spec. */
export type ServersTransportSpec = z.infer<typeof serversTransportSpec>;
