// The middlewares through real processes, asked by curl where curl is what users have.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { connect } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import { toEchoed } from "../support/echo.ts";
import { type ProxyProcess, routesTo, withProxy } from "../support/proxy-process.ts";
import { threeRuntimes } from "../support/runtimes.ts";

const run = promisify(execFile);

const middlewares = `  middlewares:
    strip: {stripPrefix: {prefixes: [/api, /old]}}
    own:
      headers:
        customRequestHeaders: {X-Added: "1", X-Removed: ""}
        customResponseHeaders: {X-Backend: "", X-Weir: "yes"}
        frameDeny: true
    cors:
      headers:
        accessControlAllowMethods: [GET, PUT]
        accessControlAllowOriginList: ["https://page.test"]
        accessControlMaxAge: 60
        addVaryHeader: true
    small: {compress: {}}
`;
const routers = ["strip", "own", "cors", "small"].map((name) =>
  `    ${name}: {rule: "Host(\`${name}.test\`)", service: app, middlewares: [${name}]}\n`
).join("");
const dynamic = (url: string) => routesTo(url, routers, middlewares);

/** Real curl, with a deadline. @returns what it printed */
async function curl({ weir }: ProxyProcess, host: string, path: string, ...args: readonly string[]): Promise<string> {
  const url = `http://127.0.0.1:${weir.port("web")}${path}`;
  const { stdout } = await run("curl", ["-s", "--max-time", "10", "-H", `Host: ${host}`, ...args, url]);
  return stdout;
}

/** The first event of a stream that does not end. */
function firstEvent({ weir }: ProxyProcess, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: weir.port("web") });
    let text = "";
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no event came: ${text}`)));
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end === -1 || text.length === end + 4) return;
      socket.destroy();
      resolve(text);
    });
    socket.write(`GET /events HTTP/1.1\r\nHost: ${host}\r\nAccept-Encoding: gzip\r\nAccept: text/event-stream\r\n\r\n`);
  });
}

for (const runtime of threeRuntimes) {
  test(`stripPrefix takes the first matching prefix off on ${runtime.name}`, async () => {
    await withProxy(runtime, { dynamic }, async (proxy) => {
      const rows = [
        ["/api/users?x=1", "/users?x=1", "/api"],
        ["/old", "/", "/old"],
        ["/apis", "/s", "/api"],
        ["/other", "/other", undefined],
        ["/api/%2e%2e/secret", "/secret", undefined],
      ] as const;
      for (const [path, sent, prefix] of rows) {
        const { url, headers } = toEchoed((await proxy.ask({ host: "strip.test", path })).body);
        assert.deepEqual([url, headers["x-forwarded-prefix"]], [sent, prefix], path);
      }
    });
  });

  test(`headers sets and deletes on both sides, and answers preflights itself on ${runtime.name}`, async () => {
    await withProxy(runtime, { dynamic }, async (proxy) => {
      const own = await proxy.ask({ host: "own.test", headers: { "X-Removed": "1" } });
      const { headers } = toEchoed(own.body);
      assert.deepEqual([headers["x-added"], headers["x-removed"]], ["1", undefined]);
      const { "x-weir": weir, "x-backend": backend, "x-frame-options": frame } = own.headers;
      assert.deepEqual([weir, backend, frame], ["yes", undefined, "DENY"]);

      const origin = ["-H", "Origin: https://page.test"];
      const asked = proxy.echo.paths.length;
      const preflight = ["-i", "-X", "OPTIONS", ...origin, "-H", "Access-Control-Request-Method: PUT"];
      const answer = await curl(proxy, "cors.test", "/", ...preflight);
      assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
      assert.match(answer, /^Access-Control-Allow-Methods: GET,PUT\r$/im);
      assert.match(answer, /^Access-Control-Allow-Origin: https:\/\/page\.test\r$/im);
      assert.match(answer, /^Access-Control-Max-Age: 60\r$/im);
      assert.equal(proxy.echo.paths.length, asked);
      const plain = await proxy.ask({ host: "cors.test", headers: { Origin: "https://other.test" } });
      assert.deepEqual([plain.headers["access-control-allow-origin"], plain.headers["vary"]], [undefined, "Origin"]);
    });
  });

  test(`compress serves curl --compressed, and holds no event back on ${runtime.name}`, async () => {
    await withProxy(runtime, { dynamic }, async (proxy) => {
      const plain = await curl(proxy, "small.test", "/big");
      assert.equal(plain.length, 16 * 1024);
      assert.equal(await curl(proxy, "small.test", "/big", "--compressed"), plain);
      for (const coding of ["gzip", "br", "zstd"]) {
        const head = await curl(
          proxy,
          "small.test",
          "/big",
          "-H",
          `Accept-Encoding: ${coding}`,
          "-D",
          "-",
          "-o",
          "/dev/null",
        );
        assert.match(head, new RegExp(`^Content-Encoding: ${coding}\\r$`, "im"));
        assert.match(head, /^Vary: Accept-Encoding\r$/im);
        assert.doesNotMatch(head, /^Content-Length:/im);
      }
      const size = await curl(proxy, "small.test", "/big", "--compressed", "-o", "/dev/null", "-w", "%{size_download}");
      assert.ok(Number(size) < 1024, size);
      assert.match(await curl(proxy, "small.test", "/", "--compressed", "-i"), /^Content-Type: application\/json\r$/im);
      assert.match(await firstEvent(proxy, "small.test"), /^HTTP\/1\.1 200 OK\r\n/);
    });
  });
}
