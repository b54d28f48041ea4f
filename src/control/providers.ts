// The providers that the static configuration asks for.

import { parseEntryPointAddress } from "../config/address.ts";
import type { StaticConfiguration } from "../config/static.ts";
import { middlewareSchemas } from "../middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../middleware/tcp/schemas.ts";
import type { Runtime } from "../net/runtime.ts";
import { createFileProvider } from "../provider/file/file-provider.ts";
import { KubeConnections } from "../provider/kubernetes/client/connection.ts";
import { createKubernetesCrdProvider } from "../provider/kubernetes/crd/kubernetes-crd.ts";
import { createKubernetesIngressProvider } from "../provider/kubernetes/ingress/kubernetes-ingress.ts";
import type { EntryPointPlace } from "../provider/kubernetes/ingress/legacy-middleware.ts";
import { KubeWriters } from "../provider/kubernetes/write-back/kube-writers.ts";
import type { Provider } from "../provider/provider.ts";
import type { Logger } from "../telemetry/logger.ts";

/** What providers work with. */
export interface ProviderDependencies {
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Whether Kubernetes is a simulated one, whose Services and Nodes have no addresses of their own. Default: false. */
  readonly endpointsOnly?: boolean | undefined;
}

/** Makes them; nothing is read before they are started. */
export function createProviders(configuration: StaticConfiguration, dependencies: ProviderDependencies): Provider[] {
  const { providers } = configuration;
  const { runtime, logger, endpointsOnly = false } = dependencies;
  const made: Provider[] = [];
  const connections = new KubeConnections({ runtime, logger });
  const writers = new KubeWriters({ runtime, logger, connections });
  if (providers.file !== undefined) made.push(createFileProvider(providers.file, runtime));
  if (providers.kubernetesCRD !== undefined) {
    const { throttleDuration, ...options } = providers.kubernetesCRD;
    made.push(createKubernetesCrdProvider(
      { ...options, throttleDurationMs: throttleDuration, endpointsOnly },
      { runtime, logger, connections, writers, middlewares: middlewareSchemas, tcpMiddlewares: tcpMiddlewareSchemas },
    ));
  }
  if (providers.kubernetesIngress !== undefined) {
    const { throttleDuration, ...options } = providers.kubernetesIngress;
    const entryPoints = placesOf(configuration);
    made.push(createKubernetesIngressProvider(
      { ...options, throttleDurationMs: throttleDuration, endpointsOnly },
      { runtime, logger, connections, writers, middlewares: middlewareSchemas, entryPoints },
    ));
  }
  return made;
}

/** Where entry points listen, and whether in TLS, for redirects to them. */
function placesOf({ entryPoints }: StaticConfiguration): Map<string, EntryPointPlace> {
  const places = new Map<string, EntryPointPlace>();
  for (const [name, { address, http }] of Object.entries(entryPoints)) {
    const port = parseEntryPointAddress(address)?.port;
    if (port !== undefined) places.set(name, { port, isTls: http.tls !== undefined || port === HTTPS_PORT });
  }
  return places;
}

const HTTPS_PORT = 443;
