// The API as Traefik's users and tools read it, asked of real processes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, eventually } from "../support/ask.ts";
import { startDev } from "../support/dev-session.ts";
import { type ProxyProcess, routesTo, withProxy } from "../support/proxy-process.ts";
import { threeRuntimes } from "../support/runtimes.ts";

const oneRuntime = threeRuntimes.slice(0, 1);
const flags = ["--api.insecure", "--ping", "--metrics.prometheus", "--accesslog.filepath=/dev/null"];

const routers = `    app:
      rule: Host(\`app.test\`)
      service: app
      middlewares: [strip]
    lost: {rule: "Host(\`lost.test\`)", service: none}
    bad: {rule: "Hots(\`bad.test\`)", service: app}
    own: {rule: "Host(\`own.test\`)", service: api@internal, priority: 7}
`;
const middlewares = `  middlewares:
    strip: {stripPrefix: {prefixes: [/api]}}
`;
const dynamic = (url: string) => routesTo(url, routers, middlewares);

async function json({ asks }: ProxyProcess, path: string): Promise<unknown> {
  const { status, headers, body } = await asks(path);
  assert.equal(status, 200, `${path}: ${body}`);
  assert.match(String(headers["content-type"]), /^application\/json/);
  return JSON.parse(body);
}

const observability = { accessLogs: true, metrics: true, tracing: true };

for (const runtime of threeRuntimes) {
  test(`rawdata, lists and single parts have Traefik's shapes on ${runtime.name}`, async () => {
    await withProxy(runtime, { flags, dynamic }, async (proxy) => {
      const app = {
        entryPoints: ["web"],
        middlewares: ["strip@file"],
        service: "app@file",
        rule: "Host(`app.test`)",
        priority: 16,
        observability,
        status: "enabled",
        using: ["web"],
      };
      const service = {
        loadBalancer: { servers: [{ url: proxy.echo.url }], strategy: "wrr", passHostHeader: true },
        status: "enabled",
        usedBy: ["app@file"],
        serverStatus: { [proxy.echo.url]: "UP" },
      };
      const strip = {
        stripPrefix: { prefixes: ["/api"], forceSlash: true },
        status: "enabled",
        usedBy: ["app@file"],
      };
      const raw = await json(proxy, "/api/rawdata");
      assertPart(raw, ["routers", "app@file"], app);
      assertPart(raw, ["services", "app@file"], service);
      assertPart(raw, ["middlewares", "strip@file"], strip);
      assertPart(raw, ["routers", "lost@file", "status"], "disabled");
      assertPart(raw, ["routers", "bad@file", "status"], "disabled");
      const listed = { name: "app@file", provider: "file" };
      assertPart(await json(proxy, "/api/http/routers/app@file"), [], { ...app, ...listed, priorityStr: "16" });
      const listedService = { ...service, ...listed, type: "loadbalancer" };
      assertPart(await json(proxy, "/api/http/services/app@file"), [], listedService);
      assertPart(await json(proxy, "/api/http/middlewares/strip@file"), [], {
        ...strip,
        name: "strip@file",
        provider: "file",
        type: "stripprefix",
      });
    });
  });

  test(`version, overview and entry points have Traefik's shapes on ${runtime.name}`, async () => {
    await withProxy(runtime, { flags, dynamic }, async (proxy) => {
      const version = await json(proxy, "/api/version");
      assertPart(version, ["Codename"], "weir");
      const { Version, startDate } = toRecord(version);
      assert.match(String(Version), /^\d+\.\d+\.\d+$/);
      assert.ok(Date.now() - Date.parse(String(startDate)) < 60_000);
      const none = { total: 0, warnings: 0, errors: 0 };
      assert.deepEqual(await json(proxy, "/api/overview"), {
        http: {
          routers: { total: 8, warnings: 0, errors: 2 },
          services: { total: 1, warnings: 0, errors: 0 },
          middlewares: { total: 1, warnings: 0, errors: 0 },
        },
        tcp: { routers: none, services: none, middlewares: none },
        udp: { routers: none, services: none },
        certificates: none,
        features: { tracing: "", metrics: "Prometheus", accessLog: true },
        providers: ["File"],
      });
      const points = await json(proxy, "/api/entrypoints");
      assert.ok(Array.isArray(points));
      assert.deepEqual(points.map((point) => toRecord(point)["name"]), ["web", "traefik"]);
      assertPart(points[0], ["address"], `127.0.0.1:${proxy.weir.port("web")}`);
      assertPart(points[0], ["transport", "lifeCycle", "graceTimeOut"], 10_000);
      assert.deepEqual(await json(proxy, "/api/entrypoints/web"), points[0]);
    });
  });

  test(`problems name the router, what is wrong and what to do on ${runtime.name}`, async () => {
    await withProxy(runtime, { flags, dynamic }, async (proxy) => {
      const problems = await json(proxy, "/api/problems");
      assert.ok(Array.isArray(problems));
      const bad = problems.map(toRecord).find(({ message }) => String(message).includes("bad@file"));
      assert.match(String(bad?.["message"]), /Hots/);
      assert.match(String(bad?.["hint"]), /did you mean "?`?Host/);
      assertPart(bad, ["source", "file"], `${proxy.folder}/dynamic.yml`);
      const lost = problems.map(toRecord).find(({ message }) => String(message).includes("lost@file"));
      assert.match(String(lost?.["message"]), /none/);
      await proxy.write("dynamic.yml", dynamic(proxy.echo.url).replace("Hots", "Host").replace("none", "app"));
      assert.deepEqual(await eventually(() => json(proxy, "/api/problems"), isEmpty), []);
    });
  });
}

for (const runtime of oneRuntime) {
  test("lists are searched, filtered, sorted and cut into pages", async () => {
    await withProxy(runtime, { flags, dynamic }, async (proxy) => {
      const names = async (query: string) => {
        const list = await json(proxy, `/api/http/routers?${query}`);
        assert.ok(Array.isArray(list));
        return list.map((item) => toRecord(item)["name"]);
      };
      assert.deepEqual(await names("search=own.test"), ["own@file"]);
      assert.deepEqual(await names("status=disabled"), ["bad@file", "lost@file"]);
      assert.deepEqual(await names("middlewareName=strip@file"), ["app@file"]);
      assert.deepEqual(await names("search=@file&sortBy=priority&per_page=1&page=1&direction=asc&status=enabled"), [
        "own@file",
      ]);
      const page = await proxy.asks("/api/http/routers?per_page=2&page=2");
      assert.equal(page.headers["x-next-page"], "3");
      const beyond = await proxy.asks("/api/http/routers?page=9");
      assert.equal(beyond.status, 400);
      assert.match(beyond.body, /"message":"invalid request: page: 9/);
    });
  });

  test("what is not there answers 404, what would change something 405", async () => {
    await withProxy(runtime, { flags, dynamic }, async ({ asks, weir }) => {
      for (const path of ["/api/http/routers/none@file", "/api/nothing", "/api/entrypoints/none"]) {
        const { status, body } = await asks(path);
        assert.equal(status, 404, path);
        assert.match(body, /^\{"message":".+"\}$/);
      }
      const { status } = await ask({ port: weir.port("traefik"), path: "/api/rawdata", method: "POST", body: "x" });
      assert.equal(status, 405);
    });
  });

  test("an own router reaches api@internal, and without insecure nothing else does", async () => {
    const ownOnly = ["--api", "--ping"];
    await withProxy(runtime, { flags: ownOnly, dynamic }, async (proxy) => {
      assert.equal((await proxy.asks("/api/version")).status, 404);
      const { status, body } = await proxy.ask({ host: "own.test", path: "/api/http/routers/own@file" });
      assert.equal(status, 200);
      assertPart(JSON.parse(body), ["service"], "api@internal");
    });
  });

  test("the dashboard's page is served, and / leads to it", async () => {
    await withProxy(runtime, { flags }, async ({ asks }) => {
      const { status, headers } = await asks("/");
      assert.deepEqual([status, headers["location"]], [302, "/dashboard/"]);
      const page = await asks("/dashboard/");
      assert.equal(page.status, 200);
      assert.match(page.body, /<h1>weir /);
    });
  });

  test("an API below a base path answers there", async () => {
    await withProxy(runtime, { flags: ["--api.insecure", "--api.basepath=/admin"] }, async ({ asks }) => {
      assert.equal((await asks("/admin/api/version")).status, 200);
      assert.equal((await asks("/api/version")).status, 404);
    });
  });

  test("parts of Kubernetes objects are reached by their names, those with slashes too", async () => {
    const session = await startDev(runtime, ["fixtures/seeds/001"]);
    try {
      const port = session.weir.port("traefik");
      for (const kind of ["routers", "services"]) {
        const list = JSON.parse((await ask({ port, path: `/api/http/${kind}` })).body);
        assert.ok(Array.isArray(list));
        const names = list.map((item) => String(toRecord(item)["name"]));
        assert.ok(names.some((name) => name.endsWith("@kubernetescrd")), names.join());
        for (const name of names) {
          const single = await ask({ port, path: `/api/http/${kind}/${encodeURIComponent(name)}` });
          assert.equal(single.status, 200, `${name}: ${single.body}`);
          assertPart(JSON.parse(single.body), ["name"], name);
        }
      }
      const raw = JSON.parse((await ask({ port, path: "/api/rawdata" })).body);
      assertPart(raw, ["services", "default-wrr@kubernetescrd", "weighted", "services"], [
        { name: "default-app-v1-80@kubernetescrd", weight: 1 },
        { name: "default-app-v2-80@kubernetescrd", weight: 2 },
      ]);
    } finally {
      await session.stop();
    }
  });
}

function isEmpty(list: unknown): boolean {
  return Array.isArray(list) && list.length === 0;
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Compares what lies at a path of an answer. */
function assertPart(answer: unknown, path: readonly string[], wanted: unknown): void {
  let found = answer;
  for (const key of path) found = toRecord(found)[key];
  assert.deepEqual(found, wanted, path.join("/"));
}
