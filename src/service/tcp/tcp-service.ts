// What a TCP service is to those who give it connections, and what it is built with.

import type { Deadlines } from "../../net/deadlines.ts";
import type { Runtime } from "../../net/runtime.ts";
import type { TcpHandler } from "../../net/tcp-session.ts";
import type { ServiceContext, ServiceProblem } from "../context.ts";
import type { TcpMeter, TcpTransport } from "./tcp-transport.ts";

/** A built TCP service: a handler that knows whether it can serve. */
export interface TcpService {
  /** Display name, as logs and metrics show it, with `@provider`. */
  readonly name: string;
  readonly handler: TcpHandler;
  /** True while at least one server can take a connection; a weighted parent skips it otherwise. */
  available(): boolean;
  /** Server address → state, for the API; empty for services that have no servers of their own. */
  serverStatus(): Readonly<Record<string, "UP" | "DOWN">>;
}

/** What a TCP service may use while it is built and while it serves. */
export interface TcpServiceContext
  extends Pick<ServiceContext, "name" | "logger" | "state" | "now" | "random" | "after" | "onServerStatus"> {
  readonly runtime: Runtime;
  readonly deadlines: Deadlines;
  readonly transport: TcpTransport;
  readonly meter: TcpMeter;
  /**
   * The service a configuration refers to by that name.
   * @throws {ProxyError} when there is none, or it can't be built, or refers back to this one
   */
  child(name: string): TcpService;
}

/** A TCP service, and what had to be left out of it. */
export interface BuiltTcpService {
  readonly service: TcpService;
  readonly problems: readonly ServiceProblem[];
}
