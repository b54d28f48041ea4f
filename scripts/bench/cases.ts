// The benchmark's cases: what is asked of each proxy.

/** One case. */
export interface BenchCase {
  readonly name: string;
  /** Host routers in the proxy's configuration; the request goes to one in the middle. */
  readonly hosts: number;
  /** At the origin. */
  readonly path: string;
  /** Body bytes of a POST; 0: GET. */
  readonly postBytes: number;
  /** `load`: by wrk; `idle`: memory of idle connections; the others: bytes of a TCP route, from or to the server. */
  readonly kind: "load" | "idle" | "download" | "upload";
  /** By HTTPS. */
  readonly isTls?: boolean;
  /** In HTTP/2, by h2load instead of wrk. */
  readonly isHttp2?: boolean;
}

/** Keep-alive connections that each sent one request and then rest. */
export const IDLE_CONNECTIONS = 1000;

/** Connections that load a proxy at the same time. */
export const LOAD_CONNECTIONS = 64;

/** Connections of a TCP route that carry bytes at the same time. */
export const TRANSFER_CONNECTIONS = 8;

/** Sizes of the origin's files by path. */
export const files: Readonly<Record<string, number>> = { "/10k": 10_240, "/1m": 1_048_576, "/64m": 67_108_864 };

/** What `/small` answers: 43 bytes, as a short JSON answer has. */
export const SMALL_BODY = '{"message":"hello from the origin","id":17}';

/** All cases, in the order of the report. */
export const cases: readonly BenchCase[] = [
  { name: "get-small", hosts: 1, path: "/small", postBytes: 0, kind: "load" },
  { name: "get-small-tls", hosts: 1, path: "/small", postBytes: 0, kind: "load", isTls: true },
  { name: "get-small-h2", hosts: 1, path: "/small", postBytes: 0, kind: "load", isTls: true, isHttp2: true },
  { name: "get-10k-tls", hosts: 1, path: "/10k", postBytes: 0, kind: "load", isTls: true },
  { name: "get-small-1000-hosts", hosts: 1000, path: "/small", postBytes: 0, kind: "load" },
  { name: "get-10k", hosts: 1, path: "/10k", postBytes: 0, kind: "load" },
  { name: "get-1m", hosts: 1, path: "/1m", postBytes: 0, kind: "load" },
  { name: "post-10k", hosts: 1, path: "/sink", postBytes: 10_240, kind: "load" },
  { name: "tcp-throughput", hosts: 1, path: "/64m", postBytes: 0, kind: "download" },
  { name: "tcp-throughput-up", hosts: 1, path: "", postBytes: 0, kind: "upload" },
  { name: "idle-1000", hosts: 1, path: "/small", postBytes: 0, kind: "idle" },
];

/** @returns the host names that a proxy routes in a case */
export function hostNames(each: BenchCase): readonly string[] {
  return Array.from({ length: each.hosts }, (_, at) => `host-${at}.bench.test`);
}

/** @returns the host that the requests of a case name: one in the middle of its routers */
export function requestHost(each: BenchCase): string {
  return `host-${Math.floor(each.hosts / 2)}.bench.test`;
}
