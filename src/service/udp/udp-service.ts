// What a UDP service is to those who ask it for servers, and what it is built with.

import type { UdpHandler } from "../../net/udp-handler.ts";
import type { ServiceContext, ServiceProblem } from "../context.ts";
import type { TcpMeter } from "../tcp/tcp-transport.ts";

/** A built UDP service. */
export interface UdpService {
  /** Display name, as logs and metrics show it, with `@provider`. */
  readonly name: string;
  readonly handler: UdpHandler;
  /** True while at least one server can take a session; a weighted parent skips it otherwise. */
  available(): boolean;
}

/** What a UDP service may use while it is built and while it serves. */
export interface UdpServiceContext extends Pick<ServiceContext, "name" | "logger" | "state" | "now" | "random"> {
  readonly meter: TcpMeter;
  /**
   * The service a configuration refers to by that name.
   * @throws {ProxyError} when there is none, or it can't be built, or refers back to this one
   */
  child(name: string): UdpService;
}

/** A UDP service, and what had to be left out of it. */
export interface BuiltUdpService {
  readonly service: UdpService;
  readonly problems: readonly ServiceProblem[];
}
