// Schemas that several of Traefik's kinds share.

import * as z from "zod";
import { domainSchema } from "../../../config/router-schema.ts";

/** A reference to an object of a kind that the field implies. */
export const objectRef = z.strictObject({
  name: z.string().describe("Name of the object."),
  namespace: z.string().optional().describe("Its namespace. Default: that of the object that refers to it."),
});

/** A parsed {@link objectRef}. */
export type ObjectRef = z.infer<typeof objectRef>;

/** Which of several controllers an object is for, beside the annotation `kubernetes.io/ingress.class`. */
export const ingressClassName = z.string().optional().describe("Class of the controller that serves the object.");

/** `tls` of a route of HTTP. */
export const routeTls = z.strictObject({
  secretName: z.string().optional().describe("Secret of type kubernetes.io/tls with the certificate."),
  options: objectRef.optional().describe("TLSOption that says how TLS is spoken."),
  store: objectRef.optional().describe("Accepted, without effect: only the store `default` is used."),
  certResolver: z.string().optional().describe("Name of the certificate resolver."),
  domains: z.array(domainSchema.partial({ main: true })).optional().describe("Certificates to ask for."),
});

/** A parsed {@link routeTls}. */
export type RouteTlsSpec = z.infer<typeof routeTls>;

/** Authorities in Secrets or ConfigMaps, and client certificates in Secrets: what files name by path. */
export const transportSecrets = {
  rootCAs: z.array(z.strictObject({
    secret: z.string().optional().describe("Secret with `tls.ca` or `ca.crt`."),
    configMap: z.string().optional().describe("ConfigMap with `ca.crt`."),
  })).optional().describe("Certificate authorities of the servers."),
  rootCAsSecrets: z.array(z.string()).optional().describe("Deprecated: use `rootCAs`."),
  certificatesSecrets: z.array(z.string()).optional().describe("Secrets with the certificates shown to servers."),
};
