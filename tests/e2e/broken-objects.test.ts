// Two thousand broken objects beside a thousand healthy routes: nothing crashes, nobody notices, each fault is named.

import assert from "node:assert/strict";
import { Agent, createServer, get } from "node:http";
import { test } from "node:test";
import { middlewareSchemas } from "../../src/middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../../src/middleware/tcp/schemas.ts";
import { validateObject } from "../../src/provider/kubernetes/crd/schemas.ts";
import type { Problem } from "../../src/schema/problem.ts";
import { ask, eventually } from "../support/ask.ts";
import { type KubeServer, type Manifest, startKubeServer } from "../support/kube-server.ts";
import { createRandom, deep, mutated, victims, wrongValues } from "../support/mutated-objects.ts";
import { residentKiB } from "../support/resident.ts";
import { type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";
import { startWeir, type Weir } from "../support/weir.ts";

const HEALTHY = 1_000;
const BROKEN = 2_000;
const BATCH = 100; // objects that change at once
const CLIENTS = 4;

const isShort = (value: unknown) => typeof value !== "string" || value.length < 1_000;

/** Long texts are rarer than elsewhere: a hundred mebibytes of them would test the machine. */
const values = [...Array.from({ length: 6 }, () => wrongValues.filter(isShort)).flat(), ...wrongValues, deep(2_000)];

/** The same at each run, each with a name of its own. */
function brokenObjects(): readonly Manifest[] {
  const random = createRandom(2_024);
  const templates = [...victims, ...ingressVictims];
  return Array.from({ length: BROKEN }, (_, index) => {
    const bad = mutated(templates[index % templates.length] ?? {}, { random, values }, 1 + index % 3);
    return { ...bad, ...identityOf(bad), metadata: { ...labelsOf(bad["metadata"]), name: `bad-${index}` } };
  });
}

const backend = { service: { name: "victim", port: { number: 80 } } };

/** Of the other provider. */
const ingressVictims: readonly Record<string, unknown>[] = [
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "victim" },
    spec: {
      ingressClassName: "traefik",
      rules: [{ host: "victim.test", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      tls: [{ hosts: ["victim.test"], secretName: "victim" }],
    },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name: "victim" },
    spec: { controller: "traefik.io/ingress-controller" },
  },
];

function identityOf(object: Readonly<Record<string, unknown>>): Pick<Manifest, "apiVersion" | "kind"> {
  return { apiVersion: String(object["apiVersion"]), kind: String(object["kind"]) };
}

function labelsOf(metadata: unknown): object {
  const labels = typeof metadata === "object" && metadata !== null && "labels" in metadata && metadata.labels;
  return typeof labels === "object" ? { labels } : {};
}

/** Faults as their authors would tell them, and what must be said of them. */
const told: readonly (readonly [kind: string, spec: unknown, path: RegExp, message: RegExp])[] = [
  ["IngressRoute", { routes: "all" }, /^spec\.routes$/, /list/],
  ["IngressRoute", { routes: [{ match: 3, kind: "Rule" }] }, /^spec\.routes\.0\.match$/, /text|string/],
  ["IngressRoute", { routes: [{ kind: "Rule" }] }, /^spec\.routes\.0\.match$/, /missing|required|wanted/],
  ["IngressRoute", { routes: [{ match: "Host(`x`", kind: "Rule" }] }, /^spec\.routes\.0\.match/, /\)|unclosed|closed/],
  ["IngressRoute", { routes: null }, /^spec\.routes$/, /missing|required|list|null/],
  ["TraefikService", { weighted: { services: [{ name: "web", port: 80, weight: "1" }] } }, /weight$/, /number/],
  [
    "TraefikService",
    { mirroring: { name: "web", port: 80, mirrors: [{ name: "web", percent: "10," }] } },
    /percent$/,
    /10,/,
  ],
  ["Middleware", { stripPrefix: { prefixes: "/a" } }, /^spec\.stripPrefix\.prefixes$/, /list/],
  ["Middleware", { stripPrefix: {}, addPrefix: { prefix: "/x" } }, /^spec/, /one|both|stripPrefix/],
  ["Ingress", { rules: "all" }, /^spec\.rules$/, /list/],
  ["Ingress", { rules: [{ host: 3 }] }, /^spec\.rules\.0\.host$/, /text|string/],
  ["Ingress", { rules: [{ http: { paths: [{ path: "/", pathType: "Prefix", backend: {} }] } }] }, /backend/, /Service/],
  ["ServersTransport", { maxIdleConnsPerHost: "many" }, /maxIdleConnsPerHost$/, /number/],
];

const toldObjects: readonly Manifest[] = told.map(([kind, spec], index) => ({
  apiVersion: kind === "Ingress" ? "networking.k8s.io/v1" : "traefik.io/v1alpha1",
  kind,
  metadata: { name: `told-${index}` },
  spec,
}));

function healthyRoute(index: number): Manifest {
  const routes = [{ match: `Host(\`ok${index}.test\`)`, kind: "Rule", services: [{ name: "web", port: 80 }] }];
  return {
    apiVersion: "traefik.io/v1alpha1",
    kind: "IngressRoute",
    metadata: { name: `ok${index}` },
    spec: { entryPoints: ["web"], routes },
  };
}

for (const runtime of threeRuntimes) {
  test(`${BROKEN} broken objects change nothing for ${HEALTHY} routes on ${runtime.name}`, (t) =>
    withWeir(runtime, async (kube, weir) => {
      const load = startLoad(weir.port("web"));
      try {
        await load.round();
        t.diagnostic(await play(kube, weir, load));
      } finally {
        await load.stop();
      }
      const { asked, failures, slowest } = load.result();
      t.diagnostic(`${asked} requests, the slowest took ${slowest.toFixed(0)} ms`);
      assert.deepEqual(failures, []);
    }));
}

/** Brings the broken objects and takes them away. @returns what is worth knowing */
async function play(kube: KubeServer, weir: Weir, load: Load): Promise<string> {
  const broken = [...brokenObjects(), ...toldObjects];
  for (let start = 0; start < broken.length; start += BATCH) {
    for (const object of broken.slice(start, start + BATCH)) kube.force(object);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const isTold = (object: Manifest) => toldObjects.includes(object);
  const faulty = broken.filter((object) => isTold(object) || isFaulty(object)).map(({ metadata }) => metadata.name);
  assert.ok(faulty.length > BROKEN / 4, `only ${faulty.length} objects are faulty`);
  const unnamed = (problems: readonly Problem[]) => {
    const names = new Set(problems.flatMap(errorNames));
    return faulty.filter((name) => !names.has(name));
  };
  const seen = await problemsOnce(weir, (problems) => unnamed(problems).length === 0);
  assert.deepEqual(unnamed(seen), []);
  assertTold(seen);
  assert.deepEqual(seen.filter(({ code }) => code === "internal-error"), []);
  const memory = residentKiB(weir.pid) >> 10;
  await load.round();
  for (const object of broken) kube.remove(object);
  assert.deepEqual(await problemsOnce(weir, (problems) => problems.length === 0), []);
  await load.round();
  return `${faulty.length} faulty objects, ${seen.length} problems, ${memory} MiB`;
}

/** What weir's own rules find, without a cluster around it. */
function isFaulty(object: Manifest): boolean {
  if (!object.apiVersion.startsWith("traefik.io/")) return false; // judged when somebody refers to them
  return validateObject(object, middlewareSchemas, tcpMiddlewareSchemas).some(({ severity }) => severity === "error");
}

function errorNames({ severity, source }: Problem): string[] {
  return severity === "error" && source?.type === "object" ? [source.name] : [];
}

function assertTold(problems: readonly Problem[]): void {
  told.forEach(([kind, spec, path, message], index) => {
    const own = problems.filter(({ source }) => source?.type === "object" && source.name === `told-${index}`);
    const found = own.some((problem) => path.test((problem.path ?? []).join(".")) && message.test(problem.message));
    assert.ok(found, `${kind} ${JSON.stringify(spec)}: ${JSON.stringify(own)}`);
  });
}

async function problemsOnce(
  weir: Weir,
  isRight: (problems: readonly Problem[]) => boolean,
): Promise<readonly Problem[]> {
  const look = async (): Promise<readonly Problem[]> => {
    const path = "/api/problems?per_page=10000";
    return JSON.parse((await ask({ port: weir.port("traefik"), host: "localhost", path })).body);
  };
  return await eventually(look, isRight);
}

async function withWeir(runtime: RuntimeCommand, use: (kube: KubeServer, weir: Weir) => Promise<void>): Promise<void> {
  const server = createServer((_request, response) => response.end("ok"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const kube = await startKubeServer();
  try {
    addHealthy(kube, typeof address === "object" && address !== null ? address.port : 0);
    const weir = await startWeir(runtime, [
      `--providers.kubernetescrd.endpoint=${kube.url}`,
      `--providers.kubernetesingress.endpoint=${kube.url}`,
      "--entrypoints.web.address=127.0.0.1:0",
      "--entrypoints.traefik.address=127.0.0.1:0",
      "--api.insecure",
      "--log.level=INFO",
    ]);
    try {
      await use(kube, weir);
    } finally {
      assert.equal(await weir.stop(), 0);
    }
  } finally {
    await kube.close();
    server.close();
    server.closeAllConnections();
  }
}

function addHealthy(kube: KubeServer, port: number): void {
  kube.force({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: { ports: [{ port: 80, targetPort: port }] },
  });
  kube.force({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "web-1", labels: { "kubernetes.io/service-name": "web" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true } }],
    ports: [{ port }],
  });
  for (let index = 0; index < HEALTHY; index++) kube.force(healthyRoute(index));
}

interface Load {
  /** Resolves when each route has been asked once more. */
  round(): Promise<void>;
  stop(): Promise<void>;
  result(): { readonly asked: number; readonly failures: readonly string[]; readonly slowest: number };
}

/** A few clients that ask one healthy route after the other, all the time. */
function startLoad(port: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const failures: string[] = [];
  let [asked, slowest, running] = [0, 0, true];
  const askOnce = (host: string): Promise<void> =>
    new Promise((resolve) => {
      const start = performance.now();
      const fail = (what: string) => failures.length < 20 && failures.push(`${host}: ${what}`);
      const request = get({ port, host: "127.0.0.1", headers: { Host: host }, agent }, (response) => {
        if (response.statusCode !== 200) fail(String(response.statusCode));
        response.on("end", resolve).resume();
      });
      request.on("error", (error) => {
        fail(error.message);
        resolve();
      });
      request.on("close", () => slowest = Math.max(slowest, performance.now() - start));
    });
  const client = async (): Promise<void> => {
    while (running) await askOnce(`ok${asked++ % HEALTHY}.test`);
  };
  const clients = Array.from({ length: CLIENTS }, client);
  return {
    async round() {
      const wanted = asked + HEALTHY;
      while (asked < wanted) await new Promise((resolve) => setImmediate(resolve));
    },
    async stop() {
      running = false;
      await Promise.all(clients);
      agent.destroy();
    },
    result: () => ({ asked, failures, slowest }),
  };
}
