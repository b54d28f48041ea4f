// Metrics of one service of TCP or UDP: bytes under Traefik's names, connections under weir's own.

import type { Counter, Gauge } from "./metric.ts";
import type { MetricsRegistry } from "./metrics-registry.ts";

/** Counters of one service. */
export interface L4Metrics {
  /** Connections, or sessions, that are open. */
  readonly open: Gauge;
  readonly total: Counter;
  /** Bytes from and to clients. */
  readonly received: Counter;
  readonly sent: Counter;
  /** The service is gone. */
  dispose(): void;
}

const OPEN = "weir_service_open_connections";
const TOTAL = "weir_service_connections_total";
const RECEIVED = "traefik_service_requests_bytes_total";
const SENT = "traefik_service_responses_bytes_total";

/** Makes the metrics of a service; a connection has neither code nor method, so that those labels are empty. */
export function createL4Metrics(registry: MetricsRegistry, service: string, protocol: "tcp" | "udp"): L4Metrics {
  const labels = { service, protocol };
  const byteLabels = { ...labels, code: "", method: "" };
  return {
    open: registry.gauge(OPEN, "How many TCP connections or UDP sessions a service has.", labels),
    total: registry.counter(TOTAL, "How many TCP connections or UDP sessions a service had.", labels),
    received: registry.counter(RECEIVED, helpOf("requests"), byteLabels),
    sent: registry.counter(SENT, helpOf("responses"), byteLabels),
    dispose() {
      for (const name of [OPEN, TOTAL]) registry.remove(name, labels);
      for (const name of [RECEIVED, SENT]) registry.remove(name, byteLabels);
    },
  };
}

/** As for the bytes of HTTP: a family has one text. */
function helpOf(what: "requests" | "responses"): string {
  return `The total size of ${what} in bytes handled by a service, partitioned by status code, protocol, and method.`;
}
