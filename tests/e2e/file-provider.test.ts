// The file provider while requests run: what is edited, broken, repaired, added and removed.

import assert from "node:assert/strict";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ask, eventually } from "../support/ask.ts";
import { startEcho } from "../support/echo.ts";
import { type ProxyProcess, routesTo, toEcho, withProxy } from "../support/proxy-process.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { startWeir, temporaryFolder } from "../support/weir.ts";

const oneRuntime = threeRuntimes.slice(0, 1);

/** Asks `app.test` without pause until it is stopped. @returns the statuses that were not 200 */
function keepAsking(proxy: ProxyProcess): () => Promise<number[]> {
  const wrong: number[] = [];
  let running = true;
  const loop = (async () => {
    while (running) {
      const { status } = await proxy.ask();
      if (status !== 200) wrong.push(status);
    }
  })();
  return async () => {
    running = false;
    await loop;
    return wrong;
  };
}

/** Waits until a host answers with a status. */
async function becomes(proxy: ProxyProcess, host: string, status: number): Promise<void> {
  const seen = await eventually(() => proxy.ask({ host }), (answer) => answer.status === status);
  assert.equal(seen.status, status, `${host}\n${proxy.weir.output()}`);
}

const oneHost = (url: string, host: string) =>
  `http: {routers: {${host}: {rule: "Host(\`${host}.test\`)", service: ${host}}}, ` +
  `services: {${host}: {loadBalancer: {servers: [{url: "${url}"}]}}}}\n`;

for (const runtime of threeRuntimes) {
  test(`files are edited, broken, repaired, added and removed under load on ${runtime.name}`, async () => {
    await withProxy(runtime, { flags: ["--api.insecure"] }, async (proxy) => {
      const { write, echo, weir, folder } = proxy;
      const stop = keepAsking(proxy);
      await becomes(proxy, "second.test", 404);
      await write("second.yaml", oneHost(echo.url, "second"));
      await becomes(proxy, "second.test", 200);
      await write("third.toml", tomlRoute(echo.url));
      await becomes(proxy, "third.test", 200);
      await write("second.yaml", oneHost(echo.url, "edited"));
      await becomes(proxy, "edited.test", 200);
      await becomes(proxy, "second.test", 404);

      await write("second.yaml", "http:\n  routers: {\n");
      await weir.waitFor(/second\.yaml:\d+:\d+/);
      await becomes(proxy, "edited.test", 200);
      await becomes(proxy, "third.test", 200);

      await write("second.yaml", oneHost(echo.url, "repaired"));
      await becomes(proxy, "repaired.test", 200);
      await becomes(proxy, "edited.test", 404);
      const problems = await eventually(() => proxy.asks("/api/problems"), ({ body }) => body === "[]");
      assert.equal(problems.body, "[]");

      await rm(join(folder, "second.yaml"));
      await becomes(proxy, "repaired.test", 404);
      await becomes(proxy, "third.test", 200);
      assert.deepEqual(await stop(), []);
    });
  });
}

for (const runtime of oneRuntime) {
  test("a broken part disables itself alone, with file, line, column and a hint", async () => {
    await withProxy(runtime, { flags: ["--log.format=json"] }, async (proxy) => {
      const { write, echo, weir, folder } = proxy;
      const routers = '    fine: {rule: "Host(`fine.test`)", service: app2}\n' +
        '    wrong: {rulle: "Host(`wrong.test`)", service: app2}\n';
      await write("more.yml", routesTo(echo.url, routers).replace("    app: ", "    app2: "));
      await becomes(proxy, "fine.test", 200);
      await becomes(proxy, "app.test", 200);
      await becomes(proxy, "wrong.test", 404);
      const [line] = await weir.waitFor(/^\{.*rulle.*\}$/m);
      const { level, source, hint } = JSON.parse(line);
      assert.equal(level, "error");
      assert.equal(source, `${folder}/more.yml:4:13`);
      assert.match(hint, /did you mean "rule"\?/);
    });
  });

  test("folders below the folder are read, and a ConfigMap's symlinks followed", async () => {
    await withProxy(runtime, {}, async (proxy) => {
      const { folder, echo } = proxy;
      await mkdir(join(folder, "below"));
      await writeFile(join(folder, "below", "one.yml"), oneHost(echo.url, "below"));
      await becomes(proxy, "below.test", 200);
      const elsewhere = await temporaryFolder();
      try {
        await elsewhere.write("linked.yml", oneHost(echo.url, "linked"));
        await symlink(join(elsewhere.path, "linked.yml"), join(folder, "linked.yml"));
        await becomes(proxy, "linked.test", 200);
      } finally {
        await elsewhere.remove();
      }
    });
  });

  test("one file is enough; without watch it is read once", async () => {
    const folder = await temporaryFolder();
    const echo = await startEcho();
    const file = await folder.write("only.yml", toEcho(echo.url));
    const weir = await startWeir(runtime, [
      "--entrypoints.web.address=127.0.0.1:0",
      `--providers.file.filename=${file}`,
      "--providers.file.watch=false",
    ]);
    try {
      assert.equal((await ask({ port: weir.port("web") })).status, 200);
      await folder.write("only.yml", "http: {}\n");
      weir.signal("SIGHUP");
      const reread = await eventually(() => ask({ port: weir.port("web") }), ({ status }) => status === 404);
      assert.equal(reread.status, 404);
    } finally {
      await weir.stop();
      await echo.close();
      await folder.remove();
    }
  });

  test("a file that is missing at start is told, and served when it comes", async () => {
    const folder = await temporaryFolder();
    const echo = await startEcho();
    const file = join(folder.path, "late.yml");
    const weir = await startWeir(runtime, [
      "--entrypoints.web.address=127.0.0.1:0",
      `--providers.file.filename=${file}`,
    ]);
    try {
      await weir.waitFor(/late\.yml/);
      assert.equal((await ask({ port: weir.port("web") })).status, 404);
      await folder.write("late.yml", toEcho(echo.url));
      const served = await eventually(() => ask({ port: weir.port("web") }), ({ status }) => status === 200);
      assert.equal(served.status, 200);
    } finally {
      await weir.stop();
      await echo.close();
      await folder.remove();
    }
  });
}

function tomlRoute(url: string): string {
  return `[http.routers.third]
rule = "Host(\`third.test\`)"
service = "third"
[[http.services.third.loadBalancer.servers]]
url = "${url}"
`;
}
