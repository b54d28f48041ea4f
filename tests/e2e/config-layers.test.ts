// Where start-up options come from: flags over variables over a file, and `weir config --origin` that tells which won.

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { ask } from "../support/ask.ts";
import { runCommand } from "../support/command.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { startWeir, temporaryFolder } from "../support/weir.ts";

const oneRuntime = threeRuntimes.slice(0, 1);

const toml = `[entryPoints.web]
address = ":8001"
[log]
level = "WARN"
format = "json"
`;
const yaml = `entryPoints:
  web:
    address: ":8002"
ping: {}
`;

/** The lines of `weir config --origin` as name → [value, origin]. */
function toOrigins(stdout: string): ReadonlyMap<string, readonly [string, string]> {
  const rows = stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
  return new Map(rows.map(([name = "", value = "", origin = ""]) => [name, [value, origin]]));
}

for (const runtime of threeRuntimes) {
  test(`flags win over variables, variables over the file on ${runtime.name}`, async () => {
    const folder = await temporaryFolder();
    try {
      const file = await folder.write("static.toml", toml);
      const { code, stdout } = await runCommand(
        runtime,
        ["config", "--origin", `--configfile=${file}`, "--entrypoints.WEB.address=:8003"],
        { WEIR_LOG_LEVEL: "INFO", TRAEFIK_ENTRYPOINTS_WEB_ADDRESS: ":8004", TRAEFIK_PING: "true" },
      );
      assert.equal(code, 0);
      const origins = toOrigins(stdout);
      assert.deepEqual(origins.get("entryPoints.web.address"), [":8003", "flag --entrypoints.WEB.address"]);
      assert.deepEqual(origins.get("log.level"), ["INFO", "variable WEIR_LOG_LEVEL"]);
      assert.deepEqual(origins.get("log.format"), ["json", `file ${file}:5:1`]);
      assert.deepEqual(origins.get("ping.terminatingStatusCode"), ["503", "default"]);
    } finally {
      await folder.remove();
    }
  });
}

for (const runtime of oneRuntime) {
  test("weir config prints what the flags of weir would read back", async () => {
    const first = await runCommand(runtime, ["config", "--entrypoints.web.address=:8000", "--accesslog"]);
    assert.equal(first.code, 0);
    const lines = first.stdout.trimEnd().split("\n");
    assert.ok(lines.includes("entryPoints.web.address=:8000"), first.stdout);
    const again = await runCommand(runtime, ["config", ...lines.filter(isSet).map((line) => `--${line}`)]);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(again.stdout, first.stdout);
  });

  /** A place a file is found in, and the environment that leads there. */
  const places: readonly (readonly [name: string, env: (folder: string) => Record<string, string>, file: string])[] = [
    ["$XDG_CONFIG_HOME/traefik.yml", (folder) => ({ XDG_CONFIG_HOME: folder }), "traefik.yml"],
    ["$XDG_CONFIG_HOME/traefik.yaml", (folder) => ({ XDG_CONFIG_HOME: folder }), "traefik.yaml"],
    ["$XDG_CONFIG_HOME/weir.yml", (folder) => ({ XDG_CONFIG_HOME: folder }), "weir.yml"],
    ["$HOME/.config/traefik.yml", (folder) => ({ XDG_CONFIG_HOME: "", HOME: folder }), ".config/traefik.yml"],
    ["$TRAEFIK_CONFIGFILE", (folder) => ({ TRAEFIK_CONFIGFILE: `${folder}/own.yml` }), "own.yml"],
  ];
  for (const [name, env, path] of places) {
    test(`${name} is found`, async () => {
      const folder = await temporaryFolder();
      try {
        await mkdir(`${folder.path}/.config`);
        await writeFile(`${folder.path}/${path}`, yaml);
        const { stdout, stderr } = await runCommand(runtime, ["config", "--origin"], env(folder.path));
        const origin = toOrigins(stdout).get("entryPoints.web.address");
        assert.deepEqual(origin, [":8002", `file ${folder.path}/${path}:3:5`], stderr);
      } finally {
        await folder.remove();
      }
    });
  }

  test("every source is read: a wrong option is told from each, at its place", async () => {
    const folder = await temporaryFolder();
    try {
      const file = await folder.write("static.toml", `${toml}colour = true\n`);
      const { code, stderr } = await runCommand(runtime, [
        "config",
        `--configFile=${file}`,
        "--accesslogs",
      ], { WEIR_LOG_LEVL: "INFO" });
      assert.equal(code, 1);
      assert.match(stderr, /unknown flag "--accesslogs"[^]*did you mean "--accessLog"\?/);
      assert.match(stderr, /WEIR_LOG_LEVL[^]*did you mean/);
      assert.ok(stderr.includes(`${file}:6:1`), stderr);
    } finally {
      await folder.remove();
    }
  });

  test("a removed option is told with what to use instead", async () => {
    const { code, stderr } = await runCommand(runtime, ["config", "--providers.marathon"]);
    assert.equal(code, 1);
    assert.match(stderr, /help: /);
  });

  test("an option without effect yet is told, and weir starts", async () => {
    const { code, stderr } = await runCommand(runtime, ["config", "--entrypoints.web.address=:80", "--tracing"]);
    assert.equal(code, 0);
    assert.match(stderr, /^warning: "tracing" is accepted, without effect yet/);
  });

  test("a file alone starts weir", async () => {
    const folder = await temporaryFolder();
    const address = "127.0.0.1:0";
    const entryPoints = `entryPoints: {web: {address: "${address}"}, traefik: {address: "${address}"}}\n`;
    await folder.write("traefik.yml", `${entryPoints}ping: {entryPoint: web}\n`);
    const weir = await startWeir(runtime, [], { XDG_CONFIG_HOME: folder.path });
    try {
      const { status, body } = await ask({ port: weir.port("web"), path: "/ping" });
      assert.deepEqual([status, body], [200, "OK"]);
    } finally {
      await weir.stop();
      await folder.remove();
    }
  });
}

/** Lists and maps without items are printed as such, which is no flag's value. */
function isSet(line: string): boolean {
  return !/=(?:\{\})?$/.test(line);
}
