// What reloads keep, and that they leave nothing behind.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadBalancer } from "../../../src/config/dynamic.ts";
import { RuleCache } from "../../../src/build/rule-cache.ts";
import { ServiceHeights, withDescendants } from "../../../src/build/service-graph.ts";
import { createBuildMeters } from "../../../src/control/metering.ts";
import { exposeMetrics } from "../../../src/telemetry/exposition.ts";
import { MetricsRegistry } from "../../../src/telemetry/metrics-registry.ts";
import { createProxyMetrics } from "../../../src/telemetry/proxy-metrics.ts";
import { StateStore } from "../../../src/net/state.ts";
import { healthCheck, loadBalancer, settled } from "../service/fakes.ts";
import { configuration, type Parts, router, Workshop } from "./fakes.ts";
import { mergeConfigurations } from "../../../src/config/merge.ts";
import { buildRoutingTable } from "../../../src/build/build.ts";

const pair = loadBalancer(["http://one:80", "http://two:80"]);

function serving(service: LoadBalancer, more: Parts = {}): Parts {
  return {
    ...more,
    routers: { r: router("a.test", "s"), ...more.routers },
    services: { s: service, ...more.services },
  };
}

/** Answers to a number of requests, in order. */
async function answers(shop: Workshop, count: number, url = "a.test/"): Promise<string> {
  const got: string[] = [];
  for (let at = 0; at < count; at++) got.push((await shop.ask(url)).replace(/^200 (\w+):80$/, "$1"));
  return got.join(" ");
}

test("a reload keeps the round robin's position and the idle connections", async () => {
  const shop = new Workshop();
  shop.build(serving(pair));
  const [first = "", second = ""] = (await answers(shop, 2)).split(" ");
  for (let at = 0; at < 3; at++) {
    assert.equal(await answers(shop, 1), first);
    shop.build(serving(pair, { routers: { [`new${at}`]: router(`n${at}.test`, "s") } }));
    assert.equal(await answers(shop, 1), second);
  }
  assert.equal(shop.fake.dialled.length, 2);
  shop.close();
  await settled();
  assert.equal(shop.fake.open.size, 0);
});

test("a reload that changes a transport closes the old one's idle connections, and no others", async () => {
  const shop = new Workshop();
  const transport = (dialTimeoutMs: number) => ({
    insecureSkipVerify: false,
    rootCAs: [],
    maxIdleConnsPerHost: 10,
    disableHTTP2: false,
    forwardingTimeouts: { dialTimeoutMs, responseHeaderTimeoutMs: 0, idleConnTimeoutMs: 0 },
  });
  const parts = (dialTimeoutMs: number): Parts => ({
    routers: { r: router("a.test", "own"), s: router("b.test", "plain") },
    services: {
      own: { ...loadBalancer(["http://one:80"]), serversTransport: "t" },
      plain: loadBalancer(["http://two:80"]),
    },
    serversTransports: { t: transport(dialTimeoutMs) },
  });
  const askBoth = async () => [await shop.ask("a.test/"), await shop.ask("b.test/")];
  shop.build(parts(1_000));
  await askBoth();
  shop.build(parts(1_000));
  await askBoth();
  assert.deepEqual(shop.fake.dialled, ["one:80", "two:80"]);
  shop.build(parts(2_000));
  await settled();
  assert.equal(shop.fake.open.size, 1);
  await askBoth();
  assert.deepEqual(shop.fake.dialled, ["one:80", "two:80", "one:80"]);
  shop.close();
});

test("a reload keeps a mirror's count", async () => {
  const shop = new Workshop();
  const parts = (at: number): Parts => ({
    routers: { r: router("a.test", "m"), [`r${at}`]: router(`h${at}.test`, "m") },
    services: {
      m: {
        kind: "mirroring",
        service: "one",
        mirrors: [{ name: "two", percent: 10 }],
        mirrorBody: true,
        maxBodySize: -1,
      },
      one: loadBalancer(["http://one:80"]),
      two: loadBalancer(["http://two:80"]),
    },
  });
  for (let at = 0; at < 20; at++) {
    shop.build(parts(at));
    await shop.ask("a.test/");
    await settled();
  }
  assert.equal(shop.fake.received.filter((line) => line.startsWith("two")).length, 2);
  shop.close();
});

test("a reload keeps what active checks found; a removed server's checks end", async () => {
  const shop = new Workshop();
  shop.fake.statuses.set("one:80", 500);
  const checked = loadBalancer(["http://one:80", "http://two:80"], { healthCheck });
  shop.build(serving(checked));
  await settled();
  const probes = () => shop.fake.received.filter((line) => line.endsWith("/health")).length;
  assert.equal(probes(), 2);
  for (let at = 0; at < 3; at++) {
    assert.equal(await answers(shop, 4), "two two two two");
    shop.build(serving(checked, { routers: { [`n${at}`]: router("n.test", "s") } }));
    await settled();
  }
  assert.equal(probes(), 2, "a reload probes nobody again");
  const { size } = shop.state;
  shop.build(serving(loadBalancer(["http://two:80"], { healthCheck })));
  assert.ok(shop.state.size < size);
  assert.deepEqual(shop.table.status.services[0]?.serverStatus(), { "http://two:80": "UP" });
  shop.close();
});

test("a reload keeps what passive checks found", async () => {
  const shop = new Workshop();
  shop.fake.statuses.set("one:80", 500);
  const checked = loadBalancer(["http://one:80", "http://two:80"], {
    passiveHealthCheck: { failureWindowMs: 60_000, maxFailedAttempts: 1 },
  });
  shop.build(serving(checked));
  await answers(shop, 2);
  shop.build(serving(checked, { routers: { n: router("n.test", "s") } }));
  assert.equal(await answers(shop, 4), "two two two two");
  shop.close();
});

test("a failure that comes after its server is gone starts nothing", async () => {
  const statuses: string[] = [];
  const meters = {
    router: () => undefined,
    service: () => undefined,
    serverUp: (_service: string, url: string, up: boolean) => void statuses.push(`${url} ${up}`),
  };
  const shop = new Workshop({ meters });
  shop.fake.statuses.set("one:80", 500);
  shop.build(serving(loadBalancer(["http://one:80"], {
    passiveHealthCheck: { failureWindowMs: 60_000, maxFailedAttempts: 1 },
  })));
  const late = shop.ask("a.test/");
  shop.build(serving(loadBalancer(["http://two:80"])));
  assert.match(await late, /^500/);
  assert.deepEqual(statuses, ["http://one:80 true", "http://two:80 true"]);
  assert.deepEqual(shop.logger.at("warn"), []);
  shop.close();
});

test("the order of equal routers does not depend on the health their servers happen to have", async () => {
  const shop = new Workshop();
  shop.fake.statuses.set("one:80", 500);
  const parts: Parts = {
    routers: { r: router("a.test", "sick"), s: router("a.test", "well") },
    services: { sick: loadBalancer(["http://one:80"], { healthCheck }), well: loadBalancer(["http://two:80"]) },
  };
  shop.build(parts);
  await settled();
  shop.build(parts);
  assert.equal(await shop.ask("a.test/"), "503 no available server");
  shop.close();
});

test("a build that is given up leaves everything as it was", async () => {
  const shop = new Workshop();
  shop.build(serving(pair));
  const [first = "", second = ""] = (await answers(shop, 2)).split(" ");
  const { size } = shop.state;
  const dialled = shop.fake.dialled.length;
  shop.state.begin();
  const other = serving(loadBalancer(["http://three:80"], { healthCheck }));
  buildRoutingTable(
    mergeConfigurations(new Map([["file", { configuration: configuration(other), problems: [] }]])),
    shop.context,
  );
  shop.state.rollback();
  await settled();
  assert.equal(shop.state.size, size);
  assert.equal(await answers(shop, 4), `${first} ${second} ${first} ${second}`);
  assert.deepEqual(shop.fake.dialled.slice(dialled).filter((address) => address !== "three:80"), []);
  shop.close();
  await settled();
  assert.equal(shop.fake.open.size, 0);
  assert.equal(shop.deadlines.size, 0);
});

test("a thousand reloads leave nothing behind", async () => {
  const shop = new Workshop();
  const parts = (at: number): Parts => ({
    routers: { r: router("a.test", "keep"), [`r${at}`]: router(`h${at}.test`, `s${at}`) },
    services: {
      keep: loadBalancer(["http://keep:80"]),
      [`s${at}`]: loadBalancer([`http://s${at}:80`], {
        passiveHealthCheck: { failureWindowMs: 60_000 + at, maxFailedAttempts: 3 },
      }),
    },
  });
  const sizes = new Set<number>();
  for (let at = 0; at < 1_000; at++) {
    shop.build(parts(at));
    if (at % 100 === 0) assert.equal(await shop.ask("a.test/"), "200 keep:80");
    sizes.add(shop.state.size);
  }
  assert.deepEqual(sizes.size, 1, `sizes of the state: ${[...sizes]}`);
  assert.deepEqual(shop.fake.dialled, ["keep:80"]);
  shop.close();
  await settled();
  assert.deepEqual([shop.state.size, shop.fake.open.size, shop.deadlines.size], [0, 0, 0]);
});

test("metrics go with the router, service and server they count", async () => {
  const registry = new MetricsRegistry();
  const options = { addRoutersLabels: true };
  const metrics = createProxyMetrics(registry, options, {
    version: "0",
    runtime: "node",
    runtimeVersion: "0",
    startDate: new Date(0),
    residentBytes: () => 0,
  });
  const state = new StateStore();
  const shop = new Workshop({ state, meters: createBuildMeters(metrics, state) });
  const checked = loadBalancer(["http://one:80", "http://two:80"], { healthCheck });
  const rebuild = (parts: Parts) => {
    state.begin();
    shop.table = buildRoutingTable(
      mergeConfigurations(new Map([["file", { configuration: configuration(parts), problems: [] }]])),
      shop.context,
    );
    state.commit();
  };
  const sample = {
    status: 200,
    method: "GET",
    protocol: "http",
    seconds: 0,
    requestBytes: 0,
    responseBytes: 0,
  } as const;
  const count = async () => {
    const { record } = (await shop.exchange("a.test/")).request;
    record.routerMeter?.observe(sample);
    record.serviceMeter?.observe(sample);
    return record;
  };
  rebuild(serving(checked));
  await count();
  rebuild(serving(checked, { routers: { n: router("n.test", "s") } }));
  const late = await count();
  const { size } = state;
  let text = exposeMetrics(registry, undefined).text;
  assert.match(text, /traefik_router_requests_total\{[^}]*router="r@file"[^}]*\} 2/);
  assert.match(text, /traefik_service_requests_total\{[^}]*service="s@file"[^}]*\} 2/);
  assert.match(text, /traefik_service_server_up\{service="s@file",url="http:\/\/one:80"\} 1/);
  rebuild({ routers: { r: router("a.test", "t") }, services: { t: loadBalancer(["http://two:80"]) } });
  late.routerMeter?.observe(sample);
  late.serviceMeter?.observe({ ...sample, status: 500 });
  text = exposeMetrics(registry, undefined).text;
  assert.doesNotMatch(text, /s@file|one:80/);
  assert.ok(state.size < size);
  state.begin();
  state.commit();
});

test("RuleCache gives the same tree for the same text, and keeps no more than twice as many rules as there are", () => {
  const cache = new RuleCache();
  let kept = cache.read("Host(`kept`)", "v3");
  let forgotten = 0;
  for (let build = 0; build < 5_000; build++) {
    cache.turn(10);
    const again = cache.read("Host(`kept`)", "v3");
    if (again !== kept) forgotten++;
    kept = again;
    assert.notEqual(cache.read("Host(`kept`)", "v2"), kept);
    cache.read(`Host(\`h${build}\`)`, "v3");
    assert.ok(cache.size <= 2 * (2 * 10 + 1_000 + 3));
  }
  assert.equal(forgotten, 0);
});

test("RuleCache tells the rules of protocols apart", () => {
  const cache = new RuleCache();
  assert.ok("error" in cache.read("HostSNI(`*`)", "v3"));
  assert.ok("tree" in cache.read("HostSNI(`*`)", "v3", "tcp"));
});

test("ServiceHeights.of() counts levels, whatever refers back", () => {
  const weighted = (...names: string[]) => ({
    kind: "weighted" as const,
    services: names.map((name) => ({ name, weight: 1 })),
  });
  const services = {
    leaf: loadBalancer([]),
    two: weighted("leaf", "gone"),
    three: weighted("leaf", "two", "leaf"),
    loop: weighted("back", "three"),
    back: weighted("loop"),
    self: weighted("self"),
  };
  const heights = new ServiceHeights(services);
  const of = (key: string) => heights.of(key);
  assert.deepEqual(["leaf", "two", "three", "loop", "self", "gone"].map(of), [1, 2, 3, 4, 1, 1]);
  assert.deepEqual(withDescendants(services, "loop"), ["loop", "back", "three", "leaf", "two", "gone"]);
});
