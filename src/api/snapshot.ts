// What the API shows: a picture of the configuration in force, taken when somebody asks.

import type { CertificateStatus } from "../build/certificate-status.ts";
import type { HttpService, Observability } from "../config/dynamic.ts";
import type { TcpService } from "../config/dynamic-tcp.ts";
import type { RouterTls, TcpRouterTls } from "../config/dynamic-tls.ts";
import type { UdpService } from "../config/dynamic-udp.ts";
import type { Problem } from "../schema/problem.ts";

/** `disabled`: it could not be built; `warning`: it works, but something about it is wrong. */
export type PartStatus = "enabled" | "disabled" | "warning";

/** What all parts have. Names are qualified: `default-wrr@kubernetescrd`. */
export interface ApiPart {
  readonly name: string;
  readonly status: PartStatus;
  /** What is wrong, one sentence each. */
  readonly errors: readonly string[];
}

/** What routers of all protocols have. */
export interface ApiRoutingPart extends ApiPart {
  readonly entryPoints: readonly string[];
  readonly service: string;
  /** Entry points it really serves. */
  readonly using: readonly string[];
}

/** What routers with rules have. */
export interface ApiRuledRouter extends ApiRoutingPart {
  readonly middlewares: readonly string[];
  /** Text; of a rule that came as a tree, the text that means the same. */
  readonly rule: string;
  readonly ruleSyntax?: string | undefined;
  /** The one in force, computed when none was given. */
  readonly priority: number;
}

/** A router as built. */
export interface ApiRouter extends ApiRuledRouter {
  readonly tls?: RouterTls | undefined;
  readonly observability?: Observability | undefined;
}

/** A TCP router as built. */
export interface ApiTcpRouter extends ApiRuledRouter {
  readonly tls?: TcpRouterTls | undefined;
}

/** A service as built. */
export interface ApiService extends ApiPart {
  readonly service: HttpService;
  /** Routers and services that refer to it. */
  readonly usedBy: readonly string[];
  /** Server URL → state. */
  readonly serverStatus: Readonly<Record<string, "UP" | "DOWN">>;
}

/** A service of TCP or UDP as built. */
export interface ApiL4Service<S extends TcpService | UdpService> extends ApiPart {
  readonly service: S;
  /** Routers that refer to it. */
  readonly usedBy: readonly string[];
  /** Server address → state; of TCP. */
  readonly serverStatus?: Readonly<Record<string, "UP" | "DOWN">>;
}

/** A middleware as built. */
export interface ApiMiddleware extends ApiPart {
  /** `stripPrefix` */
  readonly kind: string;
  /** Without secrets. */
  readonly options: unknown;
  /** Routers that refer to it. */
  readonly usedBy: readonly string[];
}

/** An entry point; `definition` is its static configuration. */
export interface ApiEntryPoint {
  readonly name: string;
  readonly address: string;
  readonly definition: Readonly<Record<string, unknown>>;
}

/** Everything the API shows. */
export interface ApiSnapshot {
  readonly entryPoints: readonly ApiEntryPoint[];
  readonly routers: readonly ApiRouter[];
  readonly services: readonly ApiService[];
  readonly middlewares: readonly ApiMiddleware[];
  readonly tcp: {
    readonly routers: readonly ApiTcpRouter[];
    readonly services: readonly ApiL4Service<TcpService>[];
    readonly middlewares: readonly ApiMiddleware[];
  };
  readonly udp: {
    readonly routers: readonly ApiRoutingPart[];
    readonly services: readonly ApiL4Service<UdpService>[];
  };
  readonly certificates: readonly CertificateStatus[];
  /** What providers and the build found wrong. */
  readonly problems: readonly Problem[];
  /** As Traefik spells them: `File`, `KubernetesCRD`. */
  readonly providers: readonly string[];
  readonly features: {
    /** Empty: off. */
    readonly tracing: string;
    /** `Prometheus`, or empty. */
    readonly metrics: string;
    readonly accessLog: boolean;
  };
}
