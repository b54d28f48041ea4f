// Traefik's advisories on references, rules and keys, one test each: none of them must hold here.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpService } from "../../../../src/config/dynamic.ts";
import { mergeConfigurations } from "../../../../src/config/merge.ts";
import type { ProviderState } from "../../../../src/provider/provider.ts";
import { createIngresses } from "./ingress/support.ts";
import { translated } from "./translators.ts";

type Fields = Readonly<Record<string, unknown>>;

const group = { apiVersion: "traefik.io/v1alpha1" };
const object = (kind: string, namespace: string, name: string, spec: Fields): Fields => ({
  ...group,
  kind,
  metadata: { namespace, name },
  spec,
});
const service = (namespace: string, name = "web"): Fields => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { namespace, name },
  spec: { clusterIP: `10.0.0.${namespace.length}`, ports: [{ port: 80 }] },
});
const secret = (namespace: string, name: string, data: Readonly<Record<string, string>>): Fields => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { namespace, name },
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, btoa(text)])),
});
const route = (namespace: string, name: string, fields: Fields, tls?: Fields): Fields =>
  object("IngressRoute", namespace, name, {
    routes: [{ match: `Host(\`${name}\`)`, services: [{ name: "web", port: 80 }], ...fields }],
    ...(tls !== undefined && { tls }),
  });

const codesOf = (state: ProviderState) => state.problems.map(({ code }) => code);
const { values } = Object;
const httpOf = (state: ProviderState) => state.configuration.http;
const serversOf = (services: Readonly<Record<string, HttpService>>) =>
  values(services).flatMap((each) => each.kind === "loadBalancer" ? each.servers : []);

/** The one router of a state: closed, and nowhere near another namespace's things. */
function assertClosed(state: ProviderState): void {
  const [router] = values(httpOf(state).routers);
  assert.ok(router !== undefined, "a closed router keeps its place");
  assert.ok((router.defects ?? []).length > 0, "it says why");
  const target = httpOf(state).services[router.service];
  assert.ok(target?.kind === "loadBalancer" && target.servers.length === 0, "it has nowhere to send requests");
}

test("CVE-2026-41174: a chain's members don't escape the chain's namespace", () => {
  const objects = [
    object("Middleware", "tenant", "chain", { chain: { middlewares: [{ name: "auth", namespace: "system" }] } }),
    object("Middleware", "system", "auth", { stripPrefix: { prefixes: ["/a"] } }),
    route("tenant", "app", { middlewares: [{ name: "chain" }] }),
    service("tenant"),
  ];
  const state = translated(objects);
  assert.deepEqual(codesOf(state), ["cross-namespace"]);
  const chain = httpOf(state).middlewares["Middleware.traefik.io/tenant/chain"];
  assert.deepEqual([chain?.options, chain?.defects?.length], [{}, 1], "nothing of the chain is left");
  const qualified = object("Middleware", "tenant", "chain", {
    chain: { middlewares: [{ name: "system-auth@kubernetescrd" }] },
  });
  assert.deepEqual(codesOf(translated([...objects.slice(1), qualified])), ["cross-namespace"]);
});

test("CVE-2026-71325: a TraefikService's name@kubernetescrd does not cross namespaces", () => {
  for (
    const spec of [
      { weighted: { services: [{ name: "system-api@kubernetescrd", kind: "TraefikService" }] } },
      { mirroring: { name: "system-api@kubernetescrd", kind: "TraefikService" } },
      { mirroring: { name: "web", port: 80, mirrors: [{ name: "system-api@kubernetescrd", kind: "TraefikService" }] } },
      {
        failover: { service: { name: "web", port: 80 }, fallback: { name: "a@kubernetescrd", kind: "TraefikService" } },
      },
      { highestRandomWeight: { services: [{ name: "api@kubernetes", kind: "TraefikService" }] } },
    ]
  ) {
    const state = translated([object("TraefikService", "tenant", "ts", spec), service("tenant")]);
    assert.deepEqual(codesOf(state), ["cross-namespace"], JSON.stringify(spec));
    assert.ok(!JSON.stringify(httpOf(state)).includes("@"), JSON.stringify(spec));
  }
});

test("CVE-2026-54761: who may name other providers is asked of the object that does, not of who refers to it", () => {
  const objects = [
    route("trusted", "app", { services: [{ name: "ts", namespace: "tenant", kind: "TraefikService" }] }),
    object("TraefikService", "tenant", "ts", {
      weighted: { services: [{ name: "internal@file", kind: "TraefikService" }] },
    }),
  ];
  const options = { allowCrossNamespace: true, crossProviderNamespaces: ["trusted"] };
  const state = translated(objects, options);
  assert.deepEqual(codesOf(state), ["cross-provider"]);
  assert.ok(!JSON.stringify(httpOf(state)).includes("@file"));
  assert.deepEqual(codesOf(translated(objects, { ...options, crossProviderNamespaces: ["tenant"] })), []);
});

test("CVE-2026-65601: a service reference's middlewares are those of the referrer's namespace", () => {
  const state = translated([
    route("tenant", "app", { services: [{ name: "web", namespace: "other", port: 80, middlewares: [{ name: "m" }] }] }),
    object("Middleware", "tenant", "m", { stripPrefix: { prefixes: ["/mine"] } }),
    object("Middleware", "other", "m", { stripPrefix: { prefixes: ["/theirs"] } }),
    service("other"),
  ], { allowCrossNamespace: true });
  assert.deepEqual(codesOf(state), []);
  const [balancer] = values(httpOf(state).services);
  assert.deepEqual(balancer?.kind === "loadBalancer" && balancer.middlewares, ["Middleware.traefik.io/tenant/m"]);
});

test("CVE-2026-65602: an IngressRouteTCP's serversTransport name@provider needs the right to name providers", () => {
  const objects = [
    object("IngressRouteTCP", "tenant", "db", {
      routes: [{ match: "HostSNI(`*`)", services: [{ name: "web", port: 80, serversTransport: "mtls@file" }] }],
    }),
    service("tenant"),
  ];
  const state = translated(objects, { crossProviderNamespaces: ["system"], nativeLBByDefault: true });
  assert.deepEqual(codesOf(state), ["cross-provider"]);
  const [balancer] = values(state.configuration.tcp?.services ?? {});
  assert.deepEqual(balancer?.kind === "loadBalancer" && balancer.servers, [], "not even without the transport");
  const allowed = translated(objects, { crossProviderNamespaces: ["tenant"], nativeLBByDefault: true });
  assert.deepEqual(codesOf(allowed), []);
});

test("CVE-2026-44774: internal services are reached from namespaces that may name providers only", () => {
  const objects = [route("tenant", "app", { services: [{ name: "rest@internal", kind: "TraefikService" }] })];
  const state = translated(objects, { crossProviderNamespaces: ["system"] });
  assert.deepEqual(codesOf(state), ["cross-provider"]);
  assertClosed(state);
});

test("CVE-2026-71327: names joined by hyphens are for people; keys of different objects never meet", () => {
  const state = translated([
    route("a-b", "c", { match: "Host(`x`)" }),
    route("a", "b-c", { match: "Host(`x`)" }),
    service("a-b"),
    service("a"),
    object("Middleware", "a-b", "c", { stripPrefix: { prefixes: ["/1"] } }),
    object("Middleware", "a", "b-c", { stripPrefix: { prefixes: ["/2"] } }),
    object("TraefikService", "a-b", "c", { weighted: { services: [{ name: "web", port: 80 }] } }),
    object("TraefikService", "a", "b-c", { weighted: { services: [{ name: "web", port: 80 }] } }),
  ], { nativeLBByDefault: true });
  const { routers, middlewares, services } = httpOf(state);
  assert.equal(new Set(values(routers).map(({ displayName }) => displayName)).size, 1, "the same name for people");
  assert.equal(values(routers).length, 2);
  assert.equal(new Set(values(routers).map((router) => router.service)).size, 2);
  assert.equal(values(middlewares).length, 2);
  assert.equal(values(services).filter(({ kind }) => kind === "weighted").length, 2);
  assert.deepEqual(
    new Set(serversOf(services).map(({ url }) => url)),
    new Set(["http://10.0.0.1:80", "http://10.0.0.3:80"]),
  );
  const merged = mergeConfigurations(new Map([["kubernetescrd", state]]));
  assert.deepEqual(merged.problems, [], "what refers by key is never ambiguous");
});

test("CVE-2026-71327: one rule twice in an IngressRoute makes two routers", () => {
  const twice = object("IngressRoute", "a", "r", {
    routes: [
      { match: "Host(`x`)", services: [{ name: "web", port: 80 }] },
      { match: "Host(`x`)", services: [{ name: "web", port: 80 }], middlewares: [{ name: "m" }] },
    ],
  });
  const state = translated([
    twice,
    service("a"),
    object("Middleware", "a", "m", { stripPrefix: { prefixes: ["/1"] } }),
  ]);
  assert.deepEqual(values(httpOf(state).routers).map(({ middlewares = [] }) => middlewares.length), [0, 1]);
});

test("CVE-2026-54765: two references to one Service and port share no middlewares, transports or stickiness", () => {
  const state = translated([
    object("Middleware", "a", "m", { stripPrefix: { prefixes: ["/1"] } }),
    object("ServersTransport", "a", "t", { insecureSkipVerify: true }),
    object("TraefikService", "a", "ts", {
      weighted: {
        services: [
          { name: "web", port: 80 },
          { name: "web", port: 80, middlewares: [{ name: "m" }] },
          { name: "web", port: 80, serversTransport: "t" },
          { name: "web", port: 80, sticky: { cookie: {} } },
          { name: "web", port: 80, scheme: "https" },
        ],
      },
    }),
    object("IngressRouteTCP", "a", "tcp", {
      routes: [{
        match: "HostSNI(`*`)",
        services: [{ name: "web", port: 80 }, { name: "web", port: 80, tls: true }, {
          name: "web",
          port: 80,
          proxyProtocol: { version: 2 },
        }],
      }],
    }),
    service("a"),
  ], { nativeLBByDefault: true });
  assert.deepEqual(codesOf(state), []);
  const names = values(httpOf(state).services).flatMap((each) => each.kind === "weighted" ? each.services : []);
  assert.equal(new Set(names.map(({ name }) => name)).size, 5);
  assert.equal(values(state.configuration.tcp?.services ?? {}).length, 4);
});

test("CVE-2026-54765: the same transport name in two namespaces is two transports of one Service", () => {
  const ts = (namespace: string) =>
    object("TraefikService", namespace, "ts", {
      weighted: { services: [{ name: "web", namespace: "shared", port: 80, serversTransport: "t" }] },
    });
  const transport = (namespace: string) => object("ServersTransport", namespace, "t", {});
  const objects = [ts("a"), ts("b"), transport("a"), transport("b"), service("shared")];
  const state = translated(objects, { allowCrossNamespace: true, nativeLBByDefault: true });
  const balancers = values(httpOf(state).services).flatMap((each) => each.kind === "loadBalancer" ? [each] : []);
  assert.deepEqual(balancers.map(({ serversTransport }) => serversTransport).sort(), [
    "ServersTransport.traefik.io/a/t",
    "ServersTransport.traefik.io/b/t",
  ]);
});

test("CVE-2026-54762: an authentication whose Secret is missing is marked as broken, and its routers still need it", () => {
  for (const kind of ["basicAuth", "digestAuth"]) {
    for (const secrets of [[], [secret("a", "users", {})], [secret("other", "users", { users: "a:b" })]]) {
      const state = translated([
        object("Middleware", "a", "auth", { [kind]: { secret: "users" } }),
        route("a", "app", { middlewares: [{ name: "auth" }] }),
        service("a"),
        ...secrets,
      ]);
      assert.equal(codesOf(state).length, 1, kind);
      const [middleware] = values(httpOf(state).middlewares);
      assert.deepEqual([middleware?.options, middleware?.defects?.length], [{}, 1], kind);
      const [router] = values(httpOf(state).routers);
      assert.deepEqual(router?.middlewares, ["Middleware.traefik.io/a/auth"], "what is broken closes the router");
    }
  }
});

test("CVE-2022-46153: bad TLS options close their routers, and are never replaced by others", () => {
  for (
    const spec of [{ minVersion: "TLS13" }, { clientAuth: { secretNames: ["missing"] } }, {
      clientAuth: { secretNames: [], clientAuthType: "RequireAndVerifyClientCert" },
    }]
  ) {
    const state = translated([
      route("a", "app", {}, { options: { name: "strict" } }),
      object("TLSOption", "a", "strict", spec),
      service("a"),
    ], { nativeLBByDefault: true });
    const [options] = values(state.configuration.tls?.options ?? {});
    assert.ok((options?.defects ?? []).length > 0, JSON.stringify(spec));
    const [router] = values(httpOf(state).routers);
    const refersToIt = router?.tls?.options === "TLSOption.traefik.io/a/strict";
    assert.ok(refersToIt || (router?.defects ?? []).length > 0, JSON.stringify(spec));
  }
  assertClosed(translated([route("a", "app", {}, { options: { name: "missing" } }), service("a")]));
});

test("D7: a router whose TLS Secret is missing or broken is closed, not served with another certificate", () => {
  const objects = [route("a", "app", {}, { secretName: "pair" }), service("a")];
  assertClosed(translated(objects));
  const raw = { ...secret("a", "pair", {}), data: { "tls.crt": "not base64!" } };
  const broken = secret("a", "pair", { "tls.crt": "no certificate", "tls.key": "no key" });
  for (const one of [broken, secret("a", "pair", {}), raw]) {
    // Passed on: closed where there is no last good one, which the routing table knows.
    const { http, tls } = translated([...objects, one]).configuration;
    assert.deepEqual(values(http.routers).map((router) => router.tls?.certificates), [["Secret/a/pair"]]);
    assert.equal(tls?.certificates["Secret/a/pair"]?.defects?.length, 1);
  }
});

test("CVE-2026-32695: text of an Ingress never becomes a rule", () => {
  const ingresses = createIngresses();
  ingresses.put({ apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec: { ports: [{ port: 80 }] } });
  ingresses.put({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "evil" },
    spec: {
      rules: [{
        host: "a.example",
        http: {
          paths: [{
            path: "/`) || PathPrefix(`/",
            pathType: "Prefix",
            backend: { service: { name: "web", port: { number: 80 } } },
          }],
        },
      }],
    },
  });
  for (const { rule } of values(ingresses.state().configuration.http.routers)) {
    assert.notEqual(typeof rule, "string", "a tree, in which the text is one value");
  }
});

test("CVE-2020-9321, CVE-2019-12452: no problem quotes what a Secret holds", () => {
  const canary = "canary-0123456789";
  const names = ["users", "pair", "redis", "plugin"];
  const state = translated([
    ...names.map((name) => secret("a", name, { one: `${canary}\n${canary}`, two: canary, "tls.crt": canary })),
    { ...secret("a", "raw", {}), data: { "tls.crt": `${canary} is not base64!`, "tls.key": 5 } },
    object("Middleware", "a", "basic", { basicAuth: { secret: "users" } }),
    object("Middleware", "a", "limit", { rateLimit: { redis: { secret: "redis", tls: { caSecret: "pair" } } } }),
    object("Middleware", "a", "plugged", { plugin: { p: { key: "urn:k8s:secret:plugin:nothing" } } }),
    object("ServersTransport", "a", "t", { rootCAs: [{ secret: "pair" }], certificatesSecrets: ["pair", "raw"] }),
    object("TLSStore", "a", "default", { defaultCertificate: { secretName: "pair" } }),
    route("a", "app", {}, { secretName: "raw" }),
    service("a"),
  ]);
  assert.ok(state.problems.length >= 7, JSON.stringify(codesOf(state)));
  assert.ok(!JSON.stringify(state.problems).includes(canary));
});

test("#13395, #13405, #13406, #13481: slices with odd conditions, orders and missing ports", () => {
  const slice = (name: string, createdAt: string, fields: Fields): Fields => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      namespace: "a",
      name,
      creationTimestamp: createdAt,
      labels: { "kubernetes.io/service-name": "web" },
    },
    addressType: "IPv4",
    ports: [{ port: 8080 }],
    ...fields,
  });
  const state = translated([
    route("a", "app", {}),
    service("a"),
    slice("z", "2024-01-01T00:00:00Z", { endpoints: [{ addresses: ["10.0.0.9"], conditions: {} }] }),
    slice("b", "2024-01-02T00:00:00Z", {
      endpoints: [
        { addresses: ["10.0.0.2"], conditions: { ready: true, serving: false } },
        {
          addresses: ["10.0.0.3"],
          conditions: { ready: false, serving: true },
        },
        { addresses: ["10.0.0.4"], conditions: null },
        { addresses: ["10.0.0.9"] },
      ],
    }),
    slice("no-port", "2024-01-03T00:00:00Z", { endpoints: [{ addresses: ["10.0.0.5"] }], ports: [{ name: "" }] }),
    slice("null-ports", "2024-01-03T00:00:00Z", { endpoints: [{ addresses: ["10.0.0.6"] }], ports: null }),
    slice("null-endpoints", "2024-01-03T00:00:00Z", { endpoints: null }),
  ]);
  assert.deepEqual(codesOf(state), []);
  assert.deepEqual(serversOf(httpOf(state).services).map(({ url }) => url), [
    "http://10.0.0.9:8080",
    "http://10.0.0.3:8080",
    "http://10.0.0.4:8080",
  ]);
});
