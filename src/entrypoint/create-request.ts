// From a parsed head to the request that handlers see.

import type { Body } from "../http/body.ts";
import type { ForwardedHeaders } from "../http/forwarded.ts";
import type { TlsInfo } from "../http/request.ts";
import { ProxyRequest } from "../http/request.ts";
import type { RequestHead } from "../http1/request-head.ts";
import type { Connection } from "../net/connection.ts";
import type { Http1Options } from "./http1-server.ts";

/** Where a request came from. */
export interface RequestOrigin {
  readonly connection: Connection;
  readonly forwarded: ForwardedHeaders;
  readonly options: Http1Options;
  readonly tls: TlsInfo | undefined;
}

/**
 * Makes the request and puts weir's forwarded headers on it.
 * @throws {ProxyError} 400 when a header name is rejected
 */
export function createRequest(head: RequestHead, body: Body | undefined, origin: RequestOrigin): ProxyRequest {
  const { options } = origin;
  const { remote, local } = origin.connection;
  if (head.teTrailers) head.headers.append("Te", "trailers"); // the one value that concerns more than this hop
  const upgrade = head.upgrade === undefined ? undefined : upgradeOf(head, head.upgrade, options);
  origin.forwarded.apply(head.headers, head.authority, upgrade);
  const request = new ProxyRequest({
    method: head.method,
    scheme: options.policy.scheme,
    authority: head.authority,
    rawTarget: head.rawTarget,
    path: head.path,
    search: options.encodeQuerySemicolons ? head.search.replaceAll(";", "%3B") : head.search,
    protocol: head.protocol,
    headers: head.headers,
    body,
    remote,
    local,
    entryPoint: options.entryPoint,
    tls: origin.tls,
    startedAt: performance.now(),
  });
  request.upgrade = upgrade;
  request.appendsForwardedFor = options.appendsForwardedFor;
  return request;
}

/**
 * A wish that can't be granted is ignored, as RFC 9110 §7.8 allows: HTTP/1.0 has none, what follows a body is not the
 * new protocol's yet, and RFC 6455 §4.1 knows GET only.
 */
function upgradeOf(head: RequestHead, token: string, { upgrades }: Http1Options): string | undefined {
  if (head.protocol !== "HTTP/1.1" || head.hasBody || !upgrades.has(token)) return undefined;
  return token === "websocket" && head.method !== "GET" ? undefined : token;
}
