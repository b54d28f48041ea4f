// A handler on an address: what those who serve something besides entry points need of an HTTP server.

import type { TcpHandler } from "../net/tcp-session.ts";
import type { Handler } from "./handler.ts";

/** An open server. */
export interface ServedHttp {
  /** The real port, also when 0 was asked for. */
  readonly port: number;
  /** Accepts no more, lets requests under way finish for a moment, and frees the port. */
  close(): Promise<void>;
}

/** Where to serve, and what besides HTTP. */
export interface HttpServeOptions {
  readonly host: string;
  readonly port: number;
  /** Gets connections that do not begin as HTTP requests do. Default: they are refused as malformed. */
  readonly otherwise?: TcpHandler;
}

/** Serves HTTP/1.1 on an address. */
export type HttpServe = (options: HttpServeOptions, handler: Handler) => Promise<ServedHttp>;
