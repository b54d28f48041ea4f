// What became of each configured part: for the API, the log, and whoever asks why a request got a 404.

import type { HttpMiddleware, HttpRouter, HttpService } from "../config/dynamic.ts";
import type { TcpMiddleware, TcpRouter, TcpService } from "../config/dynamic-tcp.ts";
import type { UdpRouter, UdpService } from "../config/dynamic-udp.ts";
import type { Merged } from "../config/merge-section.ts";
import type { Part } from "../config/dynamic-part.ts";
import type { CertificateStatus } from "./certificate-status.ts";

/** `warning`: in force, but not as configured. */
export type PartState = "enabled" | "warning" | "disabled";

/** What became of a part. */
export interface Verdict {
  state: PartState;
  readonly errors: string[];
}

/** A part and what became of it. */
export interface PartStatus<T> extends Verdict {
  /** `name@provider`, unique. */
  readonly key: string;
  /** `display-name@provider`, as Traefik shows it. */
  readonly name: string;
  readonly provider: string;
  readonly config: T;
}

/** The status of a router of any protocol. */
export interface RoutingPartStatus<T> extends PartStatus<T> {
  /** Entry points that have it. */
  readonly using: string[];
  /** In force; the configured one, or the length of the rule. UDP has none: 0. */
  priority: number;
}

/** The status of a part that routers use. */
export interface UsedPartStatus<T> extends PartStatus<T> {
  /** Names of routers. */
  readonly usedBy: readonly string[];
}

/** A router's status. */
export type RouterStatus = RoutingPartStatus<Merged<HttpRouter>>;

/** A service's status. */
export interface ServiceStatus extends UsedPartStatus<Merged<HttpService>> {
  /** Server URL → state; asked when shown. */
  serverStatus(): Readonly<Record<string, "UP" | "DOWN">>;
}

/** A middleware's status. */
export type MiddlewareStatus = UsedPartStatus<Merged<HttpMiddleware>>;

/** Status of everything. */
export interface RoutingStatus {
  readonly routers: readonly RouterStatus[];
  readonly services: readonly ServiceStatus[];
  readonly middlewares: readonly MiddlewareStatus[];
  readonly tcp: TcpStatus;
  readonly udp: UdpStatus;
  /** Name of TLS options for people, by their key. */
  readonly tlsOptionsName: (key: string) => string;
  /** Certificates that clients are shown, without the one that weir makes itself. */
  readonly certificates: readonly CertificateStatus[];
}

/** A TCP service's status. */
export interface TcpServiceStatus extends UsedPartStatus<Merged<TcpService>> {
  /** Server address → state; asked when shown. */
  serverStatus(): Readonly<Record<string, "UP" | "DOWN">>;
}

/** Status of the TCP parts. */
export interface TcpStatus {
  readonly routers: readonly RoutingPartStatus<Merged<TcpRouter>>[];
  readonly services: readonly TcpServiceStatus[];
  readonly middlewares: readonly UsedPartStatus<Merged<TcpMiddleware>>[];
}

/** Status of the UDP parts. */
export interface UdpStatus {
  readonly routers: readonly RoutingPartStatus<Merged<UdpRouter>>[];
  readonly services: readonly UsedPartStatus<Merged<UdpService>>[];
}

/** Marks a part; a worse state stays. */
export function degrade(verdict: Verdict, state: "warning" | "disabled", message: string): void {
  if (verdict.state !== "disabled") verdict.state = state;
  verdict.errors.push(message);
}

/** Name of a part for people: `display-name@provider`. */
export function nameOf({ displayName, provider }: Merged<Part>): string {
  return `${displayName}@${provider}`;
}

/** The status of a router that nothing is known of yet. */
export function newRoutingStatus<T extends Part>(key: string, config: Merged<T>): RoutingPartStatus<Merged<T>> {
  const { provider } = config;
  return { key, name: nameOf(config), provider, config, state: "enabled", errors: [], using: [], priority: 0 };
}

/** The status of a part that routers use, nothing being wrong with it. */
export function newUsedStatus<T extends Part>(
  key: string,
  config: Merged<T>,
  usedBy: readonly string[],
  verdict: Verdict | undefined,
): UsedPartStatus<Merged<T>> {
  const { state = "enabled", errors = [] } = verdict ?? {};
  return { key, name: nameOf(config), provider: config.provider, config, state, errors, usedBy };
}
