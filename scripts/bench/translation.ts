// How long the translation of a large cluster takes, and that of one change in it.
//
//   node_modules/node24/bin/node scripts/bench/translation.ts [ROUTES]

import process from "node:process";
import { middlewareSchemas } from "../../src/middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../../src/middleware/tcp/schemas.ts";
import { kindNames } from "../../src/provider/kubernetes/client/resource.ts";
import { crdResources } from "../../src/provider/kubernetes/crd/kinds.ts";
import { createCrdParser } from "../../src/provider/kubernetes/crd/parser.ts";
import { createCrdTranslator } from "../../src/provider/kubernetes/crd/translate.ts";
import { toKubeObject } from "../../src/provider/kubernetes/store/object.ts";
import { KubeStore } from "../../src/provider/kubernetes/store/store.ts";

const ROUTES = Number(process.argv[2] ?? 10_000);
const ROUNDS = 200;
const TRAEFIK = "traefik.io/v1alpha1";
const SLICES = "discovery.k8s.io/v1";

type Manifest = Readonly<Record<string, unknown>>;

const parser = createCrdParser(middlewareSchemas, tcpMiddlewareSchemas);
const translator = createCrdTranslator({
  optionPrefix: "--providers.kubernetescrd",
  ingressClass: "",
  allowCrossNamespace: false,
  allowExternalNameServices: false,
  allowEmptyServices: undefined,
  nativeLBByDefault: false,
  disableClusterScopeResources: false,
}, parser);
const store = new KubeStore(() => {});
store.listen((change) => translator.changed(change));
let version = 0;

function sinkOf(apiVersion: string, kind: string) {
  const resource = crdResources.find((each) =>
    kindNames(each).kind === kind && kindNames(each).apiVersion === apiVersion
  );
  if (resource === undefined) throw new Error(`${apiVersion} ${kind} is not read`);
  return { sink: store.sink(resource, undefined), names: kindNames(resource) };
}

function object(apiVersion: string, kind: string, { metadata, ...rest }: Manifest) {
  const { sink, names } = sinkOf(apiVersion, kind);
  const stamped = { namespace: "apps", ...(metadata as object), resourceVersion: String(++version) };
  const read = toKubeObject({ metadata: stamped, ...rest }, names);
  if (read === undefined) throw new Error("no object");
  return { sink, read };
}

function put(apiVersion: string, kind: string, manifest: Manifest): void {
  const { sink, read } = object(apiVersion, kind, manifest);
  sink.upsert(read);
}

function remove(apiVersion: string, kind: string, manifest: Manifest): void {
  const { sink, read } = object(apiVersion, kind, manifest);
  sink.remove(read);
}

const route = (index: number, priority = 0): Manifest => ({
  metadata: { name: `app-${index}` },
  spec: {
    entryPoints: ["web"],
    routes: [{
      match: `Host(\`app-${index}.example.com\`) && PathPrefix(\`/api\`)`,
      kind: "Rule",
      priority,
      middlewares: [{ name: "strip" }],
      services: [{ name: `app-${index}`, port: 80 }],
    }],
  },
});
const service = (index: number): Manifest => ({
  metadata: { name: `app-${index}` },
  spec: { clusterIP: "10.0.0.1", ports: [{ name: "http", port: 80, targetPort: 8080 }] },
});
const slice = (index: number, last = 1): Manifest => ({
  metadata: { name: `app-${index}-x`, labels: { "kubernetes.io/service-name": `app-${index}` } },
  addressType: "IPv4",
  endpoints: [{ addresses: [`10.1.${index % 250}.${last}`], conditions: { ready: true } }, {
    addresses: [`10.2.${index % 250}.${last}`],
    conditions: { ready: true },
  }],
  ports: [{ name: "http", port: 8080 }],
});
const strip = (prefix: string): Manifest => ({
  metadata: { name: "strip" },
  spec: { stripPrefix: { prefixes: [prefix] } },
});

function timed(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

function tell(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);
  process.stdout.write(`${name.padEnd(28)} p50 ${at(0.5).padStart(8)} ms   p99 ${at(0.99).padStart(8)} ms\n`);
}

const filling = timed(() => {
  put(TRAEFIK, "Middleware", strip("/api"));
  for (let index = 0; index < ROUTES; index++) {
    put(TRAEFIK, "IngressRoute", route(index));
    put("v1", "Service", service(index));
    put(SLICES, "EndpointSlice", slice(index));
  }
});
tell("fill the store", [filling]);
tell("first translation", [timed(() => translator.translate(store))]);
tell("nothing changed", Array.from({ length: ROUNDS }, () => timed(() => translator.translate(store))));

const changes: readonly (readonly [string, (round: number) => void])[] = [
  ["a slice changes", (round) => put(SLICES, "EndpointSlice", slice(round * 7 % ROUTES, 2 + round % 200))],
  ["a route changes", (round) => put(TRAEFIK, "IngressRoute", route(round * 11 % ROUTES, round + 1))],
  ["the shared middleware changes", (round) => put(TRAEFIK, "Middleware", strip(`/v${round}`))],
  ["a route comes", (round) => put(TRAEFIK, "IngressRoute", route(ROUTES + round))],
  ["a route goes", (round) => remove(TRAEFIK, "IngressRoute", route(ROUTES + round))],
];
for (const [name, change] of changes) {
  const times = Array.from({ length: ROUNDS }, (_, round) => {
    change(round);
    return timed(() => translator.translate(store));
  });
  tell(name, times);
}
const { routers, services } = translator.translate(store).configuration.http;
process.stdout.write(`${Object.keys(routers).length} routers, ${Object.keys(services).length} services, `);
process.stdout.write(`${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB resident\n`);
