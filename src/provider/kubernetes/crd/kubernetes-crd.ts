// The provider `kubernetescrd`: Traefik's own kinds, in both API groups.

import type { Logger } from "../../../telemetry/logger.ts";
import type { Provider } from "../../provider.ts";
import type { Clock } from "../client/clock.ts";
import { KubeConnections } from "../client/connection.ts";
import type { KubeRuntime } from "../client/credentials.ts";
import type { ConnectionOptions } from "../client/target.ts";
import { onDemandResources } from "../backend/resources.ts";
import { KubernetesProvider } from "../kubernetes-provider.ts";
import type { KubeWriters, LeaderElectionOptions } from "../write-back/kube-writers.ts";
import { crdResources } from "./kinds.ts";
import { createCrdParser } from "./parser.ts";
import type { MiddlewareSchemas } from "../backend/middleware-schemas.ts";
import { createCrdTranslator } from "./translate.ts";
import type { TranslationOptions } from "./translation.ts";

/** The options of `providers.kubernetesCRD`, with Traefik's names. */
export interface KubernetesCrdOptions extends ConnectionOptions {
  /** Absent or empty: all. */
  readonly namespaces?: readonly string[];
  /** Applies to Traefik's kinds only. */
  readonly labelSelector?: string | undefined;
  readonly ingressClass?: string | undefined;
  /** Least milliseconds between two states; absent or 0: 10. */
  readonly throttleDurationMs?: number;
  readonly allowCrossNamespace?: boolean;
  /** Namespaces whose objects may refer to `name@provider`; absent: all. */
  readonly crossProviderNamespaces?: readonly string[];
  readonly allowExternalNameServices?: boolean;
  /** `false` warns of Services without endpoints; they answer 503 whatever it says. */
  readonly allowEmptyServices?: boolean;
  readonly nativeLBByDefault?: boolean;
  /** Reads no Nodes, so that a Role is enough. */
  readonly disableClusterScopeResources?: boolean;
  /** Default: true. Tells of faulty objects by Events. */
  readonly events?: boolean;
  readonly leaderElection?: LeaderElectionOptions;
  /** Default: false. Whether endpoints stand in for the addresses of Services and Nodes, which are simulated. */
  readonly endpointsOnly?: boolean;
}

/** What the provider works with. */
export interface KubernetesCrdDependencies {
  readonly runtime: KubeRuntime;
  readonly logger: Logger;
  /** Kinds of middleware that a Middleware object may have, served or not. */
  readonly middlewares: MiddlewareSchemas;
  /** The same of MiddlewareTCP. */
  readonly tcpMiddlewares?: MiddlewareSchemas;
  /** What providers of one process share, so that they ask a failing server once. Default: connections of its own. */
  readonly connections?: KubeConnections;
  /** Default: the real waiting times. */
  readonly clock?: Partial<Clock>;
  /** What they share for writing. Default: nothing is written. */
  readonly writers?: KubeWriters;
}

const NAME = "kubernetescrd";
const THROTTLE_MS = 10; // the throttle itself rests longer where a translation takes long

/** Makes the provider. Nothing is asked of the API server before `start`. */
export function createKubernetesCrdProvider(
  options: KubernetesCrdOptions,
  dependencies: KubernetesCrdDependencies,
): Provider {
  const { runtime, clock = {}, writers } = dependencies;
  const logger = dependencies.logger.with({ providerName: NAME });
  const parser = createCrdParser(dependencies.middlewares, dependencies.tcpMiddlewares ?? new Map());
  const translation = crdTranslationOptions(options);
  return new KubernetesProvider({
    name: NAME,
    resources: crdResources,
    onDemand: onDemandResources(translation),
    namespaces: [...new Set(options.namespaces ?? [])],
    labelSelector: options.labelSelector ?? "",
    throttleMs: throttleMs(options.throttleDurationMs ?? 0),
    problems: [],
    connection: (dependencies.connections ?? new KubeConnections({ runtime, logger, clock })).open(options),
    logger,
    translator: createCrdTranslator(translation, parser),
    writeBack: writers?.open({
      connection: options,
      filters: options,
      events: options.events ?? true,
      leaderElection: options.leaderElection,
      resources: [...crdResources, ...onDemandResources(translation)],
    }),
  });
}

function throttleMs(wantedMs: number): number {
  return wantedMs > 0 ? wantedMs : THROTTLE_MS;
}

/** What the options mean for the translation, with Traefik's defaults. */
export function crdTranslationOptions(options: KubernetesCrdOptions): TranslationOptions {
  const { crossProviderNamespaces = [] } = options;
  return {
    optionPrefix: "--providers.kubernetescrd",
    disableClusterScopeResources: options.disableClusterScopeResources ?? false,
    ingressClass: options.ingressClass ?? "",
    allowCrossNamespace: options.allowCrossNamespace ?? false,
    ...(crossProviderNamespaces.length > 0 && { crossProviderNamespaces }),
    allowExternalNameServices: options.allowExternalNameServices ?? false,
    allowEmptyServices: options.allowEmptyServices,
    nativeLBByDefault: options.nativeLBByDefault ?? false,
    endpointsOnly: options.endpointsOnly ?? false,
  };
}
