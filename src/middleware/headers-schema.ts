// Options of the `headers` middleware: Traefik's names and defaults.

import * as z from "zod";

const headerMap = z.record(z.string(), z.string());
const texts = z.array(z.string());
const flag = (text: string) => z.boolean().default(false).describe(text);
const text = (about: string) => z.string().default("").describe(about);
const list = (about: string) => texts.default([]).describe(about);
const deprecated = "Deprecated and without effect.";

/** All options. Everything is off by default. */
export const headersSchema = z.strictObject({
  customRequestHeaders: headerMap.default({}).describe(
    "Headers set on the request; an empty value deletes the header.",
  ),
  customResponseHeaders: headerMap.default({}).describe(
    "Headers set on the answer; an empty value deletes the header.",
  ),

  accessControlAllowCredentials: flag("CORS: the answer may be read when the request carried credentials."),
  accessControlAllowHeaders: list("CORS: request headers a page may send."),
  accessControlAllowMethods: list("CORS: methods a page may use."),
  accessControlAllowOriginList: list("CORS: origins that may read answers; `*` is any."),
  accessControlAllowOriginListRegex: list("CORS: origins that may read answers, as regular expressions."),
  accessControlExposeHeaders: list("CORS: answer headers a page may read."),
  accessControlMaxAge: z.int().min(0).default(0).describe("CORS: seconds a browser may remember a preflight's answer."),
  addVaryHeader: flag("CORS: add `Vary: Origin`, so that caches keep the answers of different origins apart."),

  allowedHosts: list("Host names that are served; requests for others get a 500. Empty: all."),
  hostsProxyHeaders: list("Request headers that may hold the host name the client really asked for."),
  sslProxyHeaders: headerMap.default({}).describe("Request headers and the values that tell that the client used TLS."),
  stsSeconds: z.int().min(0).default(0).describe("`max-age` of Strict-Transport-Security; 0: the header is not sent."),
  stsIncludeSubdomains: flag("Add `includeSubDomains` to Strict-Transport-Security."),
  stsPreload: flag("Add `preload` to Strict-Transport-Security."),
  forceSTSHeader: flag("Send Strict-Transport-Security without TLS, too."),
  frameDeny: flag("Send `X-Frame-Options: DENY`."),
  customFrameOptionsValue: text("Value of X-Frame-Options; wins over `frameDeny`."),
  contentTypeNosniff: flag("Send `X-Content-Type-Options: nosniff`."),
  browserXssFilter: flag("Send `X-XSS-Protection: 1; mode=block`."),
  customBrowserXSSValue: text("Value of X-XSS-Protection; wins over `browserXssFilter`."),
  contentSecurityPolicy: text("Value of Content-Security-Policy."),
  contentSecurityPolicyReportOnly: text("Value of Content-Security-Policy-Report-Only."),
  publicKey: text("Value of Public-Key-Pins, sent over TLS only."),
  referrerPolicy: text("Value of Referrer-Policy."),
  permissionsPolicy: text("Value of Permissions-Policy."),
  isDevelopment: flag("Switches allowed hosts, Strict-Transport-Security and Public-Key-Pins off."),

  featurePolicy: z.string().optional().describe(`${deprecated} Use \`permissionsPolicy\`.`),
  sslRedirect: z.boolean().optional().describe(
    `${deprecated} Use a redirection of the entry point, or redirectScheme.`,
  ),
  sslTemporaryRedirect: z.boolean().optional().describe(`${deprecated} Use redirectScheme.`),
  sslHost: z.string().optional().describe(`${deprecated} Use redirectRegex.`),
  sslForceHost: z.boolean().optional().describe(`${deprecated} Use redirectRegex.`),
});

/** Options with their defaults filled in. */
export type HeadersOptions = z.output<typeof headersSchema>;

/** Options that are accepted for old configurations, and what does their work now. */
export const deprecatedOptions = {
  featurePolicy: "permissionsPolicy",
  sslRedirect: "entryPoints.<name>.http.redirections, or the redirectScheme middleware",
  sslTemporaryRedirect: "the redirectScheme middleware",
  sslHost: "the redirectRegex middleware",
  sslForceHost: "the redirectRegex middleware",
} as const;
