// From a parsed head to the request that handlers see.

import type { Body } from "../http/body.ts";
import { setForwardedHeaders } from "../http/forwarded.ts";
import { ProxyRequest } from "../http/request.ts";
import type { RequestHead } from "../http1/request-head.ts";
import type { Connection } from "../net/connection.ts";
import type { Http1Options } from "./http1-server.ts";

/** Where a request came from. */
export interface RequestOrigin {
  readonly connection: Connection;
  /** The peer's forwarded headers are believed. */
  readonly trusted: boolean;
  readonly options: Http1Options;
}

/**
 * Makes the request and puts weir's forwarded headers on it.
 * @throws {ProxyError} 400 when a header name is rejected
 */
export function createRequest(head: RequestHead, body: Body | undefined, origin: RequestOrigin): ProxyRequest {
  const { options } = origin;
  const { policy, forwarded, entryPoint } = options;
  const { remote, local } = origin.connection;
  const { scheme } = policy;
  setForwardedHeaders(head.headers, {
    remoteIp: remote.ip,
    trusted: origin.trusted,
    secure: scheme === "https",
    authority: head.authority,
    upgrade: head.upgrade,
  }, forwarded);
  const request = new ProxyRequest({
    method: head.method,
    scheme,
    authority: head.authority,
    rawTarget: head.rawTarget,
    path: head.path,
    search: options.encodeQuerySemicolons ? head.search.replaceAll(";", "%3B") : head.search,
    protocol: head.protocol,
    headers: head.headers,
    body,
    remote,
    local,
    entryPoint,
    tls: undefined,
    startedAt: performance.now(),
  });
  request.upgrade = head.upgrade;
  request.appendsForwardedFor = options.appendsForwardedFor;
  return request;
}
