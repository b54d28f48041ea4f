// How the servers of a service are reached: in the clear, over TLS, in HTTP/1.1 or HTTP/2, as each one's URL says.

import type { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { Deadlines } from "../net/deadlines.ts";
import { ProxyError } from "../net/error.ts";
import type { Dialler } from "./http1-transport.ts";
import { Http1Transport } from "./http1-transport.ts";
import type { Http2TransportOptions } from "./http2-transport.ts";
import { Http2Transport } from "./http2-transport.ts";
import { NegotiatedTransport, ONLY_HTTP1 } from "./negotiated-transport.ts";
import type { ServerTls } from "./server-tls.ts";
import type { Target, Transport } from "./transport.ts";

/** A serversTransport, ready for use. */
export interface ServerTransportOptions extends Http2TransportOptions {
  /** Servers over TLS are not offered HTTP/2. Those of the scheme `h2c` speak nothing else. */
  readonly disableHttp2: boolean;
}

/** What HTTP/2 connections do when nothing else is said: no signs of life are asked for. */
export const defaultPing = { readIdleTimeoutMs: 0, pingTimeoutMs: 15_000 } as const;

/** See the file's sentence. Lives across reloads, so that its connections do. */
export class ServerTransport implements Transport {
  readonly #plain: Http1Transport;
  readonly #prior: Http2Transport;
  readonly #secure: Http1Transport | NegotiatedTransport;

  constructor(runtime: Dialler, deadlines: Deadlines, options: ServerTransportOptions, tls: ServerTls) {
    this.#plain = new Http1Transport(runtime, deadlines, options);
    this.#prior = new Http2Transport(runtime, deadlines, options);
    this.#secure = options.disableHttp2
      ? new Http1Transport(runtime, deadlines, options, (host) => tls.of(host, ONLY_HTTP1))
      : new NegotiatedTransport(runtime, deadlines, options, tls);
  }

  send(request: ProxyRequest, target: Target): Promise<ProxyResponse> {
    if (target.protocol === undefined || target.protocol === "http") return this.#plain.send(request, target);
    if (target.protocol === "https") return this.#secure.send(request, target);
    return request.upgrade === undefined ? this.#prior.send(request, target) : Promise.reject(noUpgrade(target));
  }

  /** Closes connections when they have nothing more to do. */
  dispose(): void {
    this.#plain.dispose();
    this.#prior.dispose();
    this.#secure.dispose();
  }
}

function noUpgrade({ url }: Target): ProxyError {
  const message = `the server ${url} speaks HTTP/2 only, in which a connection can't change its protocol`;
  return new ProxyError(message, { code: "no-upgrade", source: "upstream", status: 502, retry: "unsent" });
}
