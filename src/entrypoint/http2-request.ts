// From the head of an HTTP/2 stream to the request that handlers see: the same that HTTP/1 would have made of it.

import type { Body } from "../http/body.ts";
import { ProxyRequest } from "../http/request.ts";
import type { Http2RequestHead } from "../http2/request-head.ts";
import { toHeaderList } from "../http2/request-head.ts";
import type { Http2Connection } from "./http2-connection.ts";

const KEY_BYTES = 16;

/**
 * Makes the request and puts weir's forwarded headers on it. An extended CONNECT becomes the GET with `upgrade` that
 * handlers and HTTP/1.1 backends know; what its client says is the tunnel's, not a body.
 * @throws {ProxyError} 400 when a header name is rejected
 */
export function createHttp2Request(
  head: Http2RequestHead,
  body: Body | undefined,
  connection: Http2Connection,
): ProxyRequest {
  const { options } = connection;
  const { remote, local } = connection.connection;
  const headers = toHeaderList(head);
  if (head.teTrailers) headers.append("te", "trailers"); // the one value that concerns more than this hop
  if (head.protocol === "websocket") headers.set("Sec-WebSocket-Key", createKey());
  connection.forwarded.apply(headers, head.authority, head.protocol);
  const request = new ProxyRequest({
    method: head.protocol === undefined ? head.method : "GET",
    scheme: options.policy.scheme,
    authority: head.authority,
    rawTarget: head.rawTarget,
    path: head.path,
    search: options.encodeQuerySemicolons ? head.search.replaceAll(";", "%3B") : head.search,
    protocol: "HTTP/2.0",
    headers,
    body: head.protocol === undefined ? body : undefined,
    remote,
    local,
    entryPoint: options.entryPoint,
    tls: connection.tls,
    startedAt: performance.now(),
  });
  request.upgrade = head.protocol;
  request.appendsForwardedFor = options.appendsForwardedFor;
  return request;
}

/** HTTP/2 has no such key, RFC 8441 §5.1; an HTTP/1.1 backend wants one. */
function createKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(KEY_BYTES))));
}
