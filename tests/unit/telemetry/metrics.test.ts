// Metrics: what a scrape shows, in both text formats, and what disappears when its owner does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { exposeMetrics } from "../../../src/telemetry/exposition.ts";
import { MetricsRegistry } from "../../../src/telemetry/metrics-registry.ts";
import { createProxyMetrics } from "../../../src/telemetry/proxy-metrics.ts";
import type { MetricsOptions } from "../../../src/telemetry/proxy-metrics.ts";
import { createRequestMetrics } from "../../../src/telemetry/request-metrics.ts";

const facts = {
  version: "0.1.0",
  runtime: "node",
  runtimeVersion: "24",
  startDate: new Date(1000),
  residentBytes: () => 4096,
};

function sampleLines(registry: MetricsRegistry): string[] {
  return exposeMetrics(registry, undefined).text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

test("exposeMetrics() writes Prometheus text, labels sorted and escaped", () => {
  const registry = new MetricsRegistry();
  registry.counter("b_total", "Two\nlines\\", { url: 'a"b\\c\n', a: "1" }).add(2);
  registry.gauge("a", "First").set(-1.5);
  registry.histogram("c_seconds", "Times", { x: "y" }, [5, 0.1]).observe(0.1);
  registry.histogram("c_seconds", "Times", { x: "y" }, [5, 0.1]).observe(7);
  const { contentType, text } = exposeMetrics(registry, "text/plain");
  assert.equal(contentType, "text/plain; version=0.0.4; charset=utf-8");
  assert.equal(
    text,
    "# HELP a First\n# TYPE a gauge\na -1.5\n" +
      "# HELP b_total Two\\nlines\\\\\n# TYPE b_total counter\n" +
      'b_total{a="1",url="a\\"b\\\\c\\n"} 2\n' +
      "# HELP c_seconds Times\n# TYPE c_seconds histogram\n" +
      'c_seconds_bucket{x="y",le="0.1"} 1\nc_seconds_bucket{x="y",le="5"} 1\nc_seconds_bucket{x="y",le="+Inf"} 2\n' +
      'c_seconds_sum{x="y"} 7.1\nc_seconds_count{x="y"} 2\n',
  );
});

test("exposeMetrics() writes OpenMetrics when the scraper prefers it", () => {
  const registry = new MetricsRegistry();
  registry.counter("b_total", "Two").add();
  registry.histogram("c", "Times", {}, [5]).observe(1);
  const accept = "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
  const { contentType, text } = exposeMetrics(registry, accept);
  assert.equal(contentType, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  assert.equal(
    text,
    "# HELP b Two\n# TYPE b counter\nb_total 1\n# HELP c Times\n# TYPE c histogram\n" +
      'c_bucket{le="5.0"} 1\nc_bucket{le="+Inf"} 1\nc_sum 1\nc_count 1\n# EOF\n',
  );
});

for (const accept of ["", "*/*", "application/openmetrics-text;q=0", "application/openmetrics-text;q=.3,text/plain"]) {
  test(`exposeMetrics() writes Prometheus text for Accept ${JSON.stringify(accept)}`, () => {
    assert.match(exposeMetrics(new MetricsRegistry(), accept).contentType, /^text\/plain/);
  });
}

test("MetricsRegistry gives the same handle for the same labels, and refuses a second type or a bad name", () => {
  const registry = new MetricsRegistry();
  assert.equal(registry.counter("a", "h", { x: "1", y: "2" }), registry.counter("a", "h", { y: "2", x: "1" }));
  assert.notEqual(registry.counter("a", "h", { x: "1" }), registry.counter("a", "h", { x: "2" }));
  assert.throws(() => registry.gauge("a", "h"), TypeError);
  assert.throws(() => registry.gauge("no-dash", "h"), TypeError);
  assert.throws(() => registry.gauge("b", "h", { "bad-label": "1" }), TypeError);
});

test("MetricsRegistry.remove() drops a child, and the family with the last one", () => {
  const registry = new MetricsRegistry();
  registry.gauge("a", "h", { x: "1" });
  registry.gauge("a", "h", { x: "2" });
  registry.remove("a", { x: "1" });
  assert.deepEqual(sampleLines(registry), ['a{x="2"} 0']);
  registry.remove("a", { x: "2" });
  assert.equal(exposeMetrics(registry, undefined).text, "");
});

test("RequestMetrics.observe() counts by code, method and protocol under Traefik's names", () => {
  const registry = new MetricsRegistry();
  const metrics = createRequestMetrics(registry, "router", { router: "r@file", service: "s@file" }, [1]);
  const sample = { status: 200, method: "GET", protocol: "http", seconds: 0.5, requestBytes: 1, responseBytes: 10 };
  metrics.observe({ ...sample, protocol: "http" });
  metrics.observe({ ...sample, protocol: "http" });
  metrics.observe({ ...sample, protocol: "grpc-web", method: "PROPFIND", status: 404 });
  metrics.observe({ ...sample, protocol: "http", method: "get" });
  metrics.observeTls("1.3", "AES");
  const labels = (code: string, method: string, protocol: string) =>
    `code="${code}",method="${method}",protocol="${protocol}",router="r@file",service="s@file"`;
  const get = labels("200", "GET", "http");
  const lines = sampleLines(registry);
  for (
    const line of [
      `traefik_router_requests_total{${get}} 2`,
      `traefik_router_requests_total{${labels("404", "EXTENSION_METHOD", "grpc-web")}} 1`,
      `traefik_router_requests_total{${labels("200", "EXTENSION_METHOD", "http")}} 1`,
      `traefik_router_request_duration_seconds_bucket{${get},le="1"} 2`,
      `traefik_router_request_duration_seconds_sum{${get}} 1`,
      `traefik_router_requests_bytes_total{${get}} 2`,
      `traefik_router_responses_bytes_total{${get}} 20`,
      `traefik_router_requests_tls_total{router="r@file",service="s@file",tls_cipher="AES",tls_version="1.3"} 1`,
    ]
  ) assert.ok(lines.includes(line), `${line}\nnot in\n${lines.join("\n")}`);
  metrics.dispose();
  assert.deepEqual(sampleLines(registry), []);
});

test("createProxyMetrics() registers Traefik's own and the process's", () => {
  const registry = new MetricsRegistry();
  const metrics = createProxyMetrics(registry, {}, facts);
  metrics.configReloads.add();
  metrics.lastReloadSuccess.set(7);
  metrics.openConnections("web", "tcp", () => 3);
  metrics.retries("s@file").add();
  metrics.serverUp("s@file", "http://a").set(1);
  assert.deepEqual(sampleLines(registry), [
    "process_resident_memory_bytes 4096",
    "process_start_time_seconds 1",
    "traefik_config_last_reload_success 7",
    "traefik_config_reloads_total 1",
    'traefik_open_connections{entrypoint="web",protocol="TCP"} 3',
    'traefik_service_retries_total{service="s@file"} 1',
    'traefik_service_server_up{service="s@file",url="http://a"} 1',
    'weir_build_info{runtime="node",runtime_version="24",version="0.1.0"} 1',
  ]);
  metrics.removeServer("s@file", "http://a");
  metrics.removeRetries("s@file");
  assert.equal(sampleLines(registry).some((line) => line.includes("traefik_service")), false);
});

const scopes: readonly (readonly [MetricsOptions, readonly boolean[]])[] = [
  [{}, [true, false, true]],
  [{ addEntryPointsLabels: false, addRoutersLabels: true, addServicesLabels: false }, [false, true, false]],
];

for (const [options, wanted] of scopes) {
  test(`createProxyMetrics() measures the scopes of ${JSON.stringify(options)}`, () => {
    const metrics = createProxyMetrics(new MetricsRegistry(), options, facts);
    const made = [metrics.entryPointRequests("web"), metrics.routerRequests("r", "s"), metrics.serviceRequests("s")];
    assert.deepEqual(made.map((scope) => scope !== undefined), wanted);
  });
}
