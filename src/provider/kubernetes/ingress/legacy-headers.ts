// Traefik 1's header annotations → one headers middleware.

import type { LegacyIngress } from "./legacy-ingress.ts";
import type { Drafts, LegacyPath } from "./legacy-middleware.ts";

/** Annotation → option of the headers middleware. */
const headerOptions = {
  "custom-request-headers": "customRequestHeaders",
  "custom-response-headers": "customResponseHeaders",
  "allowed-hosts": "allowedHosts",
  "proxy-headers": "hostsProxyHeaders",
  "ssl-proxy-headers": "sslProxyHeaders",
  "hsts-max-age": "stsSeconds",
  "hsts-include-subdomains": "stsIncludeSubdomains",
  "hsts-preload": "stsPreload",
  "force-hsts": "forceSTSHeader",
  "frame-deny": "frameDeny",
  "custom-frame-options-value": "customFrameOptionsValue",
  "content-type-nosniff": "contentTypeNosniff",
  "browser-xss-filter": "browserXssFilter",
  "custom-browser-xss-value": "customBrowserXSSValue",
  "content-security-policy": "contentSecurityPolicy",
  "public-key": "publicKey",
  "referrer-policy": "referrerPolicy",
  "is-development": "isDevelopment",
} as const satisfies Partial<Record<keyof LegacyIngress, string>>;

/** All of them together. */
export function headers({ options }: LegacyPath): Drafts {
  const given = Object.entries(options).flatMap(([annotation, value]) =>
    value !== undefined && isHeaderAnnotation(annotation) ? [{ annotation, value }] : []
  );
  const [first] = given;
  if (first === undefined) return [];
  const values = Object.fromEntries(given.map(({ annotation, value }) => [headerOptions[annotation], value]));
  return [{ name: "headers", kind: "headers", options: values, annotation: first.annotation }];
}

function isHeaderAnnotation(name: string): name is keyof typeof headerOptions {
  return Object.hasOwn(headerOptions, name);
}
