// The access log of real processes, read field by field.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { hostname } from "node:os";
import { test } from "node:test";
import { type ProxyProcess, routesTo, withProxy } from "../support/proxy-process.ts";
import { threeRuntimes } from "../support/runtimes.ts";

const oneRuntime = threeRuntimes.slice(0, 1);
const date = String.raw`\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000`;

/** A line of JSON with that path. */
async function jsonLine(proxy: ProxyProcess, path: string): Promise<Record<string, unknown>> {
  const pattern = new RegExp(`^\\{.*"RequestPath":"${path.replace(/[?]/g, "\\$&")}".*\\}$`, "m");
  const [line] = await proxy.weir.waitFor(pattern);
  return JSON.parse(line);
}

/** Sends a request, and resets the connection when it has reached the backend. */
async function leave({ weir, echo }: ProxyProcess, path: string): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port: weir.port("web") });
  socket.on("error", () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: app.test\r\n\r\n`);
  await echo.arrived(path);
  socket.resetAndDestroy();
}

for (const runtime of threeRuntimes) {
  test(`the common format has Traefik's fields on ${runtime.name}`, async () => {
    const flags = [
      "--accesslog",
      "--accesslog.fields.headers.names.User-Agent=keep",
      "--accesslog.fields.headers.names.Referer=keep",
    ];
    await withProxy(runtime, { flags }, async (proxy) => {
      const { weir, echo, ask } = proxy;
      const { body } = await ask({ path: "/a?b=1", headers: { "User-Agent": "test/1", Referer: "http://r.test/" } });
      const proxied = `127\\.0\\.0\\.1 - - \\[${date}\\] "GET /a\\?b=1 HTTP/1\\.1" 200 ${body.length} ` +
        `"http://r\\.test/" "test/1" 1 "app@file" "${echo.url}" \\d+ms`;
      await weir.waitFor(new RegExp(`^${proxied}$`, "m"));
      await ask({ host: "none.test", path: "/lost" });
      const lost = `127\\.0\\.0\\.1 - - \\[${date}\\] "GET /lost HTTP/1\\.1" 404 19 "-" "-" 2 "-" "-" \\d+ms`;
      await weir.waitFor(new RegExp(`^${lost}$`, "m"));
      await leave(proxy, "/held");
      await weir.waitFor(/"GET \/held HTTP\/1\.1" 499 0 "-" "-" 3 "app@file" "http:\/\/[0-9.:]+" \d+ms$/m);
    });
  });

  test(`the JSON format has Traefik's fields on ${runtime.name}`, async () => {
    const flags = ["--accesslog", "--accesslog.format=json"];
    await withProxy(runtime, { flags }, async (proxy) => {
      const { weir, echo, ask } = proxy;
      const started = Date.now();
      const { body } = await ask({ path: "/a?b=1", method: "POST", body: "12345", headers: { Host: "app.test:81" } });
      const line = await jsonLine(proxy, "/a?b=1");
      const { ClientAddr, ClientPort, Duration, OriginDuration, Overhead, StartUTC, StartLocal, time, ...rest } = line;
      assert.equal(ClientAddr, `127.0.0.1:${String(ClientPort)}`);
      assert.ok(Number(Duration) >= Number(OriginDuration) && Number(OriginDuration) > 0);
      assert.equal(Overhead, Number(Duration) - Number(OriginDuration));
      assert.ok(Math.abs(Date.parse(String(StartUTC)) - started) < 5_000, String(StartUTC));
      assert.equal(Date.parse(String(StartLocal)), Date.parse(String(StartUTC)));
      assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.deepEqual(rest, {
        ClientHost: "127.0.0.1",
        ClientUsername: "-",
        DownstreamContentSize: body.length,
        DownstreamStatus: 200,
        OriginContentSize: body.length,
        OriginStatus: 200,
        RequestAddr: "app.test:81",
        RequestContentSize: 5,
        RequestCount: 1,
        RequestHost: "app.test",
        RequestMethod: "POST",
        RequestPath: "/a?b=1",
        RequestPort: "81",
        RequestProtocol: "HTTP/1.1",
        RequestScheme: "http",
        RetryAttempts: 0,
        RouterName: "app@file",
        ServiceAddr: echo.url.slice("http://".length),
        ServiceName: "app@file",
        ServiceURL: echo.url,
        entryPointName: "web",
        level: "info",
        msg: "",
      });
      await ask({ host: "none.test", path: "/lost" });
      const lost = await jsonLine(proxy, "/lost");
      assert.deepEqual([lost["DownstreamStatus"], lost["RouterName"], lost["OriginStatus"]], [
        404,
        undefined,
        undefined,
      ]);
      await leave(proxy, "/held");
      const left = await jsonLine(proxy, "/held");
      assert.deepEqual([left["DownstreamStatus"], left["RouterName"], left["OriginStatus"]], [
        499,
        "app@file",
        undefined,
      ]);
      assert.equal(weir.output().split("\n").filter((text) => text.startsWith("{")).length, 3);
    });
  });
}

for (const runtime of oneRuntime) {
  test("headers are logged as they came, not as middlewares left them; credentials are redacted", async () => {
    const flags = ["--accesslog", "--accesslog.format=json", "--accesslog.fields.headers.defaultmode=keep"];
    const rest = `  middlewares:
    change:
      headers:
        customRequestHeaders: {X-Client: "", X-Added: "1"}
        customResponseHeaders: {X-Backend: changed}
`;
    const router = '    app: {rule: "Host(`app.test`)", service: app, middlewares: [change]}\n';
    await withProxy(runtime, { flags, dynamic: (url) => routesTo(url, router, rest) }, async (proxy) => {
      const { headers } = await proxy.ask({ path: "/h", headers: { "x-client": "mine", Authorization: "Basic eA==" } });
      assert.equal(headers["x-backend"], "changed");
      const line = await jsonLine(proxy, "/h");
      assert.equal(line["request_X-Client"], "mine");
      assert.equal(line["request_X-Added"], undefined);
      assert.equal(line["request_Authorization"], "REDACTED");
      assert.equal(line["request_X-Forwarded-Server"], hostname());
      assert.equal(line["origin_X-Backend"], "echo");
      assert.equal(line["downstream_X-Backend"], "changed");
    });
  });

  test("filters choose which requests are logged, fields choose what of them", async () => {
    const flags = [
      "--accesslog.format=json",
      "--accesslog.filters.statuscodes=404,500-599",
      "--accesslog.fields.defaultmode=drop",
      "--accesslog.fields.names.RequestPath=keep",
    ];
    await withProxy(runtime, { flags }, async (proxy) => {
      await proxy.ask({ path: "/fine" });
      await proxy.ask({ host: "none.test", path: "/lost" });
      const { time, ...line } = await jsonLine(proxy, "/lost");
      assert.equal(typeof time, "string");
      assert.deepEqual(line, { RequestPath: "/lost", level: "info", msg: "" });
      assert.doesNotMatch(proxy.weir.output(), /\/fine/);
    });
  });

  test("requests to weir's own services are logged only when asked for", async () => {
    for (const wanted of [false, true]) {
      const flags = ["--ping", "--accesslog", `--accesslog.addinternals=${wanted}`];
      await withProxy(runtime, { flags }, async ({ weir, ask, asks }) => {
        await asks("/ping");
        await ask({ path: "/last" });
        await weir.waitFor(/\/last/);
        assert.equal(/"GET \/ping HTTP\/1\.1" 200 .* "ping@internal"/.test(weir.output()), wanted);
      });
    }
  });

  test("routers and entry points switch the log off", async () => {
    const routers = '    app: {rule: "Host(`app.test`)", service: app}\n' +
      '    quiet: {rule: "Host(`quiet.test`)", service: app, observability: {accessLogs: false}}\n';
    await withProxy(
      runtime,
      { flags: ["--accesslog"], dynamic: (url) => routesTo(url, routers) },
      async ({ weir, ask }) => {
        await ask({ host: "quiet.test", path: "/quiet" });
        await ask({ path: "/last" });
        await weir.waitFor(/\/last/);
        assert.doesNotMatch(weir.output(), /\/quiet/);
      },
    );
    const flags = [
      "--accesslog",
      "--entrypoints.web.observability.accesslogs=false",
      "--ping",
      "--ping.entrypoint=web",
    ];
    await withProxy(runtime, { flags }, async ({ weir, ask }) => {
      await ask();
      await weir.stop();
      assert.doesNotMatch(weir.output(), /GET/);
    });
  });
}
