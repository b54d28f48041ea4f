// What a build needs besides the configuration.

import type { ClientTls, RouterTls } from "../config/dynamic-tls.ts";
import type { Handler } from "../http/handler.ts";
import type { Meter } from "../http/sample.ts";
import type { MiddlewareDefinition } from "../middleware/middleware.ts";
import type { Deadlines } from "../net/deadlines.ts";
import type { Runtime } from "../net/runtime.ts";
import type { StateStore } from "../net/state.ts";
import type { TlsIdentity } from "../net/tls.ts";
import type { RuleSyntax } from "../rule/tree.ts";
import type { Http1TransportOptions } from "../service/http1-transport.ts";
import type { TcpMeter, TcpTransport } from "../service/tcp/tcp-transport.ts";
import type { Logger } from "../telemetry/logger.ts";

/** What routing needs to know of an entry point. */
export interface EntryPointFacts {
  readonly name: string;
  /** Serves routers that name no entry point. */
  readonly isDefault: boolean;
  /** Qualified names of the middlewares put before each router's own. */
  readonly middlewares: readonly string[];
  /** Default: `tcp`. */
  readonly protocol?: "tcp" | "udp";
  /** TLS wishes of routers that have none of their own. */
  readonly tls?: RouterTls;
}

/** Where counters come from; absent when metrics are off. */
export interface BuildMeters {
  router(router: string, service: string): Meter | undefined;
  service(service: string): Meter | undefined;
  serverUp(service: string, url: string, up: boolean): void;
  /** Of a service of TCP or UDP. */
  l4Service?(service: string, protocol: "tcp" | "udp"): TcpMeter | undefined;
}

/** Everything else a build uses. */
export interface BuildContext {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly state: StateStore;
  readonly deadlines: Deadlines;
  /** Asked at each build: entry points may be opened later. */
  entryPoints(): readonly EntryPointFacts[];
  readonly defaultSyntax: RuleSyntax;
  readonly middlewares: ReadonlyMap<string, MiddlewareDefinition>;
  /** Services weir has itself: `api@internal`, `ping@internal`, … */
  readonly internalServices: ReadonlyMap<string, Handler>;
  readonly transport: Http1TransportOptions;
  /** TLS towards servers where no transport says otherwise. Default: the system's authorities, and the servers' names. */
  clientTls?(): ClientTls | undefined;
  /** The same of TCP servers that are spoken to in TLS. */
  tcpClientTls?(): ClientTls | undefined;
  /** How TCP servers are reached where no transport says otherwise. Default: Traefik's documented values. */
  readonly tcpTransport?: Partial<TcpTransport>;
  readonly meters: BuildMeters | undefined;
  /** Whether the access log shows headers, so that they are copied before middlewares change them. Default: false. */
  readonly keepsHeaders?: boolean;
  /** Shown to clients that no configured certificate is for; asked at each build. Default: such clients are refused. */
  defaultIdentity?(): TlsIdentity | undefined;
  /** Whether TLS is spoken at all: behind a server that does, it is not. Default: true. */
  readonly terminatesTls?: boolean;
  /** Files that the configuration names were not read, and are taken for sound: a trial on another machine. */
  readonly assumesFiles?: boolean;
}
