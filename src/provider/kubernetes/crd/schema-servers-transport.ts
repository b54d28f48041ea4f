// Schema of ServersTransport, in both API groups.

import * as z from "zod";
import { duration, integer } from "../../../schema/primitives.ts";

/** `spec` of a ServersTransport. */
export const serversTransportSpec = z.strictObject({
  serverName: z.string().optional(),
  insecureSkipVerify: z.boolean().optional(),
  rootCAs: z.array(z.strictObject({ secret: z.string().optional(), configMap: z.string().optional() })).optional(),
  rootCAsSecrets: z.array(z.string()).optional(),
  certificatesSecrets: z.array(z.string()).optional(),
  cipherSuites: z.array(z.string()).optional(),
  minVersion: z.string().optional(),
  maxVersion: z.string().optional(),
  maxIdleConnsPerHost: integer({ min: -1 }).optional(),
  disableHTTP2: z.boolean().optional(),
  peerCertURI: z.string().optional(),
  peerCertSANs: z.array(z.strictObject({ type: z.string(), value: z.string() })).optional(),
  spiffe: z.strictObject({ ids: z.array(z.string()).optional(), trustDomain: z.string().optional() }).optional(),
  forwardingTimeouts: z.strictObject({
    dialTimeout: duration.optional(),
    responseHeaderTimeout: duration.optional(),
    idleConnTimeout: duration.optional(),
    readIdleTimeout: duration.optional(),
    pingTimeout: duration.optional(),
  }).optional(),
});

/** A parsed ServersTransport spec. */
export type ServersTransportSpec = z.infer<typeof serversTransportSpec>;
