// What a UDP entry point asks of a service: a server for each new session, and an ear for what becomes of it.

import type { Address } from "./connection.ts";
import type { ProxyError } from "./error.ts";

/** Chooses the server of a new session. @returns undefined: there is none, and the datagram is dropped */
export type UdpHandler = (client: { readonly remote: Address }) => UdpLease | undefined;

/** One session's hold on a server. */
export interface UdpLease {
  readonly host: string;
  readonly port: number;
  /** As configured, for the log. */
  readonly address: string;
  /** The service's counters of bytes from and to clients. */
  readonly received: { value: number };
  readonly sent: { value: number };
  /** The server answered. */
  answered(): void;
  /** The session is over. Called once. @param error the server refused it, or can't be reached */
  end(error?: ProxyError): void;
}
