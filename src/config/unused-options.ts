// Options that are accepted and checked, and have no effect yet: the one list, for start-up warnings and the docs.

import { isMapping } from "../schema/path.ts";
import type { Problem } from "../schema/problem.ts";
import { sourceOfOption } from "./layer.ts";
import type { Layer } from "./layer.ts";
import { formatOptionName } from "./option-name.ts";

/** Option names; `*` stands for any name. What lies below them has no effect either. */
export const unusedOptions: readonly string[] = [
  "entryPoints.*.allowACMEByPass",
  "entryPoints.*.http.tls.certResolver",
  "entryPoints.*.http.tls.domains",
  "entryPoints.*.http3",
  "entryPoints.*.observability.traceVerbosity",
  "entryPoints.*.observability.tracing",
  "providers.consul",
  "providers.consulCatalog",
  "providers.docker",
  "providers.ecs",
  "providers.etcd",
  "providers.file.debugLogGeneratedTemplate",
  "providers.http",
  "providers.knative",
  "providers.kubernetesGateway",
  "providers.kubernetesIngressNGINX",
  "providers.nomad",
  "providers.plugin",
  "providers.redis",
  "providers.rest",
  "providers.swarm",
  "providers.zooKeeper",
  "api.dashboardName",
  "api.debug",
  "log.compress",
  "log.maxAge",
  "log.maxBackups",
  "log.maxSize",
  "log.otlp",
  "accessLog.dualOutput",
  "accessLog.otlp",
  "metrics.datadog",
  "metrics.influxDB2",
  "metrics.otlp",
  "metrics.prometheus.headerLabels",
  "metrics.statsD",
  "tracing",
  "hostResolver",
  "certificatesResolvers",
  "experimental",
  "spiffe",
  "ocsp",
];

/** Tells whether an option, by path or with `<name>` for map keys, is in the list. */
export function isUnused(path: readonly (string | number)[]): boolean {
  return patterns.some((pattern) => pattern.every((part, at) => part === "*" ? at < path.length : part === path[at]));
}

/** One warning for each of them that is given. @param value the merged options, not validated */
export function reportUnused(value: unknown, layers: readonly Layer[]): Problem[] {
  return patterns.flatMap((pattern) => findPaths(value, pattern)).map((path): Problem => {
    const source = sourceOfOption(layers, path, "key");
    return {
      severity: "warning",
      code: "no-effect",
      message: `${JSON.stringify(formatOptionName(path))} is accepted, without effect yet`,
      path,
      ...(source !== undefined && { source }),
    };
  });
}

const patterns = unusedOptions.map((name) => name.split("."));

function findPaths(value: unknown, [part, ...rest]: readonly string[]): string[][] {
  if (part === undefined) return value === undefined ? [] : [[]];
  if (!isMapping(value)) return [];
  const names = part === "*" ? Object.keys(value) : Object.hasOwn(value, part) ? [part] : [];
  return names.flatMap((name) => findPaths(value[name], rest).map((path) => [name, ...path]));
}
