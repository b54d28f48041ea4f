// Who is measured: the peers from Debian, and weir on each runtime.

import { caddy } from "./proxies/caddy.ts";
import { haproxy, haproxyTcp } from "./proxies/haproxy.ts";
import { nginx } from "./proxies/nginx.ts";
import { weir, weirTcp } from "./proxies/weir.ts";

/** What a proxy is given: where to listen, what to route and where to. */
export interface Site {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly originPort: number;
  readonly hosts: readonly string[];
  /** A private folder, for configuration and scratch files. */
  readonly folder: string;
  /** Present: it listens for HTTPS. */
  readonly tls?: SiteTls;
}

/** PEM files of a site's certificate. */
export interface SiteTls {
  readonly cert: string;
  readonly key: string;
  /** Certificate and key, as HAProxy wants them. */
  readonly both: string;
}

/** How a proxy is started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Writes a proxy's configuration for a site, and tells how to start it. */
export type Prepare = (site: Site) => Launch;

/** One row of the report. */
export interface Contender {
  readonly proxy: string;
  /** weir's runtime; `native` for the peers. */
  readonly runtime: string;
  readonly prepare: Prepare;
  /** The same for TCP to the origin, whatever the bytes are; absent: it has none, as it comes from Debian. */
  readonly prepareTcp?: Prepare;
}

const PEERS: readonly Contender[] = [
  { proxy: "nginx", runtime: "native", prepare: nginx },
  { proxy: "haproxy", runtime: "native", prepare: haproxy, prepareTcp: haproxyTcp },
  { proxy: "caddy", runtime: "native", prepare: caddy },
];

/** Names of the proxies that weir is compared with. */
export const peers: readonly string[] = PEERS.map((peer) => peer.proxy);

/** @returns the peers among `proxies`, and weir on each of `runtimes` when `proxies` names it */
export function contenders(proxies: readonly string[], runtimes: readonly string[]): readonly Contender[] {
  const chosen = PEERS.filter((peer) => proxies.includes(peer.proxy));
  if (!proxies.includes("weir")) return chosen;
  const ours = runtimes.map((runtime) => {
    return { proxy: "weir", runtime, prepare: weir(runtime), prepareTcp: weirTcp(runtime) };
  });
  return [...chosen, ...ours];
}

/** @returns `weir (bun)`, `nginx` */
export function titleOf(contender: Pick<Contender, "proxy" | "runtime">): string {
  return contender.runtime === "native" ? contender.proxy : `${contender.proxy} (${contender.runtime})`;
}
