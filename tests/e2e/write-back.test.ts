// What weir writes into the cluster: why an object does not work, where Ingresses are reached, and that one replica does it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/ask.ts";
import { createKubectl, type Kubectl, skipWithoutKubectl } from "../support/kubectl.ts";
import { type KubeServer, type Manifest, startKubeServer } from "../support/kube-server.ts";
import { type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";
import { startWeir, type Weir } from "../support/weir.ts";

const LEASE_MS = 3_000;
const WRITES = /this process writes statuses and Events/;

/** A cluster, and who wrote what into it. */
interface Scene {
  readonly kube: KubeServer;
  readonly kubectl: Kubectl;
  /** `token METHOD path` of each request that changes something but the lease. */
  readonly writes: string[];
  /** Starts a replica that is known by its token. */
  start(token: string, ...flags: readonly string[]): Promise<Weir>;
}

async function withScene(runtime: RuntimeCommand, body: (scene: Scene) => Promise<void>): Promise<void> {
  const kube = await startKubeServer();
  const kubectl = await createKubectl(kube.url);
  const writes: string[] = [];
  const fetch = kube.api.fetch;
  kube.api.fetch = (request) => {
    const token = /^Bearer (.*)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    const { pathname } = new URL(request.url);
    if (token !== undefined && request.method !== "GET" && !pathname.includes("/leases")) {
      writes.push(`${token} ${request.method} ${pathname}`);
    }
    return fetch(request);
  };
  const started: Weir[] = [];
  try {
    await body({
      kube,
      kubectl,
      writes,
      async start(token, ...flags) {
        const weir = await startWeir(runtime, [...common(kube.url, token), ...flags]);
        started.push(weir);
        return weir;
      },
    });
  } finally {
    for (const weir of started) await weir.stop();
    await kubectl.close();
    await kube.close();
  }
}

function common(url: string, token: string): string[] {
  const providers = ["kubernetescrd", "kubernetesingress"].flatMap((name) => [
    `--providers.${name}.endpoint=${url}`,
    `--providers.${name}.token=${token}`,
    `--providers.${name}.leaderelection.leaseduration=${LEASE_MS}ms`,
    `--providers.${name}.leaderelection.renewdeadline=2s`,
    `--providers.${name}.leaderelection.retryperiod=200ms`,
  ]);
  return [...providers, "--entrypoints.web.address=127.0.0.1:0", "--log.level=INFO"];
}

function route(name: string, service: string): Manifest {
  return {
    apiVersion: "traefik.io/v1alpha1",
    kind: "IngressRoute",
    metadata: { name },
    spec: { routes: [{ match: `Host(\`${name}.test\`)`, kind: "Rule", services: [{ name: service, port: 80 }] }] },
  };
}

const service = (name: string, spec: object = {}, extra: object = {}): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
  ...extra,
});

const slice: Manifest = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name: "app-1", labels: { "kubernetes.io/service-name": "app" } },
  addressType: "IPv4",
  endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true } }],
  ports: [{ name: "", port: 80, protocol: "TCP" }],
};

function ingress(name: string, spec: object = {}): Manifest {
  const backend = { service: { name: "app", port: { number: 80 } } };
  const rules = [{ host: `${name}.test`, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }];
  return { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name }, spec: { rules, ...spec } };
}

const SECRET = /hunter2|aHVudGVyM/;

const passwords: Manifest = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "passwords" },
  stringData: { users: "hunter2 without a name" },
};

const guard: Manifest = {
  apiVersion: "traefik.io/v1alpha1",
  kind: "Middleware",
  metadata: { name: "guard" },
  spec: { basicAuth: { secret: "passwords" } },
};

const balancer = (ip: string) =>
  service("edge", { type: "LoadBalancer" }, { status: { loadBalancer: { ingress: [{ ip }] } } });

async function describes(kubectl: Kubectl, what: string, pattern: RegExp): Promise<string> {
  const seen = await eventually(() => kubectl.ok(["describe", what]), (text) => pattern.test(text));
  assert.match(seen, pattern);
  return seen;
}

for (const runtime of threeRuntimes) {
  test(`kubectl describe tells why an object does not work, and when it does again, on ${runtime.name}`, {
    skip: skipWithoutKubectl,
  }, () =>
    withScene(runtime, async ({ kube, kubectl, writes, start }) => {
      await kube.apply(service("app"));
      kube.force(slice);
      await kube.apply(route("broken", "nowhere"));
      await kube.apply(route("fine", "app"));
      await kube.apply({ ...route("other", "nowhere"), metadata: { name: "other", annotations: inClass("nginx") } });
      await kube.apply(
        ingress("lost", { rules: [], defaultBackend: { service: { name: "nowhere", port: { number: 80 } } } }),
      );
      await start("one");
      const what = "ingressroutes.traefik.io/broken";
      const faulty = await describes(kubectl, what, /Warning +MissingService +\S+ +weir +.*"nowhere"/);
      assert.doesNotMatch(faulty, /Recovered/);
      await describes(kubectl, "ingress/lost", /Warning +MissingService/);

      await kube.apply(route("broken", "app"));
      await describes(kubectl, what, /Normal +Recovered +\S+ +weir/);
      await kube.apply(route("broken", "nowhere"));
      await describes(kubectl, what, /Warning +MissingService +\S+ \(x2 over \S+\)/);
      assert.match(await kubectl.ok(["describe", "ingressroutes.traefik.io/fine"]), /Events: +<none>/);
      assert.match(await kubectl.ok(["describe", "ingressroutes.traefik.io/other"]), /Events: +<none>/);

      await kube.apply(passwords);
      await kube.apply(guard);
      await describes(kubectl, "middlewares.traefik.io/guard", /Warning +\S+ +\S+ +weir/);
      assert.doesNotMatch(await kubectl.ok(["get", "events", "-o", "json"]), SECRET, "contents of Secrets are secret");
      assert.deepEqual(writes.filter((write) => !/\/events(\/|$)/.test(write)), [], "no status without an address");
    }));

  test(`Ingresses show the addresses of the published Service, and follow it, on ${runtime.name}`, {
    skip: skipWithoutKubectl,
  }, () =>
    withScene(runtime, async ({ kube, kubectl, writes, start }) => {
      await kube.apply(service("app"));
      kube.force(slice);
      kube.force(balancer("192.0.2.1"));
      await kube.apply(ingress("ours"));
      await kube.apply(ingress("theirs", { ingressClassName: "nginx" }));
      await start("one", "--providers.kubernetesingress.ingressendpoint.publishedservice=default/edge");
      const addressOf = (name: string) =>
        kubectl.ok(["get", "ingress", name, "-o", "jsonpath={.status.loadBalancer.ingress[*].ip}"]);
      assert.equal(await eventually(() => addressOf("ours"), (ip) => ip !== ""), "192.0.2.1");
      kube.force(balancer("192.0.2.2"));
      assert.equal(await eventually(() => addressOf("ours"), (ip) => ip === "192.0.2.2"), "192.0.2.2");
      await kube.apply(ingress("late"));
      assert.equal(await eventually(() => addressOf("late"), (ip) => ip !== ""), "192.0.2.2");
      assert.equal(await addressOf("theirs"), "");
      assert.equal(writes.filter((write) => /PUT .*\/status$/.test(write)).length, 3, writes.join("\n"));
    }));

  test(`one of two replicas writes; the other takes over from one that dies, and at once from one that stops, on ${runtime.name}`, () =>
    withScene(runtime, async ({ kube, writes, start }) => {
      await kube.apply(route("first", "nowhere"));
      const writtenBy = (from: number) => [...new Set(writes.slice(from).map((write) => write.split(" ")[0] ?? ""))];
      const nextWrite = async (from: number) => {
        await eventually(() => writes.length, (count) => count > from);
        return writtenBy(from);
      };
      const one = await start("one");
      await one.waitFor(WRITES);
      const two = await start("two");
      assert.deepEqual(await nextWrite(0), ["one"]);
      await kube.apply(route("second", "nowhere"));
      assert.deepEqual(await nextWrite(1), ["one"]);
      assert.doesNotMatch(two.output(), WRITES);

      const before = writes.length;
      const killedAt = performance.now();
      one.signal("SIGKILL");
      await two.waitFor(WRITES);
      const waited = performance.now() - killedAt;
      assert.ok(waited > LEASE_MS / 2 && waited < LEASE_MS * 2, `took over after ${Math.round(waited)} ms`);
      assert.deepEqual(await nextWrite(before), ["two"]);

      const three = await start("three");
      await eventually(() => writes.length, (count) => count >= before + 2);
      const stoppedAt = performance.now();
      assert.equal(await two.stop(), 0);
      await three.waitFor(WRITES);
      assert.ok(performance.now() - stoppedAt < LEASE_MS - 500, "a lease that was given away is free at once");
      const after = writes.length;
      await kube.apply(route("third", "nowhere"));
      assert.deepEqual(await nextWrite(after), ["three"]);
    }));
}

const inClass = (name: string) => ({ "kubernetes.io/ingress.class": name });
