// The providers that the static configuration asks for.

import type { StaticConfiguration } from "../config/static.ts";
import { middlewareRegistry } from "../middleware/registry.ts";
import type { Runtime } from "../net/runtime.ts";
import { createFileProvider } from "../provider/file/file-provider.ts";
import { createKubernetesCrdProvider } from "../provider/kubernetes/crd/kubernetes-crd.ts";
import type { Provider } from "../provider/provider.ts";
import type { Logger } from "../telemetry/logger.ts";

/** What providers work with. */
export interface ProviderDependencies {
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/** Makes them; nothing is read before they are started. */
export function createProviders({ providers }: StaticConfiguration, dependencies: ProviderDependencies): Provider[] {
  const { runtime, logger } = dependencies;
  const made: Provider[] = [];
  if (providers.file !== undefined) made.push(createFileProvider(providers.file, runtime));
  if (providers.kubernetesCRD !== undefined) {
    const { throttleDuration, ...options } = providers.kubernetesCRD;
    made.push(createKubernetesCrdProvider(
      { ...options, throttleDurationMs: throttleDuration },
      { runtime, logger, middlewares: middlewareRegistry },
    ));
  }
  return made;
}
