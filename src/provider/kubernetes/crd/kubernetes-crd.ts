// The provider `kubernetescrd`: Traefik's own kinds, in both API groups.

import type { Runtime } from "../../../net/runtime.ts";
import type { Problem } from "../../../schema/problem.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import type { Provider } from "../../provider.ts";
import { RetryGate } from "../client/backoff.ts";
import { type Clock, defaultClock } from "../client/clock.ts";
import { certificateProblem, type ConnectionOptions, connectionSettings } from "../client/connection-settings.ts";
import { KubeClient } from "../client/kube-client.ts";
import { globalFetch, type KubeFetch } from "../client/kube-fetch.ts";
import { createTokenSource } from "../client/token.ts";
import { KubernetesProvider } from "../kubernetes-provider.ts";
import { crdResources } from "./kinds.ts";
import { createCrdParser } from "./parser.ts";
import type { MiddlewareSchemas } from "./schema-middleware.ts";
import { translateCrd } from "./translate.ts";
import type { TranslationOptions } from "./translation.ts";

/** The options of `providers.kubernetesCRD`, with Traefik's names. */
export interface KubernetesCrdOptions extends ConnectionOptions {
  /** Absent or empty: all. */
  readonly namespaces?: readonly string[];
  /** Applies to Traefik's kinds only. */
  readonly labelSelector?: string | undefined;
  readonly ingressClass?: string | undefined;
  /** Least milliseconds between two states; absent or 0: 100. */
  readonly throttleDurationMs?: number;
  readonly allowCrossNamespace?: boolean;
  /** Namespaces whose objects may refer to `name@provider`; absent: all. */
  readonly crossProviderNamespaces?: readonly string[];
  readonly allowExternalNameServices?: boolean;
  /** `false` warns of Services without endpoints; they answer 503 whatever it says. */
  readonly allowEmptyServices?: boolean;
  readonly nativeLBByDefault?: boolean;
}

/** What the provider works with. */
export interface KubernetesCrdDependencies {
  readonly runtime: Pick<Runtime, "env" | "files">;
  readonly logger: Logger;
  /** Kinds of middleware that a Middleware object may have. */
  readonly middlewares: MiddlewareSchemas;
  /** Default: the global `fetch`. */
  readonly fetch?: KubeFetch;
  /** Default: the real waiting times. */
  readonly clock?: Partial<Clock>;
}

const NAME = "kubernetescrd";
const THROTTLE_MS = 100; // a change reaches traffic within 500 ms, and a burst of them costs ten rebuilds a second

/** Makes the provider. Nothing is asked of the API server before `start`. */
export function createKubernetesCrdProvider(
  options: KubernetesCrdOptions,
  dependencies: KubernetesCrdDependencies,
): Provider {
  const { runtime } = dependencies;
  const logger = dependencies.logger.with({ providerName: NAME });
  const settings = connectionSettings(options, runtime.env);
  if ("severity" in settings) return withoutServer(settings, logger);
  const clock: Clock = { ...defaultClock, ...dependencies.clock };
  const certificate = dependencies.fetch === undefined ? certificateProblem(settings, runtime.env) : undefined;
  if (certificate !== undefined) logger.warn(certificate.message, { hint: certificate.hint });
  const parser = createCrdParser(dependencies.middlewares);
  const translation = translationOptions(options);
  const gate = new RetryGate(clock, logger);
  return new KubernetesProvider({
    name: NAME,
    resources: crdResources,
    namespaces: [...new Set(options.namespaces ?? [])],
    labelSelector: options.labelSelector ?? "",
    throttleMs: throttleMs(options.throttleDurationMs ?? 0),
    problems: certificate === undefined ? [] : [certificate],
    gate,
    client: new KubeClient({
      endpoint: settings.endpoint,
      fetch: dependencies.fetch ?? globalFetch,
      token: createTokenSource(settings.tokenOrPath, runtime.files, clock.now),
      clock,
      silent: () => gate.outage("no answer"),
    }),
    clock,
    logger,
    translate: (snapshot) => translateCrd(snapshot, translation, parser),
  });
}

function throttleMs(wantedMs: number): number {
  return wantedMs > 0 ? wantedMs : THROTTLE_MS;
}

/** Options with Traefik's defaults. */
function translationOptions(options: KubernetesCrdOptions): TranslationOptions {
  const { crossProviderNamespaces = [] } = options;
  return {
    ingressClass: options.ingressClass ?? "",
    allowCrossNamespace: options.allowCrossNamespace ?? false,
    ...(crossProviderNamespaces.length > 0 && { crossProviderNamespaces }),
    allowExternalNameServices: options.allowExternalNameServices ?? false,
    allowEmptyServices: options.allowEmptyServices,
    nativeLBByDefault: options.nativeLBByDefault ?? false,
  };
}

/** Without an address there is nothing to read, and so nothing to say but why. */
function withoutServer(problem: Problem, logger: Logger): Provider {
  return {
    name: NAME,
    start: () => logger.error(problem.message, { hint: problem.hint }),
    stop: () => Promise.resolve(),
  };
}
