// Counters of routers, services and servers, kept over reloads and dropped with what they count.

import type { BuildMeters } from "../build/context.ts";
import type { StateStore } from "../net/state.ts";
import type { L4Metrics } from "../telemetry/l4-metrics.ts";
import type { ProxyMetrics } from "../telemetry/proxy-metrics.ts";
import { RequestMetrics } from "../telemetry/request-metrics.ts";

/** Counters for builds; each is made once for as long as its router, service or server lives. */
export function createBuildMeters(metrics: ProxyMetrics, state: StateStore): BuildMeters {
  return {
    router: (router, service) =>
      keep(state, `metrics router ${JSON.stringify([router, service])}`, () => metrics.routerRequests(router, service)),
    service(service) {
      state.take(`metrics retries ${service}`, isRetrySeries, () => new RetrySeries(metrics, service));
      return keep(state, `metrics service ${service}`, () => metrics.serviceRequests(service));
    },
    l4Service(service, protocol) {
      const key = `metrics l4 ${JSON.stringify([service, protocol])}`;
      return state.take(key, isL4Series, () => new L4Series(metrics, service, protocol)).metrics;
    },
    serverUp(service, url, up) {
      state.take(
        `metrics server ${JSON.stringify([service, url])}`,
        isServerSeries,
        () => new ServerSeries(metrics, service, url),
      );
      metrics.serverUp(service, url).set(up ? 1 : 0);
    },
  };
}

function keep(
  state: StateStore,
  key: string,
  create: () => RequestMetrics | undefined,
): RequestMetrics | undefined {
  return state.take(key, isRequestMetrics, create);
}

function isRequestMetrics(value: unknown): value is RequestMetrics | undefined {
  return value === undefined || value instanceof RequestMetrics; // undefined: that scope is switched off
}

/** The `retries_total` series of one service, which its first retry makes; removed with the service. */
class RetrySeries {
  readonly #remove: () => void;

  constructor(metrics: ProxyMetrics, service: string) {
    this.#remove = () => metrics.removeRetries(service);
  }

  dispose(): void {
    this.#remove();
  }
}

function isRetrySeries(value: unknown): value is RetrySeries {
  return value instanceof RetrySeries;
}

/** The series of one service of TCP or UDP, removed with it. */
class L4Series {
  readonly metrics: L4Metrics | undefined;

  constructor(metrics: ProxyMetrics, service: string, protocol: "tcp" | "udp") {
    this.metrics = metrics.l4Service(service, protocol);
  }

  dispose(): void {
    this.metrics?.dispose();
  }
}

function isL4Series(value: unknown): value is L4Series {
  return value instanceof L4Series;
}

/** The `server_up` series of one server, removed with it. */
class ServerSeries {
  readonly #remove: () => void;

  constructor(metrics: ProxyMetrics, service: string, url: string) {
    this.#remove = () => metrics.removeServer(service, url);
  }

  dispose(): void {
    this.#remove();
  }
}

function isServerSeries(value: unknown): value is ServerSeries {
  return value instanceof ServerSeries;
}
