// The answer that changes a connection's protocol, and gives the two directions of the new one as bodies.

import type { Body } from "./body.ts";
import type { HeaderList } from "./header-list.ts";
import { ProxyResponse } from "./response.ts";

/** Whoever speaks the new protocol, on the server's side of it. */
export interface Tunnel {
  /** What it says. */
  readonly body: Body;
  /** Gives it what the client says. Called at most once. */
  connect(uplink: Body): void;
}

/** 101. Its `body` is what the server says from then on; cancelling that ends the conversation. */
export class UpgradeResponse extends ProxyResponse {
  /** The token of the new protocol, as the request asked for it. */
  readonly protocol: string;
  readonly #tunnel: Tunnel;

  /** @param headers without Connection and Upgrade, which whoever writes the answer adds */
  constructor(protocol: string, headers: HeaderList, tunnel: Tunnel) {
    super(101, headers, tunnel.body);
    this.protocol = protocol;
    this.#tunnel = tunnel;
  }

  /** Gives the server what the client says. */
  connect(uplink: Body): void {
    this.#tunnel.connect(uplink);
  }
}
