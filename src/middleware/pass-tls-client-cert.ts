// passTLSClientCert: tells the backend about the client's certificate.

import * as z from "zod";
import { defineMiddlewareSchema } from "./define.ts";

const told = (what: string) => z.boolean().default(false).describe(`Tells ${what}.`);

const nameFields = {
  country: told("the country"),
  province: told("the province"),
  locality: told("the locality"),
  organization: told("the organization"),
  commonName: told("the common name"),
  serialNumber: told("the serial number of the name"),
  domainComponent: told("the domain components"),
};

/** The `passTLSClientCert` middleware. */
export const passTLSClientCert = defineMiddlewareSchema({
  kind: "passTLSClientCert",
  summary: "Tells the backend about the client's certificate, in `X-Forwarded-Tls-Client-Cert` headers.",
  schema: z.strictObject({
    pem: told("the whole certificate, as escaped PEM"),
    info: z.strictObject({
      notAfter: told("until when it is valid"),
      notBefore: told("since when it is valid"),
      sans: told("the alternative names"),
      serialNumber: told("the serial number"),
      subject: z.strictObject({ ...nameFields, organizationalUnit: told("the organizational unit") }).optional()
        .describe("Whose certificate it is."),
      issuer: z.strictObject(nameFields).optional().describe("Who signed it."),
    }).optional().describe("Single facts, in `X-Forwarded-Tls-Client-Cert-Info`."),
  }),
});
