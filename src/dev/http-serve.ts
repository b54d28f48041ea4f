// The one thing the echo backends need of an HTTP server.

import type { Handler } from "../http/handler.ts";

/** An open server. */
export interface ServedHttp {
  /** The real port, also when 0 was asked for. */
  readonly port: number;
  /** Accepts no more, and frees the port. */
  close(): Promise<void>;
}

/** Serves HTTP/1.1 on an address. */
export type HttpServe = (
  options: { readonly host: string; readonly port: number },
  handler: Handler,
) => Promise<ServedHttp>;
