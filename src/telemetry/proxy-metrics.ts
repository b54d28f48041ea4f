// Metrics of the proxy as a whole: reloads, open connections, retries, servers, and the process itself.

import { createL4Metrics } from "./l4-metrics.ts";
import type { L4Metrics } from "./l4-metrics.ts";
import type { Counter, Gauge, Labels } from "./metric.ts";
import type { MetricsRegistry } from "./metrics-registry.ts";
import { createRequestMetrics, defaultBuckets } from "./request-metrics.ts";
import type { RequestMetrics } from "./request-metrics.ts";

/** Which scopes have request metrics: Traefik's `metrics.prometheus` options. */
export interface MetricsOptions {
  /** Seconds. Default: .1, .3, 1.2, 5. */
  readonly buckets?: readonly number[];
  /** Default: true. */
  readonly addEntryPointsLabels?: boolean;
  /** Default: false. */
  readonly addRoutersLabels?: boolean;
  /** Default: true. */
  readonly addServicesLabels?: boolean;
}

/** What metrics tell of the process. */
export interface ProcessFacts {
  readonly version: string;
  /** `bun`, `deno` or `node`, and its version. */
  readonly runtime: string;
  readonly runtimeVersion: string;
  readonly startDate: Date;
  residentBytes(): number;
}

/** Makes the metrics the parts of the proxy count with; the same labels always give the same handle. */
export interface ProxyMetrics {
  readonly registry: MetricsRegistry;
  readonly configReloads: Counter;
  /** Seconds since 1970. */
  readonly lastReloadSuccess: Gauge;
  /** Counts the open connections of an entry point from now on. @param read asked when somebody scrapes */
  openConnections(entryPoint: string, protocol: "tcp" | "udp", read: () => number): void;
  /** The entry point is gone. */
  removeOpenConnections(entryPoint: string, protocol: "tcp" | "udp"): void;
  retries(service: string): Counter;
  /** 1: up, 0: down. */
  serverUp(service: string, url: string): Gauge;
  /** Seconds since 1970 at which a certificate expires. */
  certificateExpiry(labels: CertificateLabels): Gauge;
  /** The certificate is no longer served. */
  removeCertificate(labels: CertificateLabels): void;
  /** The server is gone from the service. */
  removeServer(service: string, url: string): void;
  /** The service is gone. */
  removeRetries(service: string): void;
  /** Of a service of TCP or UDP. Undefined when that scope is switched off. */
  l4Service(service: string, protocol: "tcp" | "udp"): L4Metrics | undefined;
  /** Undefined when that scope is switched off. */
  entryPointRequests(entryPoint: string): RequestMetrics | undefined;
  /** Undefined when that scope is switched off. */
  routerRequests(router: string, service: string): RequestMetrics | undefined;
  /** Undefined when that scope is switched off. */
  serviceRequests(service: string): RequestMetrics | undefined;
}

/** By what Traefik tells certificates apart. */
export interface CertificateLabels {
  /** The common name. */
  readonly cn: string;
  /** Decimal. */
  readonly serial: string;
  /** Sorted, joined by commas. */
  readonly sans: string;
}

const CERTIFICATE_EXPIRY = "traefik_tls_certs_not_after";
const OPEN_CONNECTIONS = "traefik_open_connections";
const RETRIES = "traefik_service_retries_total";
const SERVER_UP = "traefik_service_server_up";

/** Registers what exists from the start, and hands out the rest. */
export function createProxyMetrics(
  registry: MetricsRegistry,
  options: MetricsOptions,
  facts: ProcessFacts,
): ProxyMetrics {
  registerProcess(registry, facts);
  const requests = (scope: "entrypoint" | "router" | "service", labels: Labels) =>
    createRequestMetrics(registry, scope, labels, options.buckets ?? defaultBuckets);
  const { addEntryPointsLabels = true, addRoutersLabels = false, addServicesLabels = true } = options;
  return {
    registry,
    configReloads: registry.counter("traefik_config_reloads_total", "Config reloads"),
    lastReloadSuccess: registry.gauge("traefik_config_last_reload_success", "Last config reload success"),
    openConnections: (entrypoint, protocol, read) =>
      registry.gaugeFunction(
        OPEN_CONNECTIONS,
        "How many open connections exist, by entryPoint and protocol",
        read,
        { entrypoint, protocol: protocol.toUpperCase() },
      ),
    removeOpenConnections: (entrypoint, protocol) =>
      registry.remove(OPEN_CONNECTIONS, { entrypoint, protocol: protocol.toUpperCase() }),
    retries: (service) => registry.counter(RETRIES, "How many request retries happened on a service.", { service }),
    serverUp: (service, url) =>
      registry.gauge(SERVER_UP, "service server is up, described by gauge value of 0 or 1.", { service, url }),
    certificateExpiry: ({ cn, serial, sans }) =>
      registry.gauge(CERTIFICATE_EXPIRY, "Certificate expiration timestamp", { cn, serial, sans }),
    removeCertificate: ({ cn, serial, sans }) => registry.remove(CERTIFICATE_EXPIRY, { cn, serial, sans }),
    removeServer: (service, url) => registry.remove(SERVER_UP, { service, url }),
    removeRetries: (service) => registry.remove(RETRIES, { service }),
    l4Service: (service, protocol) => addServicesLabels ? createL4Metrics(registry, service, protocol) : undefined,
    entryPointRequests: (entrypoint) => addEntryPointsLabels ? requests("entrypoint", { entrypoint }) : undefined,
    routerRequests: (router, service) => addRoutersLabels ? requests("router", { router, service }) : undefined,
    serviceRequests: (service) => addServicesLabels ? requests("service", { service }) : undefined,
  };
}

function registerProcess(registry: MetricsRegistry, facts: ProcessFacts): void {
  const { version, runtime, runtimeVersion, startDate } = facts;
  const build = { version, runtime, runtime_version: runtimeVersion };
  registry.gauge("weir_build_info", "Always 1; version and runtime are its labels.", build).set(1);
  registry.gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.")
    .set(startDate.getTime() / 1000);
  registry.gaugeFunction(
    "process_resident_memory_bytes",
    "Resident memory size in bytes.",
    () => facts.residentBytes(),
  );
}
