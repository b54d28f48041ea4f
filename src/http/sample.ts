// One finished request, as metrics count it; here because requests carry the meters they will be counted by.

/** What Traefik tells apart in the `protocol` label. */
export type RequestProtocol = "http" | "websocket" | "sse" | "grpc" | "grpc-web";

/** One finished request. */
export interface RequestSample {
  /** Sent to the client; 0 when none was. */
  readonly status: number;
  readonly method: string;
  readonly protocol: RequestProtocol;
  /** From the first byte of the request to the last of the answer. */
  readonly seconds: number;
  /** Bytes of the request's body. */
  readonly requestBytes: number;
  /** Bytes of the answer's body. */
  readonly responseBytes: number;
}

/** Counts finished requests: of an entry point, a router or a service. */
export interface Meter {
  observe(sample: RequestSample): void;
  /** Besides, of a request that came over TLS. */
  observeTls(version: string, cipher: string): void;
}
