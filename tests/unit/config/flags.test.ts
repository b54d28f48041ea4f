// Flags: every way to write one, and every way to get one wrong.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFlags } from "../../../src/config/flags.ts";

const cases: readonly [args: string, value: unknown][] = [
  ["--entrypoints.web.address=:80", { entryPoints: { web: { address: ":80" } } }],
  ["--ENTRYPOINTS.web.ADDRESS :80", { entryPoints: { web: { address: ":80" } } }],
  ["-entryPoints.WebSecure.address :443", { entryPoints: { WebSecure: { address: ":443" } } }],
  ["--ping", { ping: {} }],
  ["--ping=true", { ping: {} }],
  ["--ping=false", {}],
  ["--ping --ping.entrypoint=web", { ping: { entryPoint: "web" } }],
  ["--ping.entrypoint=web --ping", { ping: { entryPoint: "web" } }],
  ["--ping=false --ping.entrypoint=web", {}],
  ["--api.insecure", { api: { insecure: true } }],
  ["--api.dashboard=false --api.debug=1", { api: { dashboard: false, debug: true } }],
  ["--providers.kubernetescrd", { providers: { kubernetesCRD: {} } }],
  ["--providers.kubernetescrd.namespaces=a,b", { providers: { kubernetesCRD: { namespaces: ["a", "b"] } } }],
  ["--providers.kubernetescrd.namespaces=a --providers.kubernetesCRD.namespaces b,c", {
    providers: { kubernetesCRD: { namespaces: ["a", "b", "c"] } },
  }],
  ["--providers.kubernetescrd.namespaces[1]=b --providers.kubernetescrd.namespaces[0]=a", {
    providers: { kubernetesCRD: { namespaces: ["a", "b"] } },
  }],
  ["--entrypoints.s.http.tls.domains[0].main=x --entrypoints.s.http.tls.domains[0].sans=y,z", {
    entryPoints: { s: { http: { tls: { domains: [{ main: "x", sans: ["y", "z"] }] } } } },
  }],
  ["--entrypoints.s.http.tls", { entryPoints: { s: { http: { tls: {} } } } }],
  ["--log.level DEBUG --log.level=WARN", { log: { level: "WARN" } }],
  ["--log.filepath=", { log: { filePath: "" } }],
  ["--accesslog.fields.headers.names.X-Forwarded-For=keep", {
    accessLog: { fields: { headers: { names: { "X-Forwarded-For": "keep" } } } },
  }],
  ["--metrics.prometheus.headerlabels.a.b=C", { metrics: { prometheus: { headerLabels: { "a.b": "C" } } } }],
  ["--metrics.prometheus.buckets=0.1,2", { metrics: { prometheus: { buckets: [0.1, 2] } } }],
  ["--certificatesresolvers.le.acme.email=a@b", { certificatesResolvers: { le: { acme: { email: "a@b" } } } }],
  ["--certificatesresolvers.le.acme.tlschallenge --certificatesresolvers.le.acme.email a@b", {
    certificatesResolvers: { le: { acme: { tlschallenge: "true", email: "a@b" } } },
  }],
  ["--tracing.otlp -hostresolver.cnameflattening", {
    tracing: { otlp: "true" },
    hostResolver: { cnameflattening: "true" },
  }],
  ["--tracing.samplerate -1", { tracing: { samplerate: "-1" } }],
  ["--entrypoints.a.transport.keepalivemaxrequests 5", {
    entryPoints: { a: { transport: { keepAliveMaxRequests: 5 } } },
  }],
  ["--serverstransport.forwardingtimeouts.dialtimeout=5", {
    serversTransport: { forwardingTimeouts: { dialTimeout: "5" } },
  }],
];

for (const [args, value] of cases) {
  test(`parseFlags() reads ${args}`, () => {
    const { layer } = parseFlags(args.split(" "));
    assert.deepEqual(layer.value, value);
    assert.deepEqual(layer.problems, []);
  });
}

const refusals: readonly [args: string, message: string, hint: string | undefined][] = [
  [
    "--entrypoint.web.address=:80",
    'unknown flag "--entrypoint.web.address"',
    'did you mean "--entryPoints.web.address"?',
  ],
  [
    "--entrypoints.web.adress :80",
    'unknown flag "--entrypoints.web.adress"',
    'did you mean "--entryPoints.web.address"?',
  ],
  ["--log.lvl=x", 'unknown flag "--log.lvl"', 'did you mean "--log.level"?'],
  ["--log.level.deep=x", 'unknown flag "--log.level.deep"', undefined],
  ["--core.x=1", 'unknown flag "--core.x"', "known here: defaultRuleSyntax"],
  ["--log..level=x", 'unknown flag "--log..level"', undefined],
  ["-l DEBUG", 'unknown flag "--l"', "use --log.level"],
  ["--web.readonly", 'unknown flag "--web.readonly"', "use --api.insecure, --ping and --metrics.prometheus"],
  ["--pilot.token=x", 'unknown flag "--pilot.token"', "Traefik Pilot is no more: leave it out"],
  ["--log.level", 'the flag "--log.level" needs a value', "write --log.level=VALUE"],
  ["--log.level --ping", 'the flag "--log.level" needs a value', "write --log.level=VALUE"],
  ["--api true", 'unexpected argument "true"', "--api takes no value; if you mean to set it, write --api=true"],
  ["serve", 'unexpected argument "serve"', "options begin with --"],
  ["--", 'unexpected argument "--"', "options begin with --"],
  ["--providers.kubernetescrd.namespaces[x]=a", 'unknown flag "--providers.kubernetescrd.namespaces[x]"', undefined],
];

for (const [args, message, hint] of refusals) {
  test(`parseFlags() refuses ${args}`, () => {
    const { problems } = parseFlags(args.split(" ")).layer;
    assert.deepEqual(problems.map((problem) => problem.message), [message]);
    if (hint !== undefined) assert.equal(problems[0]?.hint, hint);
    assert.equal(problems[0]?.severity, "error");
  });
}

test("parseFlags() finds the configuration file in any spelling", () => {
  for (const args of ["--configFile=a.yml", "--configfile a.yml", "-CONFIGFILE=a.yml"]) {
    const { configFile, layer } = parseFlags(args.split(" "));
    assert.equal(configFile, "a.yml");
    assert.deepEqual([layer.value, layer.problems], [{}, []]);
  }
});

test("parseFlags() knows which flag set what", () => {
  const { layer } = parseFlags(["--ENTRYPOINTS.web.address=:80", "--ping"]);
  const flag = "--ENTRYPOINTS.web.address";
  assert.deepEqual(layer.sourceOf(["entryPoints", "web", "address"], "key"), { type: "flag", flag });
  assert.deepEqual(layer.sourceOf(["entryPoints", "web"], "key"), { type: "flag", flag });
  assert.equal(layer.sourceOf(["entryPoints", "web", "transport"], "key"), undefined);
});

test("parseFlags() does not fall for names of Object's prototype", () => {
  const { layer } = parseFlags(["--__proto__.x=1", "--entrypoints.__proto__.address=:80", "--toString=1"]);
  assert.equal(Reflect.get({}, "address"), undefined);
  assert.equal(layer.problems.length, 2);
});
