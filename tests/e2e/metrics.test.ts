// Traefik's metrics of real processes, counted after known requests.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { eventually } from "../support/ask.ts";
import { type ProxyProcess, withProxy } from "../support/proxy-process.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { startScripted } from "../support/scripted-backend.ts";

/** Series as `name{label="…",…}` → value. */
async function scrape({ asks }: Pick<ProxyProcess, "asks">): Promise<ReadonlyMap<string, number>> {
  const { status, headers, body } = await asks("/metrics");
  assert.equal(status, 200);
  assert.match(String(headers["content-type"]), /^text\/plain; version=0\.0\.4/);
  const lines = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

const flags = ["--metrics.prometheus", "--metrics.prometheus.addrouterslabels"];

for (const runtime of threeRuntimes) {
  test(`requests are counted by entry point, router and service on ${runtime.name}`, async () => {
    await withProxy(runtime, { flags }, async (proxy) => {
      const { ask, echo } = proxy;
      let bytes = 0;
      for (let turn = 0; turn < 5; turn++) bytes += (await ask()).body.length;
      await ask({ method: "POST", body: "12345" });
      await ask({ method: "PROPFIND" });
      await ask({ host: "none.test" });
      const seen = await scrape(proxy);
      const get = `code="200",METHOD,protocol="http"`;
      const scopes = [
        ["entrypoint", (rest: string) => rest.replace("METHOD", `entrypoint="web",METHOD`)],
        ["router", (rest: string) => `${rest},router="app@file",service="app@file"`],
        ["service", (rest: string) => `${rest},service="app@file"`],
      ] as const;
      for (const [scope, label] of scopes) {
        const series = (name: string, method: string, more = "") =>
          seen.get(`traefik_${scope}_${name}{${label(get).replace("METHOD", `method="${method}"`)}${more}}`);
        assert.equal(series("requests_total", "GET"), 5, scope);
        assert.equal(series("requests_total", "POST"), 1, scope);
        assert.equal(series("requests_total", "EXTENSION_METHOD"), 1, scope);
        assert.equal(series("requests_bytes_total", "POST"), 5, scope);
        assert.equal(series("responses_bytes_total", "GET"), bytes, scope);
        assert.equal(series("request_duration_seconds_count", "GET"), 5, scope);
        assert.equal(series("request_duration_seconds_bucket", "GET", `,le="+Inf"`), 5, scope);
        assert.equal(series("request_duration_seconds_bucket", "GET", `,le="5"`), 5, scope);
      }
      const lost = `{code="404",entrypoint="web",method="GET",protocol="http"}`;
      assert.equal(seen.get(`traefik_entrypoint_requests_total${lost}`), 1);
      assert.equal(seen.get(`traefik_service_server_up{service="app@file",url="${echo.url}"}`), 1);
      assert.ok(
        [...seen.keys()].every((name) => !name.includes("@internal") && !name.includes(`entrypoint="traefik",m`)),
      );
    });
  });

  test(`reloads and open connections are counted on ${runtime.name}`, async () => {
    await withProxy(runtime, { flags }, async (proxy) => {
      const { weir, echo, write } = proxy;
      const before = await scrape(proxy);
      const reloads = before.get("traefik_config_reloads_total") ?? 0;
      assert.ok(reloads >= 1);
      const time = before.get("traefik_config_last_reload_success") ?? 0;
      assert.ok(Math.abs(time - Date.now() / 1000) < 60);
      const open = `traefik_open_connections{entrypoint="web",protocol="TCP"}`;
      assert.equal(before.get(open), 0);
      const sockets = [1, 2, 3].map(() => connect({ host: "127.0.0.1", port: weir.port("web") }));
      assert.equal((await eventually(() => scrape(proxy), (seen) => seen.get(open) === 3)).get(open), 3);
      for (const socket of sockets) socket.destroy();
      assert.equal((await eventually(() => scrape(proxy), (seen) => seen.get(open) === 0)).get(open), 0);
      const up = `traefik_service_server_up{service="app@file",url="${echo.url}"}`;
      assert.equal(before.get(up), 1);
      await write("dynamic.yml", "http: {}\n");
      const after = await eventually(() => scrape(proxy), (seen) => !seen.has(up));
      assert.equal(after.has(up), false);
      assert.ok((after.get("traefik_config_reloads_total") ?? 0) > reloads);
    });
  });
}

for (const runtime of threeRuntimes.slice(0, 1)) {
  test("retries and failures of servers are counted", async () => {
    const broken = await startScripted({ request: ({ socket }) => socket.resetAndDestroy() });
    const dynamic = (url: string) =>
      `http:
  routers: {app: {rule: "PathPrefix(\`/\`)", service: app}}
  services: {app: {loadBalancer: {servers: [{url: "${broken.url}"}, {url: "${url}"}]}}}
`;
    try {
      await withProxy(runtime, { flags, dynamic }, async (proxy) => {
        for (let turn = 0; turn < 4; turn++) assert.equal((await proxy.ask()).status, 200);
        const seen = await scrape(proxy);
        assert.equal(seen.get(`traefik_service_retries_total{service="app@file"}`), broken.requests);
        assert.ok(broken.requests > 0);
      });
    } finally {
      await broken.close();
    }
  });

  test("metrics of weir's own services are counted only when asked for, and scopes switch off", async () => {
    const more = ["--metrics.addinternals", "--metrics.prometheus.addserviceslabels=false"];
    await withProxy(runtime, { flags: [...flags, ...more] }, async (proxy) => {
      await proxy.ask();
      await scrape(proxy);
      const seen = [...(await scrape(proxy)).keys()];
      assert.ok(seen.some((name) => name.includes(`router="prometheus@internal"`)));
      assert.ok(seen.some((name) => name.startsWith("traefik_router_requests_total")));
      assert.ok(!seen.some((name) => name.startsWith("traefik_service_requests_total")));
    });
  });

  test("metrics are served on another entry point, or by a router of one's own", async () => {
    const other = ["--metrics.prometheus.entrypoint=web", "--ping"];
    await withProxy(runtime, { flags: other }, async ({ ask }) => {
      assert.match((await ask({ path: "/metrics", host: "any.test" })).body, /^traefik_config_reloads_total/m);
    });
    const own = `http: {routers: {m: {rule: "Path(\`/own\`)", service: prometheus@internal, entryPoints: [web]}}}\n`;
    const manual = ["--metrics.prometheus", "--metrics.prometheus.manualrouting", "--ping"];
    await withProxy(runtime, { flags: manual, dynamic: () => own }, async ({ ask, asks }) => {
      assert.equal((await asks("/metrics")).status, 404);
      assert.match((await ask({ path: "/own" })).body, /^traefik_config_reloads_total/m);
    });
  });
}
