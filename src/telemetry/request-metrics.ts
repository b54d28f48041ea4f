// Traefik's request metrics of one entry point, router or service, with handles found by small numbers.

import type { Meter, RequestProtocol, RequestSample } from "../http/sample.ts";
import type { Counter, Histogram, Labels } from "./metric.ts";
import type { MetricsRegistry } from "./metrics-registry.ts";

/** Whose requests are counted. */
export type MetricsScope = "entrypoint" | "router" | "service";

/** Seconds; Traefik's default for `metrics.prometheus.buckets`. */
export const defaultBuckets: readonly number[] = [0.1, 0.3, 1.2, 5];

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"];
const EXTENSION = "EXTENSION_METHOD"; // a client may send any token: it must not make a new series
const PROTOCOLS: readonly RequestProtocol[] = ["http", "websocket", "sse", "grpc", "grpc-web"];
const METHOD_SLOTS = 16;
const PROTOCOL_SLOTS = 8;
const methodSlots: ReadonlyMap<string, number> = new Map(METHODS.map((method, index) => [method, index + 1]));
const MAX_TLS_SERIES = 256; // versions × ciphers a TLS library offers stay far below it

/** Handles of one combination of code, method and protocol. */
interface Series {
  readonly labels: Labels;
  readonly requests: Counter;
  readonly duration: Histogram;
  readonly requestBytes: Counter;
  readonly responseBytes: Counter;
}

/** Everything that names the metrics of one scope. */
interface Names {
  readonly requests: string;
  readonly requestsTls: string;
  readonly duration: string;
  readonly requestBytes: string;
  readonly responseBytes: string;
  readonly noun: string;
}

const nouns: Readonly<Record<MetricsScope, string>> = {
  entrypoint: "an entrypoint",
  router: "a router",
  service: "a service",
};

/** Counts requests. Make one per entry point, router and service, and keep it as long as that lives. */
export class RequestMetrics implements Meter {
  readonly #registry: MetricsRegistry;
  readonly #names: Names;
  readonly #labels: Labels;
  readonly #buckets: readonly number[];
  readonly #series = new Map<number, Series>();
  readonly #tls = new Map<string, { readonly labels: Labels; readonly counter: Counter }>();
  #lastKey = -1;
  #last: Series | undefined = undefined;
  #disposed = false;

  constructor(registry: MetricsRegistry, scope: MetricsScope, labels: Labels, buckets: readonly number[]) {
    this.#registry = registry;
    this.#names = namesOf(scope);
    this.#labels = labels;
    this.#buckets = buckets;
  }

  /**
   * Counts one finished request. Costs one look-up of the method and, when the combination differs from the last
   * request's, one of the series. Several scopes may be given the same sample.
   */
  observe(sample: RequestSample): void {
    const { status, protocol } = sample;
    const method = methodSlots.get(sample.method) ?? 0;
    const key = (status * METHOD_SLOTS + method) * PROTOCOL_SLOTS + protocolSlot(protocol);
    const series = key === this.#lastKey && this.#last !== undefined ? this.#last : this.#find(key, sample);
    if (series === undefined) return;
    series.requests.value++;
    series.duration.observe(sample.seconds);
    series.requestBytes.value += sample.requestBytes;
    series.responseBytes.value += sample.responseBytes;
  }

  /** Counts one request that came over TLS, besides {@link observe}. */
  observeTls(version: string, cipher: string): void {
    const key = `${version} ${cipher}`;
    const known = this.#tls.get(key);
    if (known !== undefined) {
      known.counter.value++;
      return;
    }
    if (this.#disposed || this.#tls.size >= MAX_TLS_SERIES) return;
    const labels = { ...this.#labels, tls_version: version, tls_cipher: cipher };
    const help = `How many HTTP requests with TLS are processed on ${this.#names.noun}.`;
    const counter = this.#registry.counter(this.#names.requestsTls, help, labels);
    counter.add();
    this.#tls.set(key, { labels, counter });
  }

  /** Takes its series out of the exposition: what they belong to is gone. */
  dispose(): void {
    this.#disposed = true;
    const { requests, requestsTls, duration, requestBytes, responseBytes } = this.#names;
    for (const { labels } of this.#series.values()) {
      for (const name of [requests, duration, requestBytes, responseBytes]) this.#registry.remove(name, labels);
    }
    for (const { labels } of this.#tls.values()) this.#registry.remove(requestsTls, labels);
    this.#series.clear();
    this.#tls.clear();
    this.#last = undefined;
  }

  /** @returns undefined once disposed: a request that ends late must not bring the series back for good */
  #find(key: number, { status, protocol }: RequestSample): Series | undefined {
    if (this.#disposed) return undefined;
    let series = this.#series.get(key);
    if (series === undefined) {
      const method = METHODS[(Math.floor(key / PROTOCOL_SLOTS) % METHOD_SLOTS) - 1] ?? EXTENSION;
      series = this.#create({ ...this.#labels, code: String(status), method, protocol });
      this.#series.set(key, series);
    }
    this.#lastKey = key;
    this.#last = series;
    return series;
  }

  #create(labels: Labels): Series {
    const registry = this.#registry;
    const { noun, ...names } = this.#names;
    const by = "partitioned by status code, protocol, and method.";
    return {
      labels,
      requests: registry.counter(names.requests, `How many HTTP requests are processed on ${noun}, ${by}`, labels),
      duration: registry.histogram(
        names.duration,
        `How long it took to process the request on ${noun}, ${by}`,
        labels,
        this.#buckets,
      ),
      requestBytes: registry.counter(
        names.requestBytes,
        `The total size of requests in bytes handled by ${noun}, ${by}`,
        labels,
      ),
      responseBytes: registry.counter(
        names.responseBytes,
        `The total size of responses in bytes handled by ${noun}, ${by}`,
        labels,
      ),
    };
  }
}

/**
 * Metrics of one entry point, router or service.
 * @param labels `{entrypoint}`, `{router, service}` or `{service}`; names with `@provider`
 */
export function createRequestMetrics(
  registry: MetricsRegistry,
  scope: MetricsScope,
  labels: Labels,
  buckets: readonly number[] = defaultBuckets,
): RequestMetrics {
  return new RequestMetrics(registry, scope, labels, buckets);
}

function protocolSlot(protocol: RequestProtocol): number {
  return protocol === "http" ? 0 : PROTOCOLS.indexOf(protocol);
}

function namesOf(scope: MetricsScope): Names {
  const prefix = `traefik_${scope}`;
  return {
    requests: `${prefix}_requests_total`,
    requestsTls: `${prefix}_requests_tls_total`,
    duration: `${prefix}_request_duration_seconds`,
    requestBytes: `${prefix}_requests_bytes_total`,
    responseBytes: `${prefix}_responses_bytes_total`,
    noun: nouns[scope],
  };
}
