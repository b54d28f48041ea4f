// TLS towards a server that a middleware asks itself: an authentication server, a Redis.

import * as z from "zod";
import { secret } from "../schema/secret.ts";

/** Certificates as files or PEM, as Traefik takes them. */
export const peerTlsSchema = z.strictObject({
  ca: z.string().optional().describe("Certificate authority of the server, as a file or PEM. Default: the system's."),
  cert: z.string().optional().describe("Own certificate, as a file or PEM."),
  key: secret(z.string()).optional().describe("Key of the own certificate, as a file or PEM."),
  caOptional: z.boolean().optional().describe("Deprecated and without effect."),
  insecureSkipVerify: z.boolean().default(false).describe("Does not check the server's certificate."),
});
