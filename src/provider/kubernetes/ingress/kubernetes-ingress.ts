// The provider `kubernetes`: Ingresses of all versions.

import type { Logger } from "../../../telemetry/logger.ts";
import type { Provider } from "../../provider.ts";
import type { Clock } from "../client/clock.ts";
import { KubeConnections } from "../client/connection.ts";
import type { KubeRuntime } from "../client/credentials.ts";
import type { ConnectionOptions } from "../client/target.ts";
import { onDemandResources } from "../backend/resources.ts";
import type { MiddlewareSchemas } from "../backend/middleware-schemas.ts";
import { KubernetesProvider } from "../kubernetes-provider.ts";
import type { KubeWriters, LeaderElectionOptions } from "../write-back/kube-writers.ts";
import type { StatusOptions } from "../write-back/published-addresses.ts";
import { resourcesToRead } from "./kinds.ts";
import type { EntryPointPlace } from "./legacy-middleware.ts";
import { createIngressParser } from "./parser.ts";
import { createIngressTranslator } from "./translate.ts";
import type { IngressOptions } from "./translation.ts";

/** The options of `providers.kubernetesIngress`, with Traefik's names. */
export interface KubernetesIngressOptions extends ConnectionOptions {
  /** Absent or empty: all. */
  readonly namespaces?: readonly string[];
  /** Applies to Ingresses only. */
  readonly labelSelector?: string | undefined;
  readonly ingressClass?: string | undefined;
  /** Least milliseconds between two states; absent or 0: 10. */
  readonly throttleDurationMs?: number;
  /** Namespaces whose objects may refer to `name@provider`; absent: all. */
  readonly crossProviderNamespaces?: readonly string[];
  readonly allowExternalNameServices?: boolean;
  /** `false` warns of Services without endpoints; they answer 503 whatever it says. */
  readonly allowEmptyServices?: boolean;
  readonly nativeLBByDefault?: boolean;
  /** Reads neither Nodes nor IngressClasses, so that a Role is enough. */
  readonly disableClusterScopeResources?: boolean;
  /** Leaves Ingresses that name a class alone: annotations decide. */
  readonly disableIngressClassLookup?: boolean;
  /** Default: true. `false` compares paths of the type Prefix character by character, as Traefik does. */
  readonly strictPrefixMatching?: boolean;
  readonly ingressEndpoint?: StatusOptions["ingressEndpoint"];
  readonly reportNodeInternalIPs?: boolean;
  /** Default: true. Tells of faulty objects by Events. */
  readonly events?: boolean;
  readonly leaderElection?: LeaderElectionOptions;
  /** Default: false. Whether endpoints stand in for the addresses of Services and Nodes, which are simulated. */
  readonly endpointsOnly?: boolean;
}

/** What the provider works with. */
export interface KubernetesIngressDependencies {
  readonly runtime: KubeRuntime;
  readonly logger: Logger;
  /** Kinds of middleware that annotations may ask for, served or not. */
  readonly middlewares: MiddlewareSchemas;
  /** Where Traefik 1's redirects to entry points lead. */
  readonly entryPoints: ReadonlyMap<string, EntryPointPlace>;
  /** What providers of one process share, so that they ask a failing server once. Default: connections of its own. */
  readonly connections?: KubeConnections;
  /** Default: the real waiting times. */
  readonly clock?: Partial<Clock>;
  /** What they share for writing. Default: nothing is written. */
  readonly writers?: KubeWriters;
}

const NAME = "kubernetes";
const THROTTLE_MS = 10; // as the provider of Traefik's own kinds

/** Makes the provider. Nothing is asked of the API server before `start`. */
export function createKubernetesIngressProvider(
  options: KubernetesIngressOptions,
  dependencies: KubernetesIngressDependencies,
): Provider {
  const { runtime, clock = {}, middlewares, entryPoints, writers } = dependencies;
  const logger = dependencies.logger.with({ providerName: NAME });
  const { throttleDurationMs = 0 } = options;
  const translation = ingressTranslationOptions(options, entryPoints);
  return new KubernetesProvider({
    name: NAME,
    resources: resourcesToRead(translation),
    onDemand: onDemandResources(translation),
    namespaces: [...new Set(options.namespaces ?? [])],
    labelSelector: options.labelSelector ?? "",
    throttleMs: throttleDurationMs > 0 ? throttleDurationMs : THROTTLE_MS,
    problems: [],
    connection: (dependencies.connections ?? new KubeConnections({ runtime, logger, clock })).open(options),
    logger,
    translator: createIngressTranslator(translation, createIngressParser(middlewares)),
    writeBack: writers?.open({
      ...options,
      connection: options,
      filters: options,
      events: options.events ?? true,
      resources: [...resourcesToRead(translation), ...onDemandResources(translation)],
    }),
  });
}

/** What the options mean for the translation, with their defaults. */
export function ingressTranslationOptions(
  options: KubernetesIngressOptions,
  entryPoints: KubernetesIngressDependencies["entryPoints"],
): IngressOptions {
  const { crossProviderNamespaces = [] } = options;
  return {
    optionPrefix: "--providers.kubernetesingress",
    allowCrossNamespace: false, // an Ingress names objects of its own namespace
    ...(crossProviderNamespaces.length > 0 && { crossProviderNamespaces }),
    allowExternalNameServices: options.allowExternalNameServices ?? false,
    allowEmptyServices: options.allowEmptyServices,
    nativeLBByDefault: options.nativeLBByDefault ?? false,
    endpointsOnly: options.endpointsOnly ?? false,
    disableClusterScopeResources: options.disableClusterScopeResources ?? false,
    disableIngressClassLookup: options.disableIngressClassLookup ?? false,
    strictPrefixMatching: options.strictPrefixMatching ?? true,
    ingressClass: options.ingressClass ?? "",
    entryPoints,
  };
}
