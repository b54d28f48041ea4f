// Traefik 1's annotations of an Ingress: their values, and (as descriptions) what does their work today.

import * as z from "zod";
import { integer, nonEmptyString, oneOf } from "../../../schema/primitives.ts";
import { headerPairs, percentage, yamlOf } from "./legacy-values.ts";

const use = (what: string) => `write ${what}`;
const middleware = (kind: string) => `use a Middleware with ${kind}, named in the annotation router.middlewares`;
const header = (option: string) => middleware(`headers.${option}`);

const errorPage = z.strictObject({
  status: z.array(nonEmptyString),
  backend: nonEmptyString,
  query: z.string().optional(),
});

const rate = z.strictObject({
  period: z.union([z.string(), z.number()]),
  average: integer({ min: 0 }),
  burst: integer({ min: 0 }),
});

const subject = z.strictObject({
  country: z.boolean().optional(),
  province: z.boolean().optional(),
  locality: z.boolean().optional(),
  organization: z.boolean().optional(),
  commonName: z.boolean().optional(),
  serialNumber: z.boolean().optional(),
  domainComponent: z.boolean().optional(),
});

const clientCertificate = z.strictObject({
  pem: z.boolean().optional(),
  infos: z.strictObject({
    notAfter: z.boolean().optional(),
    notBefore: z.boolean().optional(),
    sans: z.boolean().optional(),
    subject: subject.optional(),
    issuer: subject.optional(),
  }).optional(),
});

/** How a path is compared, and what becomes of it. */
export const ruleTypes = ["Path", "PathPrefix", "PathStrip", "PathPrefixStrip", "ReplacePath"] as const;

/** By their names without prefix. */
export const legacyIngress = z.strictObject({
  "rule-type": oneOf(ruleTypes).optional()
    .describe("use pathType or the annotation router.pathmatcher, and a Middleware with stripPrefix or replacePath"),
  "rewrite-target": z.string().optional().describe(middleware("replacePathRegex")),
  "request-modifier": z.string().optional().describe(middleware("addPrefix, replacePath or replacePathRegex")),
  "app-root": z.string().optional().describe(middleware("redirectRegex")),
  "redirect-entry-point": z.string().optional().describe(middleware("redirectScheme")),
  "redirect-regex": z.string().optional().describe(middleware("redirectRegex")),
  "redirect-replacement": z.string().optional().describe(middleware("redirectRegex")),
  "redirect-permanent": z.boolean().optional().describe(middleware("redirectRegex.permanent")),
  priority: integer().optional().describe(use("the annotation router.priority")),
  "preserve-host": z.boolean().optional().describe(use("the annotation service.passhostheader on the Service")),
  "frontend-entry-points": z.array(nonEmptyString).optional().describe(use("the annotation router.entrypoints")),
  "whitelist-source-range": z.array(nonEmptyString).optional().describe(middleware("ipAllowList.sourceRange")),
  "whitelist-x-forwarded-for": z.boolean().optional().describe(middleware("ipAllowList.ipStrategy")),
  "auth-type": oneOf(["basic", "digest", "forward"]).optional().describe(middleware("basicAuth or forwardAuth")),
  "auth-secret": z.string().optional().describe(middleware("basicAuth.secret")),
  "auth-realm": z.string().optional().describe(middleware("basicAuth.realm")),
  "auth-header-field": z.string().optional().describe(middleware("basicAuth.headerField")),
  "auth-remove-header": z.boolean().optional().describe(middleware("basicAuth.removeHeader")),
  "auth-url": z.string().optional().describe(middleware("forwardAuth.address")),
  "auth-trust-headers": z.boolean().optional().describe(middleware("forwardAuth.trustForwardHeader")),
  "auth-response-headers": z.array(nonEmptyString).optional().describe(middleware("forwardAuth.authResponseHeaders")),
  "auth-tls-secret": z.string().optional().describe(middleware("forwardAuth.tls.certSecret")),
  "auth-tls-insecure": z.boolean().optional().describe(middleware("forwardAuth.tls.insecureSkipVerify")),
  "rate-limit": yamlOf(z.strictObject({ extractorFunc: z.string().optional(), rateSet: z.record(z.string(), rate) }))
    .optional().describe(middleware("rateLimit")),
  "error-pages": yamlOf(z.record(z.string(), errorPage)).optional().describe(middleware("errors")),
  "service-weights": yamlOf(z.record(z.string(), percentage)).optional()
    .describe(use("an IngressRoute with a weighted TraefikService")),
  protocol: oneOf(["http", "https", "h2c"]).optional()
    .describe(use("the annotation service.serversscheme on the Service")),
  "pass-tls-cert": z.boolean().optional().describe(middleware("passTLSClientCert.pem")),
  "pass-client-tls-cert": yamlOf(clientCertificate).optional().describe(middleware("passTLSClientCert")),
  "custom-request-headers": headerPairs.optional().describe(header("customRequestHeaders")),
  "custom-response-headers": headerPairs.optional().describe(header("customResponseHeaders")),
  "allowed-hosts": z.array(nonEmptyString).optional().describe(header("allowedHosts")),
  "proxy-headers": z.array(nonEmptyString).optional().describe(header("hostsProxyHeaders")),
  "ssl-redirect": z.boolean().optional().describe(middleware("redirectScheme")),
  "ssl-temporary-redirect": z.boolean().optional().describe(middleware("redirectScheme.permanent: false")),
  "ssl-host": z.string().optional().describe(middleware("redirectRegex")),
  "ssl-force-host": z.boolean().optional().describe(middleware("redirectRegex")),
  "ssl-proxy-headers": headerPairs.optional().describe(header("sslProxyHeaders")),
  "hsts-max-age": integer({ min: 0 }).optional().describe(header("stsSeconds")),
  "hsts-include-subdomains": z.boolean().optional().describe(header("stsIncludeSubdomains")),
  "hsts-preload": z.boolean().optional().describe(header("stsPreload")),
  "force-hsts": z.boolean().optional().describe(header("forceSTSHeader")),
  "frame-deny": z.boolean().optional().describe(header("frameDeny")),
  "custom-frame-options-value": z.string().optional().describe(header("customFrameOptionsValue")),
  "content-type-nosniff": z.boolean().optional().describe(header("contentTypeNosniff")),
  "browser-xss-filter": z.boolean().optional().describe(header("browserXssFilter")),
  "custom-browser-xss-value": z.string().optional().describe(header("customBrowserXSSValue")),
  "content-security-policy": z.string().optional().describe(header("contentSecurityPolicy")),
  "public-key": z.string().optional().describe(header("publicKey")),
  "referrer-policy": z.string().optional().describe(header("referrerPolicy")),
  "is-development": z.boolean().optional().describe(header("isDevelopment")),
});

/** The annotations of one Ingress, read. */
export type LegacyIngress = z.infer<typeof legacyIngress>;
