// Sending one request to one server: the interface between balancing and the wire.

import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";

/** How a server is spoken to: in the clear, over TLS, or HTTP/2 in the clear with prior knowledge. */
export type ServerProtocol = "http" | "https" | "h2c";

/** A server as the wire sees it, worked out once when the service is built. */
export interface Target {
  /** The server's URL as configured. */
  readonly url: string;
  /** Default: `http`. */
  readonly protocol?: ServerProtocol;
  readonly host: string;
  readonly port: number;
  /** `host:port` as a Host header has it (default ports left out). */
  readonly authority: string;
  /** Path put before the request's path (`preservePath`), without trailing slash; usually empty. */
  readonly pathPrefix: string;
  /** True: the client's Host goes on; false: the target's authority is sent. */
  readonly passHostHeader: boolean;
}

/** Pools of connections to servers, and the settings they share. */
export interface Transport {
  /**
   * Sends a request and resolves when the head of the final answer has arrived.
   * Rejects with a `ProxyError` whose `retry` says whether another server may be tried; the request's body
   * is untouched when it says `unsent`. The transport itself repeats on a fresh connection when a pooled one
   * turns out stale and that is safe.
   */
  send(request: ProxyRequest, target: Target): Promise<ProxyResponse>;
}
