// Environment variables: what sets an option, what is none of ours, and what is a typing error.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEnvironment } from "../../../src/config/environment.ts";

const cases: readonly [title: string, env: Record<string, string>, value: unknown][] = [
  ["nested names", { TRAEFIK_ENTRYPOINTS_WEB_ADDRESS: ":80" }, { entryPoints: { web: { address: ":80" } } }],
  ["names in any case", { weir_Log_Level: "DEBUG" }, { log: { level: "DEBUG" } }],
  ["switches", { WEIR_PING: "true", WEIR_API_INSECURE: "1", WEIR_ACCESSLOG: "false" }, {
    ping: {},
    api: { insecure: true },
  }],
  ["lists with commas", { WEIR_PROVIDERS_KUBERNETESCRD_NAMESPACES: "a,b" }, {
    providers: { kubernetesCRD: { namespaces: ["a", "b"] } },
  }],
  ["lists with indices", {
    WEIR_ENTRYPOINTS_A_HTTP_TLS_DOMAINS_0_MAIN: "x",
    "WEIR_ENTRYPOINTS_A_HTTP_TLS_DOMAINS[1]_MAIN": "y",
  }, {
    entryPoints: { a: { http: { tls: { domains: [{ main: "x" }, { main: "y" }] } } } },
  }],
  ["WEIR_ over TRAEFIK_", { WEIR_LOG_LEVEL: "WARN", TRAEFIK_LOG_LEVEL: "INFO", TRAEFIK_LOG_FORMAT: "json" }, {
    log: { level: "WARN", format: "json" },
  }],
  ["nothing from empty ones", { WEIR_LOG_LEVEL: "" }, {}],
  ["nothing from others", {
    PATH: "/bin",
    WEIR_SHARED: "/x",
    WEIR_RUNTIME: "bun",
    WEIR_VERSION: "1",
    XWEIR_PING: "true",
  }, {}],
  ["nothing from Kubernetes' service links", {
    TRAEFIK_SERVICE_HOST: "10.0.0.1",
    TRAEFIK_PORT: "tcp://10.0.0.1:80",
    TRAEFIK_API_PORT_8080_TCP_ADDR: "10.0.0.1",
    TRAEFIK_API_SERVICE_PORT_HTTP: "80",
    WEIR_PING_PORT: "tcp://10.0.0.1:80",
  }, {}],
];

for (const [title, env, value] of cases) {
  test(`parseEnvironment() reads ${title}`, () => {
    const { layer } = parseEnvironment(env);
    assert.deepEqual(layer.value, value);
    assert.deepEqual(layer.problems, []);
  });
}

const refusals: readonly [variable: string, severity: string, hint: string | undefined][] = [
  ["TRAEFIK_LOG_LEVL", "error", "did you mean TRAEFIK_LOG_LEVEL?"],
  ["WEIR_PROVIDERS_KUBERNETESCRDD", "error", "did you mean WEIR_PROVIDERS_KUBERNETESCRD?"],
  ["WEIR_LOG_NONSENSE", "error", undefined],
  ["WEIR_ENTRYPOINT_WEB_ADDRESS", "warning", "did you mean WEIR_ENTRYPOINTS_WEB_ADDRESS?"],
  ["TRAEFIK_PILOT_TOKEN", "warning", "Traefik Pilot is no more: leave it out"],
];

for (const [variable, severity, hint] of refusals) {
  test(`parseEnvironment() reports ${variable} as ${severity}`, () => {
    const { problems } = parseEnvironment({ [variable]: "x" }).layer;
    assert.deepEqual(problems.map((problem) => [problem.severity, problem.hint]), [[severity, hint]]);
    assert.deepEqual(problems[0]?.source, { type: "env", variable });
  });
}

test("parseEnvironment() finds the configuration file", () => {
  assert.equal(parseEnvironment({ TRAEFIK_CONFIGFILE: "a", WEIR_CONFIGFILE: "b" }).configFile, "b");
});
