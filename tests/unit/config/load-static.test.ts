// The static configuration as a whole: layers, defaults, origins, and refusals.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Runtime } from "../../../src/net/runtime.ts";
import { defaultEntryPoints, entryPointAt } from "../../../src/config/complete-static.ts";
import { loadStatic } from "../../../src/config/load-static.ts";
import { formatOrigins, listOrigins } from "../../../src/config/origins.ts";
import { staticFilePaths } from "../../../src/config/static-file.ts";
import { describeSource } from "../../../src/schema/problem-text.ts";

interface Input {
  readonly args?: string;
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
}

function load({ args = "", env = {}, files = {} }: Input) {
  const runtime: Pick<Runtime, "env" | "files"> = {
    env,
    files: {
      exists: (path) => Promise.resolve(Object.hasOwn(files, path)),
      readText: (path) => {
        const text = files[path];
        return text === undefined ? Promise.reject(new Error("ENOENT: no such file")) : Promise.resolve(text);
      },
      list: () => Promise.resolve([]),
      watch: () => () => {},
      append: () => assert.fail("nothing is written"),
    },
  };
  return loadStatic(runtime, args.split(" ").filter((arg) => arg !== ""));
}

async function loadSound(input: Input) {
  const { configuration, problems } = await load(input);
  assert.deepEqual(problems.filter((problem) => problem.severity === "error"), []);
  assert.ok(configuration !== undefined);
  return configuration;
}

test("loadStatic() without anything opens http on :80 with the default limits", async () => {
  const { entryPoints, log, providers, serversTransport } = await loadSound({});
  assert.deepEqual(Object.keys(entryPoints), ["http"]);
  const { address, http, transport, forwardedHeaders } = entryPoints["http"] ?? assert.fail();
  assert.equal(address, ":80");
  assert.deepEqual([http.maxHeaderBytes, http.maxHeaderFields, http.maxRequestTargetBytes], [65536, 100, 16384]);
  assert.deepEqual(transport, {
    lifeCycle: { requestAcceptGraceTimeout: 0, graceTimeOut: 10_000 },
    respondingTimeouts: {
      readTimeout: 0,
      writeTimeout: 0,
      idleTimeout: 180_000,
      headerTimeout: 10_000,
      bodyIdleTimeout: 60_000,
      writeIdleTimeout: 60_000,
      tunnelIdleTimeout: 3_600_000,
      firstByteTimeout: 100,
    },
    keepAliveMaxTime: 0,
    keepAliveMaxRequests: 0,
    maxConnections: 0,
  });
  assert.deepEqual(forwardedHeaders.trustedIPs, []);
  assert.equal(log.level, "ERROR");
  assert.equal(providers.providersThrottleDuration, 20);
  assert.deepEqual(serversTransport.forwardingTimeouts, {
    dialTimeout: 30_000,
    responseHeaderTimeout: 60_000,
    idleConnTimeout: 60_000,
  });
});

const internals: readonly [args: string, names: readonly string[]][] = [
  ["--api.insecure", ["http", "traefik"]],
  ["--api", ["http"]],
  ["--ping", ["http", "traefik"]],
  ["--ping --ping.manualrouting", ["http"]],
  ["--ping --ping.entrypoint=web --entrypoints.web.address=:80", ["web"]],
  ["--metrics.prometheus --entrypoints.web.address=:80", ["web", "traefik"]],
  ["--api.insecure --entrypoints.traefik.address=:9000", ["traefik"]],
];

for (const [args, names] of internals) {
  test(`loadStatic() opens ${names.join(" and ")} for ${args}`, async () => {
    const { entryPoints } = await loadSound({ args });
    assert.deepEqual(Object.keys(entryPoints), names);
  });
}

test("loadStatic() lays flags over variables over the file", async () => {
  const input: Input = {
    args: "--log.level=WARN --entrypoints.websecure.reuseport",
    env: {
      TRAEFIK_LOG_LEVEL: "INFO",
      TRAEFIK_LOG_FORMAT: "json",
      TRAEFIK_ENTRYPOINTS_WEBSECURE_HTTP_MAXHEADERBYTES: "1MB",
    },
    files: {
      "./traefik.yml":
        "log: {level: DEBUG, format: common, noColor: true}\nentrypoints:\n  webSecure:\n    address: ':443'\n  web:\n    address: ':80'\n",
    },
  };
  const { log, entryPoints } = await loadSound(input);
  assert.deepEqual([log.level, log.format, log.noColor], ["WARN", "json", true]);
  assert.deepEqual(Object.keys(entryPoints), ["webSecure", "web"]);
  assert.equal(entryPoints["webSecure"]?.http.maxHeaderBytes, 1_000_000);
  assert.equal(entryPoints["webSecure"]?.reusePort, true);

  const origins = new Map(
    listOrigins(await load(input)).map(({ name, value, origin }) => [name, `${value} ${origin}`]),
  );
  assert.equal(origins.get("log.level"), "WARN flag --log.level");
  assert.equal(origins.get("log.format"), "json variable TRAEFIK_LOG_FORMAT");
  assert.equal(origins.get("log.noColor"), "true file ./traefik.yml:1:37");
  assert.equal(origins.get("entryPoints.webSecure.address"), ":443 file ./traefik.yml:4:5");
  assert.equal(origins.get("entryPoints.webSecure.reusePort"), "true flag --entrypoints.websecure.reuseport");
  assert.equal(origins.get("entryPoints.web.transport.respondingTimeouts.idleTimeout"), "3m default");
  assert.equal(origins.get("entryPoints.web.http.maxHeaderBytes"), "64KiB default");
});

test("listOrigins() hides secrets and prints lists", async () => {
  const args =
    "--providers.kubernetescrd.token=abc --providers.kubernetescrd.namespaces=a,b --accesslog.filters.statuscodes=404,500-599";
  const loaded = await load({ args });
  const values = new Map(listOrigins(loaded).map(({ name, value }) => [name, value]));
  assert.equal(values.get("providers.kubernetesCRD.token"), "<not shown>");
  assert.equal(values.get("providers.kubernetesCRD.namespaces"), "a,b");
  assert.equal(values.get("accessLog.filters.statusCodes"), "404,500-599");
  assert.equal(formatOrigins(loaded).includes("abc"), false);
});

test("staticFilePaths() looks in Traefik's places, for both names", () => {
  const paths = staticFilePaths({ XDG_CONFIG_HOME: "/xdg/", HOME: "/home/a" });
  assert.equal(paths.length, 30);
  assert.equal(paths[0], "/etc/weir/weir.toml");
  for (const folder of ["/etc/traefik", "/xdg", "/home/a/.config", "."]) {
    for (const name of ["traefik", "weir"]) {
      for (const ending of ["toml", "yaml", "yml"]) assert.ok(paths.includes(`${folder}/${name}.${ending}`));
    }
  }
});

test("loadStatic() reads the first file it finds, or the named one only", async () => {
  const files = {
    "/etc/traefik/traefik.toml": '[log]\nlevel = "WARN"\n',
    "./traefik.yml": "log: {level: INFO}",
    "other.yaml": "log: {level: DEBUG}",
  };
  assert.equal((await loadSound({ files })).log.level, "WARN");
  assert.equal((await loadSound({ files, args: "--configfile=other.yaml" })).log.level, "DEBUG");
  assert.equal((await loadSound({ files, env: { WEIR_CONFIGFILE: "other.yaml" } })).log.level, "DEBUG");
});

const refusals: readonly [title: string, input: Input, message: RegExp, place: string][] = [
  [
    "an unknown option in YAML",
    { files: { "./weir.yml": "log:\n  lvl: x\n" } },
    /unknown field "lvl"/,
    "./weir.yml:2:3",
  ],
  [
    "an unknown option in TOML",
    { files: { "./weir.toml": "[log]\nlvl = 1\n" } },
    /unknown field "lvl"/,
    "./weir.toml:2:1",
  ],
  [
    "a wrong value in a file",
    { files: { "./weir.yml": "log:\n  level: LOUD\n" } },
    /"level" must be one of .*got "LOUD"/,
    "./weir.yml:2:10",
  ],
  [
    "a wrong value of a flag",
    { args: "--ping.terminatingstatuscode=x" },
    /must be a whole number from 100 to 599, got "x"/,
    "--ping.terminatingstatuscode",
  ],
  [
    "a wrong value of a variable",
    { env: { WEIR_LOG_FORMAT: "xml" } },
    /"format" must be "common" or "json", got "xml"/,
    "WEIR_LOG_FORMAT",
  ],
  [
    "a wrong item of a list",
    { args: "--entrypoints.a.address=:1 --entrypoints.a.forwardedheaders.trustedips=1.2.3" },
    /"trustedIPs\[0\]" must be an IP address/,
    "--entrypoints.a.forwardedheaders.trustedips",
  ],
  ["a missing address", { args: "--entrypoints.web.asdefault" }, /"address" is missing/, "--entrypoints.web.asdefault"],
  [
    "a bad address",
    { args: "--entrypoints.web.address=80" },
    /"address" must be "\[host\]:port\[\/tcp\|\/udp\]"/,
    "--entrypoints.web.address",
  ],
  [
    "a file provider without path",
    { args: "--providers.file" },
    /needs either "filename" or "directory", got neither/,
    "--providers.file",
  ],
  [
    "a file provider with two paths",
    { args: "--providers.file.filename=a --providers.file.directory=b" },
    /got both/,
    "--providers.file.filename",
  ],
  [
    "a label selector that no API server could read",
    { args: "--providers.kubernetescrd.labelselector=a,,b" },
    /must be a label selector such as .* \(found ',', expected: identifier after ','\), got "a,,b"/,
    "--providers.kubernetescrd.labelselector",
  ],
  [
    "ping on an entry point that is not there",
    { args: "--ping.entrypoint=wbe --entrypoints.web.address=:80" },
    /names the entry point "wbe", which does not exist/,
    "--ping.entrypoint",
  ],
  [
    "an address taken twice",
    { args: "--entrypoints.a.address=:80 --entrypoints.b.address=:80/TCP" },
    /"a" and "b" both listen on :80/,
    "--entrypoints.b.address",
  ],
  ["a broken file", { files: { "./weir.yml": "log: [\n" } }, /can't be read/, "./weir.yml"],
  ["a file that is not there", { args: "--configfile=no.yml" }, /can't read the configuration file "no.yml"/, "no.yml"],
  ["several documents", { files: { "./weir.yml": "log: {}\n---\nlog: {}\n" } }, /holds one document/, "./weir.yml"],
  ["a file that is no mapping", { files: { "./weir.yml": "- a\n" } }, /must be a mapping, got a list/, "./weir.yml"],
  [
    "an option of Traefik 1",
    { files: { "./traefik.toml": "[backends]\n" } },
    /unknown field "backends"/,
    "./traefik.toml:1:1",
  ],
];

for (const [title, input, message, place] of refusals) {
  test(`loadStatic() refuses ${title}, with its place`, async () => {
    const { configuration, problems } = await load(input);
    assert.equal(configuration, undefined);
    const [problem] = problems.filter(({ severity }) => severity === "error");
    assert.match(problem?.message ?? "", message);
    assert.ok((problem?.source ? describeSource(problem.source) : "").startsWith(place), JSON.stringify(problem));
  });
}

test("loadStatic() warns once of each option without effect, and starts", async () => {
  const args = "--tracing.servicename=x --entrypoints.a.address=:1 --entrypoints.a.http3 --providers.docker.endpoint=y";
  const { configuration, problems } = await load({ args });
  assert.ok(configuration !== undefined);
  assert.deepEqual(problems.map(({ severity, message }) => `${severity}: ${message}`), [
    'warning: "entryPoints.a.http3" is accepted, without effect yet',
    'warning: "providers.docker" is accepted, without effect yet',
    'warning: "tracing" is accepted, without effect yet',
  ]);
});

test("defaultEntryPoints() takes the marked ones, else all TCP ones but traefik", () => {
  const plain = {
    web: entryPointAt(":80"),
    dns: entryPointAt(":53/udp"),
    traefik: entryPointAt(":8080"),
    alt: entryPointAt(":81"),
  };
  assert.deepEqual(defaultEntryPoints(plain), ["alt", "web"]);
  assert.deepEqual(defaultEntryPoints({ ...plain, web: { ...plain.web, asDefault: true } }), ["web"]);
});

test("loadStatic() warns of providers in the precedence list that there are not, and starts", async () => {
  const { configuration, problems } = await load({
    args: "--providers.precedence=file,KubernetesCRD,kubernetesingress,flie --entrypoints.a.address=:1",
  });
  assert.ok(configuration !== undefined);
  assert.deepEqual(problems.map(({ severity, code, hint }) => `${severity} ${code}: ${hint}`), [
    'warning unknown-provider: did you mean "kubernetes"? So the provider of Ingresses is called',
    'warning unknown-provider: did you mean "file"?',
  ]);
});
