// Signals: a stop that loses no request, a stop in a hurry, and log files that follow their rotation.

import assert from "node:assert/strict";
import { readFile, rename } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "../support/ask.ts";
import { withProxy } from "../support/proxy-process.ts";
import { threeRuntimes } from "../support/runtimes.ts";

for (const runtime of threeRuntimes) {
  test(`SIGTERM finishes the request under way, then exits with 0 on ${runtime.name}`, async () => {
    await withProxy(runtime, {}, async ({ weir, echo, ask }) => {
      const answer = ask({ path: "/held" });
      await echo.arrived("/held");
      const code = weir.stop();
      await refused(weir.port("web"));
      echo.release();
      const { status, body, headers } = await answer;
      assert.deepEqual([status, body, headers["connection"]], [200, "released", "close"]);
      assert.equal(await code, 0);
    });
  });

  test(`ping says that weir stops while it still accepts on ${runtime.name}`, async () => {
    const flags = ["--ping", "--entrypoints.web.transport.lifecycle.requestAcceptGraceTimeout=1s"];
    await withProxy(runtime, { flags }, async ({ weir, ask, asks }) => {
      assert.equal((await asks("/ping")).status, 200);
      const code = weir.stop();
      assert.equal((await eventually(() => asks("/ping"), ({ status }) => status !== 200)).status, 503);
      assert.equal((await ask()).status, 200);
      assert.equal(await code, 0);
    });
  });

  test(`a second signal ends weir at once on ${runtime.name}`, async () => {
    const flags = ["--entrypoints.web.transport.lifecycle.graceTimeOut=60s", "--log.level=INFO"];
    await withProxy(runtime, { flags }, async ({ weir, echo, ask }) => {
      const broken = assert.rejects(ask({ path: "/held" }));
      await echo.arrived("/held");
      weir.signal("SIGINT");
      await weir.waitFor(/weir stops/);
      assert.equal(await weir.stop(), 1);
      await broken;
    });
  });

  test(`what outlasts the grace time is cut on ${runtime.name}`, async () => {
    const flags = ["--entrypoints.web.transport.lifecycle.graceTimeOut=100ms"];
    await withProxy(runtime, { flags }, async ({ weir, echo, ask }) => {
      const broken = assert.rejects(ask({ path: "/held" }));
      await echo.arrived("/held");
      assert.equal(await weir.stop(), 0);
      await broken;
    });
  });

  test(`SIGUSR1 reopens the access log and the log on ${runtime.name}`, async () => {
    // Not in the folder that the file provider watches.
    await withProxy(runtime, {}, async ({ folder: logs }) => {
      const accessLog = join(logs, "access.log");
      const log = join(logs, "weir.log");
      const flags = [`--accesslog.filepath=${accessLog}`, `--log.filepath=${log}`, "--log.level=INFO"];
      await withProxy(runtime, { flags }, async ({ weir, ask }) => {
        await ask({ path: "/before" });
        await eventually(() => read(accessLog), (text) => text.includes("/before"));
        await rename(accessLog, `${accessLog}.1`);
        await rename(log, `${log}.1`);
        weir.signal("SIGUSR1");
        await eventually(() => read(accessLog), (text) => text !== "gone");
        await ask({ path: "/after" });
        assert.match(await eventually(() => read(accessLog), (text) => text.includes("/after")), /^[^\n]*\/after/);
        assert.match(await read(`${accessLog}.1`), /\/before/);
        assert.doesNotMatch(await read(`${accessLog}.1`), /\/after/);
        await weir.stop();
        assert.match(await read(`${log}.1`), /weir starts/);
        assert.match(await read(log), /weir stops/);
      });
    });
  });
}

/** Resolves when the port takes no connection any more. */
async function refused(port: number): Promise<void> {
  await eventually(() => isOpen(port), (open) => !open);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "gone";
  }
}
