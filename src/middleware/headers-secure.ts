// The security half of the `headers` middleware: refuses unknown hosts, and tells browsers what they may do.

import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { textResponse } from "../http/response.ts";
import type { HeaderEdit } from "./header-edit.ts";
import { applyEdits, toHeaderValue } from "./header-edit.ts";
import type { HeadersOptions } from "./headers-schema.ts";

/** What the security options do to a request and to its answer. */
export interface Secure {
  /** The answer to a request for a host that is not allowed; undefined for any other. */
  refuse(request: ProxyRequest): ProxyResponse | undefined;
  /** @param overTls see {@link isOverTls}; taken from the request before others change it */
  mark(response: ProxyResponse, overTls: boolean): void;
  /** True when the client's connection is encrypted, as far as this process or the headers it trusts can tell. */
  isOverTls(request: ProxyRequest): boolean;
}

/**
 * @returns undefined when no security option is set
 * @throws {ProxyError} when a value can't be a header
 */
export function createSecure(options: HeadersOptions): Secure | undefined {
  const plain = headersOf(options, false);
  const overTls = headersOf(options, true);
  const hosts = options.isDevelopment ? [] : options.allowedHosts;
  if (overTls.length === 0 && hosts.length === 0) return undefined;
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));
  const hostKeys = options.hostsProxyHeaders.map((name) => name.toLowerCase());
  const tlsHeaders = Object.entries(options.sslProxyHeaders).map(([name, value]) =>
    [name.toLowerCase(), value] as const
  );
  return {
    refuse(request) {
      if (allowed.size === 0 || allowed.has(hostFor(request, hostKeys).toLowerCase())) return undefined;
      return textResponse(500, "Bad Host\n");
    },
    mark: (response, isTls) => applyEdits(response.headers, isTls ? overTls : plain),
    isOverTls: ({ tls, scheme, headers }) =>
      tls !== undefined || scheme === "https" || tlsHeaders.some(([key, value]) => headers.first(key) === value),
  };
}

function hostFor({ headers, authority }: ProxyRequest, hostKeys: readonly string[]): string {
  for (const key of hostKeys) {
    const host = headers.first(key) ?? "";
    if (host !== "") return host;
  }
  return headers.first("host") ?? authority;
}

function headersOf(options: HeadersOptions, overTls: boolean): readonly HeaderEdit[] {
  const { frameDeny, contentTypeNosniff, browserXssFilter, isDevelopment } = options;
  const isSts = options.stsSeconds !== 0 && !isDevelopment && (overTls || options.forceSTSHeader);
  const wanted: readonly (readonly [option: string, name: string, value: string])[] = [
    ["stsSeconds", "Strict-Transport-Security", isSts ? stsValue(options) : ""],
    ["customFrameOptionsValue", "X-Frame-Options", options.customFrameOptionsValue || (frameDeny ? "DENY" : "")],
    ["contentTypeNosniff", "X-Content-Type-Options", contentTypeNosniff ? "nosniff" : ""],
    [
      "customBrowserXSSValue",
      "X-XSS-Protection",
      options.customBrowserXSSValue || (browserXssFilter ? "1; mode=block" : ""),
    ],
    ["publicKey", "Public-Key-Pins", overTls && !isDevelopment ? options.publicKey : ""],
    ["contentSecurityPolicy", "Content-Security-Policy", options.contentSecurityPolicy],
    [
      "contentSecurityPolicyReportOnly",
      "Content-Security-Policy-Report-Only",
      options.contentSecurityPolicyReportOnly,
    ],
    ["referrerPolicy", "Referrer-Policy", options.referrerPolicy],
    ["permissionsPolicy", "Permissions-Policy", options.permissionsPolicy],
  ];
  return wanted.filter(([, , value]) => value !== "").map(([option, name, value]) => {
    return { name, value: toHeaderValue(`headers.${option}`, value) };
  });
}

function stsValue(options: HeadersOptions): string {
  const { stsSeconds, stsIncludeSubdomains, stsPreload } = options;
  return `max-age=${stsSeconds}${stsIncludeSubdomains ? "; includeSubDomains" : ""}${stsPreload ? "; preload" : ""}`;
}
