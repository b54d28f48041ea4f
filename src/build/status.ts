// What became of each configured part: for the API, the log, and whoever asks why a request got a 404.

import type { HttpMiddleware, HttpRouter, HttpService } from "../config/dynamic.ts";
import type { Merged } from "../config/merge.ts";

/** `warning`: in force, but not as configured. */
export type PartState = "enabled" | "warning" | "disabled";

/** A part and what became of it. */
export interface PartStatus<T> {
  /** `name@provider`, unique. */
  readonly key: string;
  /** `display-name@provider`, as Traefik shows it. */
  readonly name: string;
  readonly provider: string;
  readonly config: T;
  state: PartState;
  readonly errors: string[];
}

/** A router's status. */
export interface RouterStatus extends PartStatus<Merged<HttpRouter>> {
  /** Entry points that have it. */
  readonly using: string[];
  /** In force; the configured one, or the length of the rule. */
  priority: number;
}

/** A service's status. */
export interface ServiceStatus extends PartStatus<Merged<HttpService>> {
  /** Names of routers. */
  readonly usedBy: string[];
  /** Server URL → state; asked when shown. */
  serverStatus(): Readonly<Record<string, "UP" | "DOWN">>;
}

/** A middleware's status. */
export interface MiddlewareStatus extends PartStatus<Merged<HttpMiddleware>> {
  readonly usedBy: string[];
}

/** Status of everything. */
export interface RoutingStatus {
  readonly routers: readonly RouterStatus[];
  readonly services: readonly ServiceStatus[];
  readonly middlewares: readonly MiddlewareStatus[];
}

/** Marks a part; a worse state stays. */
export function degrade(status: PartStatus<unknown>, state: "warning" | "disabled", message: string): void {
  if (status.state !== "disabled") status.state = state;
  status.errors.push(message);
}
