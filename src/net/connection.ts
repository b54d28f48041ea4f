// What the core sees of a socket: one callback handler, writes with backpressure, and lazy Web Streams.

import type { ProxyError } from "./error.ts";

/** One end of a connection. */
export interface Address {
  /** Textual IP, IPv4-mapped IPv6 already unwrapped, without zone and brackets. */
  readonly ip: string;
  /** 0 to 65535. */
  readonly port: number;
}

/** What a connection tells its owner. Calls never overlap and never come after `close`. */
export interface ConnectionHandler {
  /**
   * Bytes arrived. The chunk belongs to the receiver, who may keep it.
   * After `pause()` at most one more chunk is delivered.
   */
  data(chunk: Uint8Array): void;
  /** A write returned false before, and everything has now been handed to the system. */
  drain(): void;
  /** The peer sent FIN: no more `data`. Writing stays possible. */
  end(): void;
  /** Both directions are over; `error` tells why when it was not an orderly end. Called exactly once. */
  close(error?: ProxyError): void;
}

/** An accepted or dialled byte stream: TCP now, TLS later. */
export interface Connection {
  readonly remote: Address;
  readonly local: Address;
  /** Bytes accepted by `write` and not yet handed to the system. */
  readonly pending: number;
  /** True after `close` was, or is about to be, reported. */
  readonly closed: boolean;
  /** Sets who is told. An accepted connection reads nothing before its first handler is set. */
  handle(handler: ConnectionHandler): void;
  /**
   * Sends bytes, or a string of latin1 characters (one byte each).
   * @returns false when the owner should stop until `drain`. Nothing is lost either way.
   */
  write(data: Uint8Array | string): boolean;
  /** Sends a latin1 head and its body's first bytes together, in one system call where possible. */
  writeTogether(head: string, body: Uint8Array): boolean;
  /** Stops reading, so that the peer's sending window closes. */
  pause(): void;
  /** Reads again. */
  resume(): void;
  /** Sends FIN once everything written has left. Reading goes on. */
  end(): void;
  /** Drops everything and sends RST, so that the peer knows it was cut. */
  reset(): void;
  /** Drops everything without RST semantics being asked for: for connections whose peer is owed nothing. */
  destroy(): void;
  /** The connection as Web Streams, made when first asked for; it becomes the connection's handler. */
  readonly streams: ConnectionStreams;
}

/** Both directions as Web Streams; errors of the connection become stream errors. */
export interface ConnectionStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}
