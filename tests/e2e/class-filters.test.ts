// Seed 002's several controllers: two processes on one API, each with the objects of its class or label, and no others.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { ask, eventually } from "../support/ask.ts";
import { type KubeServer, type Manifest, startKubeServer } from "../support/kube-server.ts";
import { type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";
import { startWeir, type Weir } from "../support/weir.ts";

/** Two processes, and how to see what each of them serves. */
interface Pair {
  readonly kube: KubeServer;
  readonly inside: Weir;
  readonly outside: Weir;
}

const seed = {
  inside: ["--providers.kubernetescrd", "--providers.kubernetescrd.ingressclass=traefik-in"],
  outside: ["--providers.kubernetescrd", "--providers.kubernetescrd.labelselector=ingressclass=traefik-out"],
};

const ingress = {
  inside: ["--providers.kubernetesingress", "--providers.kubernetesingress.ingressclass=traefik-in"],
  outside: ["--providers.kubernetesingress", "--providers.kubernetesingress.ingressclass=traefik-out"],
};

async function withPair(
  runtime: RuntimeCommand,
  flags: { readonly inside: readonly string[]; readonly outside: readonly string[] },
  use: (pair: Pair) => Promise<void>,
): Promise<void> {
  const backend = createServer((_request, response) => response.end("served"));
  await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
  const address = backend.address();
  const kube = await startKubeServer();
  const started: Weir[] = [];
  const start = async (own: readonly string[]): Promise<Weir> => {
    const endpoints = own.filter((flag) => !flag.includes("=") && !flag.includes(".ingress")).map((flag) =>
      `${flag}.endpoint=${kube.url}`
    );
    const weir = await startWeir(runtime, [...own, ...endpoints, ...common]);
    started.push(weir);
    return weir;
  };
  try {
    await addService(kube, typeof address === "object" && address !== null ? address.port : 0);
    await use({ kube, inside: await start(flags.inside), outside: await start(flags.outside) });
  } finally {
    for (const weir of started) await weir.stop();
    await kube.close();
    backend.close();
    backend.closeAllConnections();
  }
}

const common = [
  "--entrypoints.web.address=127.0.0.1:0",
  "--entrypoints.traefik.address=127.0.0.1:0",
  "--api.insecure",
  "--log.level=INFO",
];

async function addService(kube: KubeServer, port: number): Promise<void> {
  await kube.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "app" },
    spec: { ports: [{ port: 80, targetPort: port }] },
  });
  kube.force({ // no API takes addresses of the loopback network from people
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "app-1", labels: { "kubernetes.io/service-name": "app" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true } }],
    ports: [{ port }],
  });
}

type Metadata = Readonly<Record<string, Readonly<Record<string, string>>>>;

const inClass = (name: string): Metadata => ({ annotations: { "kubernetes.io/ingress.class": name } });
const labelled: Metadata = { labels: { ingressclass: "traefik-out" } };

function route(name: string, metadata: Metadata = {}, spec: object = {}, group = "traefik.containo.us"): Manifest {
  return {
    apiVersion: `${group}/v1alpha1`,
    kind: "IngressRoute",
    metadata: { name, ...metadata },
    spec: {
      ...spec,
      entryPoints: ["web"],
      routes: [{ match: `Host(\`${name}.test\`)`, kind: "Rule", services: [{ name: "app", port: 80 }] }],
    },
  };
}

/** Who serves a host: `in`, `out`, `both` or `none`, once that is what is wanted, or has been something else too long. */
async function assertServed(pair: Pair, wanted: Readonly<Record<string, string>>): Promise<void> {
  const serves = async (weir: Weir, host: string) => (await ask({ port: weir.port("web"), host })).status === 200;
  const look = async () => {
    const seen: Record<string, string> = {};
    for (const name of Object.keys(wanted)) {
      const [inside, outside] = [await serves(pair.inside, `${name}.test`), await serves(pair.outside, `${name}.test`)];
      seen[name] = inside ? (outside ? "both" : "in") : outside ? "out" : "none";
    }
    return seen;
  };
  const seen = await eventually(look, (now) => JSON.stringify(now) === JSON.stringify(wanted));
  assert.deepEqual(seen, wanted);
}

/** Names of the routers that come from Kubernetes: nothing of the other's may be known at all. */
async function routersOf(weir: Weir): Promise<string[]> {
  const { body } = await ask({ port: weir.port("traefik"), host: "localhost", path: "/api/http/routers" });
  const routers: readonly { name: string; rule: string; provider: string }[] = JSON.parse(body);
  return routers.filter(({ provider }) => provider.startsWith("kubernetes"))
    .map(({ rule }) => /Host\(`(\w+)\.test`\)/.exec(rule)?.[1] ?? rule).sort();
}

for (const runtime of threeRuntimes) {
  test(`seed 002's class and label divide IngressRoutes between two processes on ${runtime.name}`, () =>
    withPair(runtime, seed, async (pair) => {
      const { kube, inside, outside } = pair;
      await kube.apply(route("annotated", inClass("traefik-in")));
      await kube.apply(route("field", {}, { ingressClassName: "traefik-in" }, "traefik.io"));
      await kube.apply(route("labelled", labelled));
      await kube.apply(route("neither"));
      await kube.apply(route("other", inClass("nginx")));
      await kube.apply(route("overruled", inClass("nginx"), { ingressClassName: "traefik-in" }, "traefik.io"));
      await assertServed(pair, { annotated: "in", field: "in", labelled: "out", neither: "none", other: "none" });
      await assertServed(pair, { overruled: "none" });
      assert.deepEqual(await routersOf(inside), ["annotated", "field"]);
      assert.deepEqual(await routersOf(outside), ["labelled"]);

      kube.remove(route("annotated"));
      await kube.apply(route("annotated", labelled));
      await kube.apply(route("labelled", { labels: { ingressclass: "traefik-in" }, ...inClass("traefik-in") }));
      await kube.apply(route("field", {}, { ingressClassName: "traefik-other" }, "traefik.io"));
      await kube.apply(route("neither", {}, { ingressClassName: "traefik-in" }));
      await assertServed(pair, { annotated: "out", labelled: "in", field: "none", neither: "in", other: "none" });
      assert.deepEqual(await routersOf(inside), ["labelled", "neither"]);
      assert.deepEqual(await routersOf(outside), ["annotated"]);
      kube.remove(route("labelled"));
      kube.remove(route("annotated"));
      await assertServed(pair, { annotated: "none", labelled: "none", neither: "in" });
    }));

  test(`Ingresses go to the process of their class, and move with it, on ${runtime.name}`, () =>
    withPair(runtime, ingress, async (pair) => {
      const { kube } = pair;
      const controller = "traefik.io/ingress-controller";
      const addClass = (name: string, spec: object, metadata: Metadata = {}) =>
        kube.apply({
          apiVersion: "networking.k8s.io/v1",
          kind: "IngressClass",
          metadata: { name, ...metadata },
          spec,
        });
      await addClass("traefik-in", { controller });
      await addClass("traefik-out", { controller });
      await addClass("foreign", { controller: "example.com/other" });
      await kube.apply(ingressOf("first", { ingressClassName: "traefik-in" }));
      await kube.apply(ingressOf("second", { ingressClassName: "traefik-out" }));
      await kube.apply(ingressOf("third", { ingressClassName: "foreign" }));
      await kube.apply(ingressOf("fourth", {}, inClass("traefik-out")));
      await kube.apply(ingressOf("fifth"));
      const start = { first: "in", second: "out", third: "none", fourth: "out", fifth: "none" };
      await assertServed(pair, start);
      assert.deepEqual(await routersOf(pair.inside), ["first"]);
      assert.deepEqual(await routersOf(pair.outside), ["fourth", "second"]);

      await kube.apply(ingressOf("first", { ingressClassName: "traefik-out" }));
      await kube.apply(ingressOf("second", { ingressClassName: "traefik-in" }));
      await kube.apply(ingressOf("fourth", {}, inClass("traefik-in")));
      await assertServed(pair, { ...start, first: "out", second: "in", fourth: "in" });
      // A class that changes hands takes its Ingresses along; the default class takes those without one.
      kube.remove({ apiVersion: "networking.k8s.io/v1", kind: "IngressClass", metadata: { name: "traefik-in" } });
      await addClass("traefik-in", { controller: "example.com/other" });
      await assertServed(pair, { first: "out", second: "none" });
      const byDefault = { annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } };
      await addClass("traefik-out", { controller }, byDefault);
      await kube.apply(ingressOf("sixth"));
      await assertServed(pair, { fifth: "out", sixth: "out" });
    }));
}

function ingressOf(name: string, spec: object = {}, metadata: Metadata = {}): Manifest {
  const backend = { service: { name: "app", port: { number: 80 } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, ...metadata },
    spec: { ...spec, rules: [{ host: `${name}.test`, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }] },
  };
}
