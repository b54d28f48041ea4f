// Merging providers: keys, references, and order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyConfiguration } from "../../../src/config/dynamic.ts";
import type { HttpConfiguration, HttpRouter, HttpService } from "../../../src/config/dynamic.ts";
import { createReferenceResolver, mergeConfigurations } from "../../../src/config/merge.ts";
import type { ProviderInput } from "../../../src/config/merge.ts";

function provider(http: Partial<HttpConfiguration>): ProviderInput {
  return { configuration: { http: { ...emptyConfiguration.http, ...http } }, problems: [] };
}

function router(service: string, more: Partial<HttpRouter> = {}): HttpRouter {
  return { rule: "x", service, ...more };
}

function balancer(displayName?: string): HttpService {
  return {
    kind: "loadBalancer",
    servers: [],
    strategy: "wrr",
    passHostHeader: true,
    ...(displayName !== undefined && { displayName }),
  };
}

const states = new Map<string, ProviderInput>([
  [
    "kubernetescrd",
    provider({
      services: {
        '["default","app"]': balancer("default-app"),
        '["a","b-c"]': balancer("a-b-c"),
        '["a-b","c"]': balancer("a-b-c"),
        "odd@key": balancer("odd"),
      },
      middlewares: { '["default","auth"]': { kind: "headers", options: {}, displayName: "default-auth" } },
    }),
  ],
  ["file", provider({ services: { app: balancer(), "default-app": balancer() } })],
]);

const references: readonly [reference: string, from: string | undefined, key: string, found: boolean][] = [
  ["app", "file", "app@file", true],
  ["default-app", "file", "default-app@file", true],
  ["default-app", "kubernetescrd", '["default","app"]@kubernetescrd', true],
  ["default-app@kubernetescrd", "file", '["default","app"]@kubernetescrd', true],
  ["app@file", "kubernetescrd", "app@file", true],
  ["odd@key", "kubernetescrd", "odd@key@kubernetescrd", true],
  ["odd@key@kubernetescrd", "file", "odd@key@kubernetescrd", true],
  ["api@internal", "file", "api@internal", true],
  ["nothing", "file", "nothing@file", false],
  ["nothing@kubernetescrd", "file", "nothing@kubernetescrd", false],
  ["app@nowhere", "file", "app@nowhere", false],
  ["app@file", undefined, "app@file", true],
  ["app", undefined, "app", false],
];

for (const [reference, from, key, found] of references) {
  test(`createReferenceResolver() takes ${reference} from ${from} as ${key}`, () => {
    const resolution = createReferenceResolver(states).resolve("services", reference, from);
    assert.equal(resolution.key, key);
    assert.equal(resolution.found, found);
  });
}

test("createReferenceResolver() does not choose between equal display names", () => {
  const resolution = createReferenceResolver(states).resolve("services", "a-b-c@kubernetescrd", "file");
  assert.equal(resolution.found, false);
  assert.ok("ambiguous" in resolution);
  assert.deepEqual(resolution.ambiguous, ['["a","b-c"]', '["a-b","c"]']);
});

test("mergeConfigurations() keys parts by provider and names them for people", () => {
  const { http } = mergeConfigurations(states);
  assert.deepEqual(Object.keys(http.services), [
    '["a","b-c"]@kubernetescrd',
    '["a-b","c"]@kubernetescrd',
    '["default","app"]@kubernetescrd',
    "odd@key@kubernetescrd",
    "app@file",
    "default-app@file",
  ]);
  assert.equal(http.services['["default","app"]@kubernetescrd']?.displayName, "default-app");
  assert.equal(http.services["app@file"]?.displayName, "app");
  assert.equal(http.services["app@file"]?.provider, "file");
});

test("mergeConfigurations() qualifies every reference", () => {
  const file = provider({
    routers: { web: router("split", { middlewares: ["chain", "default-auth@kubernetescrd"] }) },
    services: {
      split: {
        kind: "weighted",
        services: [{ name: "app", weight: 1 }, { name: "default-app@kubernetescrd", weight: 2 }],
      },
      hash: { kind: "highestRandomWeight", services: [{ name: "app", weight: 1 }] },
      mirror: {
        kind: "mirroring",
        service: "app",
        mirrors: [{ name: "hash", percent: 1 }],
        mirrorBody: true,
        maxBodySize: -1,
      },
      spare: { kind: "failover", service: "app", fallback: "api@internal" },
      app: {
        ...balancer(),
        kind: "loadBalancer",
        servers: [],
        strategy: "wrr",
        passHostHeader: true,
        serversTransport: "t",
        middlewares: ["chain"],
      },
    },
    middlewares: {
      chain: { kind: "chain", options: { middlewares: ["pages"] } },
      pages: { kind: "errors", options: { service: "app", query: "/" } },
    },
    serversTransports: {},
  });
  const { http, problems } = mergeConfigurations(new Map([...states, ["file", file]]));
  assert.deepEqual(problems, []);
  assert.equal(http.routers["web@file"]?.service, "split@file");
  assert.deepEqual(http.routers["web@file"]?.middlewares, ["chain@file", '["default","auth"]@kubernetescrd']);
  const text = JSON.stringify(http.services);
  assert.match(
    text,
    /"services":\[\{"name":"app@file","weight":1\},\{"name":"\[\\"default\\",\\"app\\"\]@kubernetescrd","weight":2\}\]/,
  );
  assert.match(text, /"service":"app@file","mirrors":\[\{"name":"hash@file","percent":1\}\]/);
  assert.match(text, /"service":"app@file","fallback":"api@internal"/);
  assert.match(text, /"serversTransport":"t@file","middlewares":\["chain@file"\]/);
  assert.deepEqual(http.middlewares["chain@file"]?.options, { middlewares: ["pages@file"] });
  assert.deepEqual(http.middlewares["pages@file"]?.options, { service: "app@file", query: "/" });
});

test("mergeConfigurations() reports a reference that fits several parts, and leaves it dangling", () => {
  const source = { type: "file", file: "a.yml", line: 1, column: 1 } as const;
  const file = provider({ routers: { web: router("a-b-c@kubernetescrd", { source }) } });
  const { http, problems } = mergeConfigurations(new Map([...states, ["file", file]]));
  assert.equal(http.routers["web@file"]?.service, "a-b-c@kubernetescrd");
  assert.equal(http.services["a-b-c@kubernetescrd"], undefined);
  assert.deepEqual(problems.map(({ code, source: where, path }) => [code, where, path]), [
    ["ambiguous-reference", source, ["http", "routers", "web"]],
  ]);
});

test("mergeConfigurations() gives the same whatever the order of its input", () => {
  const more = new Map([...states, ["zeta", provider({ services: { z: balancer() } })], ["internal", provider({})]]);
  const reversed = new Map([...more].toReversed());
  assert.equal(JSON.stringify(mergeConfigurations(more)), JSON.stringify(mergeConfigurations(reversed)));
});

test("mergeConfigurations() carries the providers' problems", () => {
  const problem = { severity: "error", code: "x", message: "y" } as const;
  const { problems } = mergeConfigurations(
    new Map([["file", { configuration: emptyConfiguration, problems: [problem] }]]),
  );
  assert.deepEqual(problems, [problem]);
});

test("mergeConfigurations() puts the providers of the precedence list first, in any case", () => {
  const names = ["kubernetescrd", "file", "mine", "internal"];
  const more = new Map(names.map((name) => [name, provider({ routers: { r: router("s") } })]));
  const order = (precedence?: readonly string[]) =>
    Object.values(mergeConfigurations(more, precedence).http.routers).map((each) => each.provider);
  assert.deepEqual(order(), ["internal", "kubernetescrd", "file", "mine"]);
  assert.deepEqual(order(["FILE"]), ["file", "internal", "kubernetescrd", "mine"]);
  assert.deepEqual(order(["mine", "gone", "file"]), ["mine", "file", "internal", "kubernetescrd"]);
});
