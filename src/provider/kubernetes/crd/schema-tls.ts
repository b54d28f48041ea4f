// Schemas of TLSOption and TLSStore, in both API groups: those of files, but for certificates, which are in Secrets.

import * as z from "zod";
import { clientAuthTypes } from "../../../config/dynamic-tls.ts";
import { tlsOptionsSchema, tlsStoreSchema } from "../../../config/tls-schema.ts";
import { oneOf } from "../../../schema/primitives.ts";

/** `spec` of a TLSOption. */
export const tlsOptionSpec = tlsOptionsSchema.extend({
  clientAuth: z.strictObject({
    secretNames: z.array(z.string()).default([]).describe("Secrets with `tls.ca` or `ca.crt`."),
    clientAuthType: oneOf(clientAuthTypes).optional().describe(
      "What is asked of clients. Default: a valid certificate where `secretNames` are given.",
    ),
  }).optional().describe("Certificates of clients."),
});

const secretRef = z.strictObject({
  secretName: z.string().describe("Secret of type kubernetes.io/tls with the certificate."),
});

/** `spec` of a TLSStore. */
export const tlsStoreSpec = tlsStoreSchema.extend({
  defaultCertificate: secretRef.optional().describe("Shown where no other fits."),
  certificates: z.array(secretRef).optional().describe("Further certificates of the store."),
});

/** A parsed TLSOption spec. */
export type TlsOptionSpec = z.infer<typeof tlsOptionSpec>;
