// Whole providers on one API: they share an election and a request budget, publish addresses, and say what keeps them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runtime } from "#runtime";
import type { Clock } from "../../../../../src/provider/kubernetes/client/clock.ts";
import { KubeConnections } from "../../../../../src/provider/kubernetes/client/connection.ts";
import {
  createKubernetesCrdProvider,
  type KubernetesCrdOptions,
} from "../../../../../src/provider/kubernetes/crd/kubernetes-crd.ts";
import {
  createKubernetesIngressProvider,
  type KubernetesIngressOptions,
} from "../../../../../src/provider/kubernetes/ingress/kubernetes-ingress.ts";
import { KubeWriters } from "../../../../../src/provider/kubernetes/write-back/kube-writers.ts";
import type { Provider, ProviderState } from "../../../../../src/provider/provider.ts";
import { type KubeServer, type Manifest, startKubeServer } from "../../../../support/kube-server.ts";
import { temporaryFolder } from "../../../../support/weir.ts";
import { memoryLogger } from "../client/fixture.ts";
import { testMiddlewares } from "../objects.ts";

const LIMIT_MS = 20_000; // a test that waits longer has failed

/** Providers of one process. */
class Scene {
  readonly kube: KubeServer;
  /** `METHOD path` of each request, and when it came. */
  readonly asked: { readonly what: string; readonly at: number }[] = [];
  readonly states = new Map<string, ProviderState>();
  isDown = false;
  readonly #providers: Provider[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(kube: KubeServer) {
    this.kube = kube;
    const { fetch } = kube.api;
    kube.api.fetch = async (request) => {
      this.asked.push({ what: `${request.method} ${new URL(request.url).pathname}`, at: performance.now() });
      const response = this.isDown ? new Response("down", { status: 500 }) : await fetch(request);
      this.#look();
      return response;
    };
  }

  start(
    crd: KubernetesCrdOptions | undefined,
    ingress: KubernetesIngressOptions | undefined,
    { env = {}, ...clock }: Partial<Clock> & { readonly env?: Readonly<Record<string, string>> } = {},
  ): void {
    const logger = memoryLogger(() => this.#look());
    const own = {
      ...env["KUBECONFIG"] === undefined && { endpoint: this.kube.url },
      leaderElection: { retryPeriod: 100 },
    };
    const connections = new KubeConnections({ runtime: { ...runtime, env }, logger, clock });
    const writers = new KubeWriters({ connections, runtime: { ...runtime, env }, logger });
    const common = { runtime: { ...runtime, env }, logger, connections, writers, middlewares: testMiddlewares };
    if (crd !== undefined) this.#providers.push(createKubernetesCrdProvider({ ...own, ...crd }, common));
    if (ingress !== undefined) {
      const options = { ...own, ...ingress };
      this.#providers.push(createKubernetesIngressProvider(options, { ...common, entryPoints: new Map() }));
    }
    for (const provider of this.#providers) {
      provider.start((state) => {
        this.states.set(provider.name, state);
        const problems = [...this.states.values()].flatMap((each) => each.problems);
        for (const each of this.#providers) each.judged?.(problems);
        this.#look();
      });
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#providers.map((provider) => provider.stop()));
    await this.kube.close();
  }

  count(pattern: RegExp): number {
    return this.asked.filter(({ what }) => pattern.test(what)).length;
  }

  problem(code: string): string | undefined {
    const all = [...this.states.values()].flatMap(({ problems }) => problems);
    return all.find((each) => each.code === code)?.message;
  }

  list(kind: string): readonly Readonly<Record<string, unknown>>[] {
    const found = this.kube.api.kinds.builtIn(kind);
    return this.kube.api.store.list(found);
  }

  addresses(name: string): string {
    const ingress = this.list("Ingress").find(({ metadata }) => JSON.stringify(metadata).includes(`"name":"${name}"`));
    return JSON.stringify(Object(ingress?.["status"])["loadBalancer"]?.["ingress"] ?? []);
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`waited in vain: ${this.asked.slice(-20).map(({ what }) => what).join("; ")}`));
      }, LIMIT_MS);
      const check = (): void => {
        if (!holds()) return;
        this.#waiting.delete(check);
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  #look(): void {
    setTimeout(() => [...this.#waiting].forEach((each) => each()), 0); // the answer is on its way
  }
}

async function withScene(manifests: readonly Manifest[], body: (scene: Scene) => Promise<void>): Promise<void> {
  const kube = await startKubeServer();
  for (const manifest of manifests) kube.force(manifest);
  const scene = new Scene(kube);
  try {
    await body(scene);
  } finally {
    await scene.stop();
  }
}

const web: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: { ports: [{ port: 80 }] },
};

function ingress(name: string, service = "web"): Manifest {
  const backend = { service: { name: service, port: { number: 80 } } };
  const rules = [{ host: `${name}.test`, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }];
  return { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name }, spec: { rules } };
}

function route(name: string, service: string): Manifest {
  return {
    apiVersion: "traefik.io/v1alpha1",
    kind: "IngressRoute",
    metadata: { name },
    spec: { routes: [{ match: `Host(\`${name}\`)`, kind: "Rule", services: [{ name: service, port: 80 }] }] },
  };
}

const edge = (spec: object, status: object = {}): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "edge", namespace: "kube-system" },
  spec,
  status,
});

const node = (name: string, internal: string, external: string): Manifest => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name },
  status: {
    addresses: [{ type: "InternalIP", address: internal }, { type: "ExternalIP", address: external }],
  },
});

const EVENT = /^POST .*\/events$/;
const LEASE = /^POST .*\/leases$/;
const STATUS = /^PUT .*\/status$/;

test("providers of one process share one election", () =>
  withScene([web, route("a", "nowhere"), ingress("b", "nowhere")], async (scene) => {
    scene.start({}, { ingressEndpoint: { ip: "192.0.2.1" } });
    await scene.until(() => scene.count(EVENT) === 2 && scene.count(STATUS) === 1);
    assert.equal(scene.count(LEASE), 1);
    assert.equal(scene.list("Lease").length, 1);
  }));

test("a lease is in the namespace of the kubeconfig's context", () =>
  withScene(
    [web, route("a", "nowhere"), { apiVersion: "v1", kind: "Namespace", metadata: { name: "edge" } }],
    async (scene) => {
      const folder = await temporaryFolder();
      try {
        const kubeconfig = {
          "current-context": "main",
          contexts: [{ name: "main", context: { cluster: "c", namespace: "edge" } }],
          clusters: [{ name: "c", cluster: { server: scene.kube.url } }],
        };
        const path = await folder.write("config", JSON.stringify(kubeconfig));
        scene.start({}, undefined, { env: { KUBECONFIG: path } });
        await scene.until(() => scene.count(EVENT) === 1);
        assert.equal(scene.count(/^POST .*\/namespaces\/edge\/leases$/), 1);
      } finally {
        await folder.remove();
      }
    },
  ));

test("providers with other filters have another lease", () =>
  withScene(
    [web, { ...route("a", "nowhere"), metadata: { name: "a", labels: { x: "y" } } }, ingress("b", "nowhere")],
    async (scene) => {
      scene.start({ labelSelector: "x=y" }, {});
      await scene.until(() => scene.count(EVENT) === 2);
      assert.equal(scene.list("Lease").length, 2);
    },
  ));

test("providers with nothing to write take no lease, and with events: false they write none", () =>
  withScene([web, route("a", "nowhere")], async (scene) => {
    scene.start({ events: false }, { namespaces: ["default"] });
    await scene.until(() => scene.states.size === 2);
    await new Promise((resolve) => setTimeout(resolve, 1_300)); // longer than a fault needs to count
    assert.equal(scene.count(/leases|events/), 0);
  }));

const published = "kube-system/edge";

for (
  const [name, manifests, options, wanted] of [
    [
      "a Service's other name",
      [edge({ type: "ExternalName", externalName: "lb.test" })],
      {},
      '[{"hostname":"lb.test"}]',
    ],
    ["its external addresses, though other namespaces are read", [edge({ externalIPs: ["192.0.2.7"] })], {
      namespaces: ["default"],
    }, '[{"ip":"192.0.2.7"}]'],
    [
      "the Nodes of a node port",
      [
        node("n1", "10.0.0.1", "192.0.2.8"),
        edge({ type: "NodePort", ports: [{ port: 80, nodePort: 30080, protocol: "TCP" }] }),
      ],
      {},
      '[{"ip":"192.0.2.8","ports":[{"port":30080,"protocol":"TCP"}]}]',
    ],
    ["internal addresses of Nodes", [node("n1", "10.0.0.1", "192.0.2.8"), node("n2", "10.0.0.2", "192.0.2.9")], {
      reportNodeInternalIPs: true,
    }, '[{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]'],
  ] as const
) {
  test(`Ingresses are given ${name}`, () =>
    withScene([web, ingress("a"), ...manifests], async (scene) => {
      scene.start(undefined, { ingressEndpoint: { publishedService: published }, ...options });
      await scene.until(() => scene.count(STATUS) === 1);
      await scene.until(() => scene.addresses("a") === wanted);
    }));
}

for (
  const [name, options, code, text] of [
    [
      "a Service that is not there",
      { ingressEndpoint: { publishedService: published } },
      "missing-published-service",
      /"kube-system\/edge".*does not exist/,
    ],
    [
      "a name without a namespace",
      { ingressEndpoint: { publishedService: "edge" } },
      "bad-published-service",
      /got "edge"/,
    ],
    [
      "Nodes that are not read",
      { reportNodeInternalIPs: true, disableClusterScopeResources: true },
      "cluster-scope",
      /Nodes, which are not read/,
    ],
  ] as const
) {
  test(`a status is not written for ${name}, and why is told`, () =>
    withScene([web, ingress("a")], async (scene) => {
      scene.start(undefined, { events: false, ...options });
      await scene.until(() => scene.problem(code) !== undefined);
      assert.match(scene.problem(code) ?? "", text);
      assert.equal(scene.count(STATUS), 0);
    }));
}

test("writes wait out an outage within everybody's budget, and then only the newest state is written", () =>
  withScene(
    [web, route("a", "nowhere"), ...Array.from({ length: 20 }, (_, index) => ingress(`i${index}`))],
    async (scene) => {
      const stepMs = 100;
      scene.start({}, { ingressEndpoint: { publishedService: published } }, { stepMs });
      await scene.until(() => scene.count(EVENT) >= 1);
      scene.isDown = true;
      const from = scene.asked.length;
      const begin = performance.now();
      // the watches are open still, and bring what is to be written
      scene.kube.force(edge({ externalIPs: ["192.0.2.1"] }));
      scene.kube.force(route("b", "nowhere"));
      scene.kube.force(route("c", "nowhere"));
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      scene.kube.force(edge({ externalIPs: ["192.0.2.2"] }));
      scene.kube.force(route("c", "web"));
      const lasted = performance.now() - begin;
      const tries = scene.asked.length - from;
      assert.ok(tries >= 3 && tries <= lasted / stepMs + 8, `${tries} requests in ${Math.round(lasted)} ms`);
      scene.isDown = false;
      await scene.until(() => scene.addresses("i19") === '[{"ip":"192.0.2.2"}]' && scene.addresses("i0") !== "[]");
      await scene.until(() => scene.list("Event").some((event) => JSON.stringify(event).includes('"name":"b"')));
      const about = (name: string) =>
        scene.list("Event").filter((event) => JSON.stringify(event).includes(`"name":"${name}"`));
      assert.equal(about("c").filter((event) => event["reason"] === "MissingService").length, 0);
    },
  ));
