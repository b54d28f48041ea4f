// What ends a connection or a stream before its time, as errors that know their HTTP/2 code.

import type { Retry } from "../net/error.ts";
import { ProxyError } from "../net/error.ts";
import { errorCode, errorName } from "./protocol.ts";

/** Which end of a connection this process is. */
export type Role = "server" | "client";

/** The connection can't go on: thrown while reading, told to the peer by GOAWAY. */
export class ConnectionFault extends ProxyError {
  /** One of {@link errorCode}. */
  readonly reason: number;

  constructor(role: Role, reason: number, detail: string) {
    super(`${detail} (${errorName(reason)})`, {
      code: reason === errorCode.enhanceYourCalm ? "http2-flood" : "http2-connection-error",
      source: role === "server" ? "downstream" : "upstream",
      status: role === "server" ? 400 : 502,
    });
    this.reason = reason;
  }
}

/** The peer broke a rule on one stream, which was reset for it. */
export function streamFault(role: Role, reason: number, detail: string): ProxyError {
  return new ProxyError(`${detail} (${errorName(reason)})`, {
    code: "http2-stream-error",
    source: role === "server" ? "downstream" : "upstream",
    status: role === "server" ? 400 : 502,
  });
}

/** The peer reset a stream. @param reason the code it gave */
export function streamReset(role: Role, reason: number): ProxyError {
  if (role === "server") {
    return new ProxyError(`the client cancelled the request (${errorName(reason)})`, {
      ...{ code: "client-gone", source: "downstream", status: 499 },
    });
  }
  const retry: Retry = reason === errorCode.refusedStream ? "unsent" : "idempotent";
  return new ProxyError(`the backend reset the stream (${errorName(reason)})`, {
    ...{ code: "stream-reset", source: "upstream", status: 502, retry },
  });
}

/** The backend's GOAWAY said that it did not look at this stream. */
export function streamUnprocessed(reason: number): ProxyError {
  return new ProxyError(`the backend is going away (${errorName(reason)})`, {
    ...{ code: "stream-refused", source: "upstream", status: 502, retry: "unsent" },
  });
}

/** weir itself ended a stream. */
export function streamAbandoned(reason: number): ProxyError {
  return new ProxyError(`the stream was given up (${errorName(reason)})`, {
    ...{ code: "stream-abandoned", source: "internal", status: 500 },
  });
}
