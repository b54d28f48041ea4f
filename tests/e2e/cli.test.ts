// The command line as a user meets it: versions, help, wrong options, health checks.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { runCommand } from "../support/command.ts";
import { withProxy } from "../support/proxy-process.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { temporaryFolder } from "../support/weir.ts";

const oneRuntime = threeRuntimes.slice(0, 1);

for (const runtime of threeRuntimes) {
  test(`weir version names itself and its runtime on ${runtime.name}`, async () => {
    for (const word of ["version", "--version"]) {
      const { code, stdout } = await runCommand(runtime, [word]);
      assert.equal(code, 0);
      const name = runtime.name.replace(/\d+$/, "");
      assert.match(stdout, new RegExp(`^Version:  \\d+\\.\\d+\\.\\d+\nCodename: weir\nRuntime:  ${name} \\d+\\.\\d+`));
    }
  });

  test(`weir healthcheck tells a running weir from none on ${runtime.name}`, async () => {
    let flags: string[] = [];
    await withProxy(runtime, { flags: ["--ping"] }, async ({ weir }) => {
      flags = ["--ping", `--entrypoints.traefik.address=:${weir.port("traefik")}`];
      const { code, stdout } = await runCommand(runtime, ["healthcheck", ...flags]);
      assert.deepEqual([code, stdout], [0, `OK: http://127.0.0.1:${weir.port("traefik")}/ping\n`]);
    });
    const secure = ["--ping", "--entrypoints.traefik.http.tls"];
    await withProxy(runtime, { flags: secure }, async ({ weir }) => {
      const address = `--entrypoints.traefik.address=:${weir.port("traefik")}`;
      const { code, stdout } = await runCommand(runtime, ["healthcheck", ...secure, address]);
      assert.deepEqual([code, stdout], [0, `OK: https://127.0.0.1:${weir.port("traefik")}/ping\n`]);
    });
    const { code, stderr } = await runCommand(runtime, ["healthcheck", ...flags]);
    assert.equal(code, 1);
    assert.match(stderr, /\/ping does not answer/);
  });
}

for (const runtime of oneRuntime) {
  test("weir healthcheck tells why a weir is not ready", async () => {
    const server = createServer((_request, response) => response.writeHead(503).end("weir starts: waiting for more"));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const flags = ["--ping", `--entrypoints.traefik.address=:${port}`];
    const { code, stderr } = await runCommand(runtime, ["healthcheck", ...flags]);
    server.close();
    server.closeAllConnections();
    assert.deepEqual([code, stderr], [
      1,
      `weir healthcheck: http://127.0.0.1:${port}/ping answered 503 weir starts: waiting for more\n`,
    ]);
  });
}

/** Arguments, what stderr says, and the exit code. */
const refusals: readonly (readonly [name: string, args: readonly string[], stderr: RegExp, code: number])[] = [
  ["an unknown word", ["serve"], /"serve" is no command\n\nUsage:/, 2],
  [
    "an unknown flag",
    ["--entrypoints.web.adress=:80"],
    /unknown flag "--entrypoints\.web\.adress"[^]*help: did you mean "--entryPoints\.web\.address"\?/,
    1,
  ],
  ["a bad value", ["--log.level=LOUD"], /--log\.level[^]*DEBUG/, 1],
  ["an address that is none", ["--entrypoints.web.address=nowhere"], /must be "\[host\]:port/, 1],
  ["a file that is missing", ["--configFile=/nowhere/weir.yml"], /can't read the configuration file "\/nowhere/, 1],
  ["healthcheck without ping", ["healthcheck"], /ping is not enabled; start weir with --ping/, 1],
  ["dev without a path", ["dev"], /name a manifest file or a folder/, 2],
  ["dev with a path that is missing", ["dev", "/nowhere/k8s"], /"\/nowhere\/k8s" does not exist/, 1],
  ["dev with a port that is none", ["dev", "fixtures", "--kube.port=99999"], /--kube\.port must be a port/, 2],
];

for (const runtime of oneRuntime) {
  test("weir help lists sub-commands and every option with its default", async () => {
    for (const word of ["help", "--help", "-h"]) {
      const { code, stdout } = await runCommand(runtime, [word]);
      assert.equal(code, 0);
      assert.match(stdout, /weir dev PATH… /);
      assert.match(
        stdout,
        /--entryPoints\.<name>\.transport\.respondingTimeouts\.idleTimeout {2}duration \(default 3m/,
      );
      assert.match(stdout, /--providers\.kubernetesCRD\.namespaces/);
    }
  });

  for (const [name, args, wanted, exit] of refusals) {
    test(`weir refuses ${name}`, async () => {
      const { code, stderr } = await runCommand(runtime, args);
      assert.match(stderr, wanted);
      assert.equal(code, exit);
    });
  }

  test("weir refuses an unknown key of a file with line, column and a hint", async () => {
    const folder = await temporaryFolder();
    try {
      const file = await folder.write("static.yml", 'entryPoints:\n  web:\n    adress: ":80"\n');
      const { code, stderr } = await runCommand(runtime, [`--configFile=${file}`]);
      assert.equal(code, 1);
      assert.ok(stderr.includes(`${file}:3:5`), stderr);
      assert.match(stderr, /did you mean "address"\?/);
      assert.match(stderr, /3 \| +adress: ":80"/);
    } finally {
      await folder.remove();
    }
  });

  test("weir tells an address that is taken", async () => {
    await withProxy(runtime, {}, async ({ weir }) => {
      const flag = `--entrypoints.web.address=127.0.0.1:${weir.port("web")}`;
      const { code, stderr } = await runCommand(runtime, [flag]);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${weir.port("web")}`));
    });
  });
}
