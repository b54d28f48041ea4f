// Merging providers: keys, references, and order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyConfiguration } from "../../../src/config/dynamic.ts";
import type { HttpConfiguration, HttpRouter, HttpService } from "../../../src/config/dynamic.ts";
import { emptyTcp } from "../../../src/config/dynamic-tcp.ts";
import { builtInTlsOptions, emptyTls } from "../../../src/config/dynamic-tls.ts";
import { emptyUdp } from "../../../src/config/dynamic-udp.ts";
import { mergeConfigurations, MergeMemory } from "../../../src/config/merge.ts";
import { createReferenceResolver } from "../../../src/config/reference-resolver.ts";
import type { ProviderInput } from "../../../src/config/reference-resolver.ts";

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

test("mergeConfigurations() qualifies the references of TCP, UDP and TLS, each among its own kind", () => {
  const rule = "HostSNI(`*`)";
  const file: ProviderInput = {
    configuration: {
      http: {
        ...emptyConfiguration.http,
        routers: {
          one: router("app", { tls: { options: "strict", certificates: ["c"] } }),
          two: router("app", { tls: { options: "default" } }),
          three: router("app", { tls: { options: "strict@other" } }),
        },
        services: { app: balancer() },
      },
      tcp: {
        ...emptyTcp,
        routers: {
          db: { rule, service: "app", middlewares: ["m"], tls: { options: "shown", passthrough: false } },
          plain: { rule, service: "w" },
        },
        services: {
          app: { kind: "loadBalancer", servers: [], serversTransport: "t" },
          w: { kind: "weighted", services: [{ name: "app", weight: 1 }] },
        },
        middlewares: { m: { kind: "inFlightConn", options: { amount: 1 } } },
      },
      udp: {
        ...emptyUdp,
        routers: { dns: { service: "w" } },
        services: { w: { kind: "weighted", services: [{ name: "app", weight: 1 }] } },
      },
      tls: {
        ...emptyTls,
        certificates: { c: { certificate: { file: "a" }, privateKey: { file: "b" } } },
        options: {
          strict: builtInTlsOptions,
          '["TLSOption","ns","shown"]': { ...builtInTlsOptions, displayName: "shown" },
          default: { ...builtInTlsOptions, isDefault: true },
        },
      },
    },
    problems: [],
  };
  const { http, tcp, udp, tls, problems } = mergeConfigurations(new Map([["file", file]]));
  assert.deepEqual(problems, []);
  assert.deepEqual(
    Object.values(http.routers).map((each) => each.tls),
    [{ options: "strict@file", certificates: ["c@file"] }, { options: "strict@other" }, { options: "default" }],
  );
  const { db, plain } = { db: tcp.routers["db@file"], plain: tcp.routers["plain@file"] };
  assert.deepEqual([db?.service, db?.middlewares], ["app@file", ["m@file"]]);
  assert.deepEqual(db?.tls, { options: '["TLSOption","ns","shown"]@file', passthrough: false });
  assert.equal(plain?.service, "w@file");
  const app = tcp.services["app@file"];
  assert.equal(app?.kind === "loadBalancer" && app.serversTransport, "t@file");
  assert.equal(udp.routers["dns@file"]?.service, "w@file");
  assert.deepEqual(udp.services["w@file"], {
    ...{ kind: "weighted", services: [{ name: "app@file", weight: 1 }], displayName: "w", provider: "file" },
  });
  assert.deepEqual(Object.keys(tls.options), ['["TLSOption","ns","shown"]@file', "default@file", "strict@file"]);
});

/** Two routers, services that stay, and a middleware that both want. */
function twoRouters(more: Partial<HttpConfiguration> = {}): HttpConfiguration {
  return {
    ...emptyConfiguration.http,
    routers: { a: router("s", { middlewares: ["auth"] }), b: router("s") },
    services: { s: balancer(), t: balancer() },
    ...more,
  };
}

test("mergeConfigurations() gives the same objects again for parts that are the same objects again", () => {
  const memory = new MergeMemory();
  const merge = (http: HttpConfiguration) => mergeConfigurations(new Map([["file", provider(http)]]), [], memory).http;
  const first = twoRouters();
  const one = merge(first);
  const changed = router("t");
  const two = merge({ ...first, routers: { ...first.routers, b: changed }, services: { ...first.services } });
  assert.equal(two.routers["a@file"], one.routers["a@file"]);
  assert.equal(two.routers["b@file"]?.service, "t@file");
  assert.equal(two.services, one.services, "a section without changes is the same record");
  const three = merge({ ...first, routers: { b: changed, c: router("s"), a: first.routers["a"] ?? changed } });
  assert.deepEqual(Object.keys(three.routers), ["a@file", "b@file", "c@file"]);
  assert.equal(three.routers["a@file"], one.routers["a@file"]);
  const four = merge({ ...first, routers: { c: changed } });
  assert.deepEqual(Object.keys(four.routers), ["c@file"]);
  assert.equal(four.routers["c@file"]?.displayName, "c", "an object under another key is another part");
});

test("mergeConfigurations() merges a part again whose references mean something else now", () => {
  const memory = new MergeMemory();
  const first = twoRouters();
  const merge = (middlewares: HttpConfiguration["middlewares"]) => {
    const { http, problems } = mergeConfigurations(
      new Map([["file", provider({ ...first, middlewares })]]),
      [],
      memory,
    );
    return { middlewares: http.routers["a@file"]?.middlewares, codes: problems.map(({ code }) => code) };
  };
  const named = { kind: "headers", options: {}, displayName: "auth" };
  assert.deepEqual(merge({}), { middlewares: ["auth@file"], codes: [] });
  assert.deepEqual(merge({ x: named }), { middlewares: ["x@file"], codes: [] });
  for (let turn = 0; turn < 2; turn++) {
    const several = merge({ x: named, y: { ...named } });
    assert.deepEqual(several, { middlewares: ["auth@file"], codes: ["ambiguous-reference"] }, "said by each merge");
  }
  assert.deepEqual(merge({ auth: { kind: "headers", options: {} } }), { middlewares: ["auth@file"], codes: [] });
});
