// Ports for UDP: a socket that many clients write to, and a channel to one server.

import type { Address } from "./connection.ts";
import type { ProxyError } from "./error.ts";

/** Where to receive datagrams. */
export interface DatagramOptions {
  /** Host name or IP; empty string: all addresses, IPv6 and IPv4. */
  readonly host: string;
  /** 0 to 65535; 0 takes a free port. */
  readonly port: number;
}

/** What a {@link DatagramSocket} tells its owner. */
export interface DatagramHandler {
  /**
   * A datagram came. The bytes belong to the receiver.
   * @param local where the client sent it to: `send` takes it as `from`, so that the answer comes from there
   */
  message(bytes: Uint8Array, remote: Address, local: Address): void;
  /** The socket can't go on, and is closed. Single datagrams that the system refuses are not reported. */
  fail(error: ProxyError): void;
}

/** An open UDP port. */
export interface DatagramSocket {
  readonly host: string;
  /** The real port, also when 0 was asked for. */
  readonly port: number;
  /** Addresses it receives on; those that know which one a client wrote to are not wildcards. */
  readonly locals: readonly Address[];
  /**
   * Sends one datagram; what the system has no room for is lost, as anywhere on the way.
   * @param from a `local` that `message` told; default: the system's choice
   */
  send(bytes: Uint8Array, to: Address, from?: Address): void;
  /** Resolves when the port is free. */
  close(): Promise<void>;
}

/** What a {@link DatagramChannel} tells its owner. Calls never come after `close`. */
export interface DatagramChannelHandler {
  /** A datagram of the server. The bytes belong to the receiver. */
  message(bytes: Uint8Array): void;
  /**
   * The server refuses datagrams (`connect-refused`), its name does not resolve (`dns-failure`), or the system failed
   * (`connect-failed`). The channel is closed.
   */
  fail(error: ProxyError): void;
}

/** A UDP socket that talks to one server only. */
export interface DatagramChannel {
  /** Sends one datagram; those sent before the socket is ready are kept, up to a bound. */
  send(bytes: Uint8Array): void;
  /** Nothing is reported afterwards. */
  close(): void;
}
