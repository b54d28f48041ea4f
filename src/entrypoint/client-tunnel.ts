// A client's connection after its protocol was changed: bytes both ways, until both sides have ended.

import type { ProxyRequest } from "../http/request.ts";
import { TunnelEnd } from "../http/tunnel-end.ts";
import type { UpgradeResponse } from "../http/upgrade.ts";
import { upgradeHead } from "../http1/write.ts";
import type { Connection } from "../net/connection.ts";
import { ProxyError } from "../net/error.ts";
import type { Http1Server, Served } from "./http1-server.ts";

/** What the client's connection was doing until now. */
export interface TunnelStart {
  readonly connection: Connection;
  readonly request: ProxyRequest;
  readonly response: UpgradeResponse;
  /** What the client sent before it had the answer. */
  readonly early: Uint8Array | undefined;
  /** The client has sent FIN already. */
  readonly ended: boolean;
}

/** Takes a connection over from the one that read its requests. */
export class ClientTunnel implements Served {
  readonly #server: Http1Server;
  readonly #start: TunnelStart;
  #end: TunnelEnd | undefined = undefined;

  constructor(server: Http1Server, start: TunnelStart) {
    this.#server = server;
    this.#start = start;
  }

  /** Writes the answer's head, then joins both directions. */
  begin(): void {
    const { connection, response, early, ended } = this.#start;
    const { deadlines, options } = this.#server;
    connection.write(upgradeHead(response.headers, response.protocol));
    const over = (error: ProxyError | undefined): void => this.#over(error);
    const end = new TunnelEnd({ connection, deadlines, idleMs: options.timeouts.tunnelIdleMs, over });
    this.#end = end;
    if (early !== undefined) end.data(early);
    if (ended) end.end();
    if (response.body !== undefined) end.connect(response.body);
    response.connect(end.body);
  }

  /** Nobody can say when a conversation has come to a good point: it has the whole time of grace. */
  drainAndClose(): void {
    // ends by itself, or by `destroy`
  }

  destroy(): void {
    const reason = { code: "shut-down", source: "internal", status: 503 } as const;
    this.#end?.cut(new ProxyError("the time of grace for tunnels is over", reason));
  }

  #over(error: ProxyError | undefined): void {
    const { request, response } = this.#start;
    if (error !== undefined) request.record.errorCode = error.code;
    this.#server.forget(this);
    this.#server.options.finished(request, {
      status: response.status,
      headers: response.headers,
      requestBytes: this.#end?.received ?? 0,
      responseBytes: this.#end?.sent ?? 0,
    });
  }
}
