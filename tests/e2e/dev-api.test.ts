// End-to-end tests of the local cluster: the real kubectl against the embedded Kubernetes API.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, test } from "node:test";
import { removeManifests, startCluster, type TestCluster } from "../support/dev-cluster.ts";
import { type FetchServer, serveFetch } from "../support/fetch-server.ts";
import { createKubectl, type Kubectl, skipWithoutKubectl } from "../support/kubectl.ts";

after(removeManifests);

const seeds = fileURLToPath(new URL("../../fixtures/seeds/", import.meta.url));
const options = { skip: skipWithoutKubectl };

interface Scene {
  readonly env: TestCluster;
  readonly server: FetchServer;
  readonly kubectl: Kubectl;
}

async function onCluster(play: (scene: Scene) => Promise<void>, paths?: readonly string[]): Promise<void> {
  const env = await startCluster({}, paths === undefined ? {} : { paths });
  const server = await serveFetch((request) => env.cluster.fetch(request));
  const kubectl = await createKubectl(server.url);
  try {
    await play({ env, server, kubectl });
  } finally {
    await env.cluster.stop();
    await server.close();
    await kubectl.close();
  }
}

const lines = (text: string) => text.trimEnd().split("\n");

test("kubectl apply, get and delete the manifests of seed 001", options, () =>
  onCluster(async ({ env, kubectl }) => {
    const created = lines(await kubectl.ok(["apply", "-f", `${seeds}001`]));
    // The routes come first: kubectl before 1.22 finds the Services made up for them, and calls its own "configured".
    assert.match(created.at(-4) ?? "", /^deployment\.apps\/app-v1 (created|configured)$/);
    assert.match(created.at(-1) ?? "", /^service\/app-v2 (created|configured)$/);
    assert.equal(created[0], "ingressroute.traefik.containo.us/app-ingressroute-cokie created");
    assert.ok(lines(await kubectl.ok(["apply", "-f", `${seeds}001`])).every((line) => line.endsWith(" unchanged")));
    await env.cluster.settled();
    const routes = lines(await kubectl.ok(["get", "ingressroute"]));
    assert.match(routes[0] ?? "", /^NAME +HOSTS +ENTRY POINTS +AGE$/);
    assert.match(routes[1] ?? "", /^app-ingressroute-cokie +Host\(`[^`]+`\) .*\d+s$/);
    const pods = lines(await kubectl.ok(["get", "pod,svc"]));
    assert.match(pods[0] ?? "", /^NAME +READY +STATUS +RESTARTS +AGE$/);
    assert.match(pods[1] ?? "", /^pod\/app-v1-\w+-\w+ +1\/1 +Running +0 +\d+s$/);
    assert.match(pods[5] ?? "", /^service\/app-v1 +ClusterIP +127\.[\d.]+ +<none> +80\/TCP +\d+s$/);
    const deleted = lines(await kubectl.ok(["delete", "-f", `${seeds}001`]));
    assert.equal(deleted.length, 10);
    await env.cluster.settled();
    assert.deepEqual(env.cluster.pods(), []);
  }));

test("kubectl apply of what weir dev has loaded finds nothing to do", options, () =>
  onCluster(async ({ kubectl }) => {
    const applied = lines(await kubectl.ok(["apply", "-f", `${seeds}002`]));
    assert.deepEqual(applied.filter((line) => !line.endsWith(" unchanged")), []);
  }, [`${seeds}002`]));

test("kubectl get -o yaml, patch, label and annotate", options, () =>
  onCluster(async ({ kubectl }) => {
    const route = ["ingressroutes.traefik.containo.us", "app-ingressroute-wrr"];
    assert.match(await kubectl.ok(["get", ...route, "-o", "yaml"]), /match: Host\(`traefikservice-wrr\.kubesre\.lc`\)/);
    await kubectl.ok(["patch", "traefikservices.traefik.containo.us", "wrr", "--type=json", "-p", patchWeights(3, 1)]);
    const weights = "jsonpath={.spec.weighted.services[*].weight}";
    assert.equal(await kubectl.ok(["get", "traefikservices.traefik.containo.us/wrr", "-o", weights]), "3 1");
    await kubectl.ok(["patch", "svc", "app-v1", "-p", '{"spec":{"ports":[{"port":80,"name":"web"}]}}']);
    assert.equal(await kubectl.ok(["get", "svc/app-v1", "-o", "jsonpath={.spec.ports[*].name}"]), "web");
    await kubectl.ok(["label", ...route, "team=edge"]);
    await kubectl.ok(["annotate", ...route, "note=hi"]);
    assert.match(
      await kubectl.ok(["get", "ingressroutes.traefik.containo.us", "-l", "team=edge", "-o", "name"]),
      /app-ingressroute-wrr/,
    );
    const refused = await kubectl.run(["patch", ...route, "--type=strategic", "-p", "{}"]);
    assert.equal(refused.exit, 1);
    assert.match(refused.stderr, /application\/merge-patch\+json/);
  }, [`${seeds}001`]));

function patchWeights(first: number, second: number): string {
  const path = (at: number) => `/spec/weighted/services/${at}/weight`;
  return JSON.stringify([first, second].map((value, at) => ({ op: "replace", path: path(at), value })));
}

test(
  "kubectl refuses seed 000's percent with a real server's text, and stores the route beside it",
  options,
  () =>
    onCluster(async ({ kubectl }) => {
      const { exit, stdout, stderr } = await kubectl.run(["apply", "-f", `${seeds}000/mirror.yaml`]);
      assert.equal(exit, 1);
      assert.equal(stdout, "ingressroute.traefik.containo.us/ingressroute-mirror created\n");
      const field = "spec.mirroring.mirrors[0].percent";
      assert.ok(
        stderr.includes(`${field}: Invalid value: "string": ${field} in body must be of type integer: "string"`),
        stderr,
      );
    }),
);

test("kubectl create, scale, rollout and logs", options, () =>
  onCluster(async ({ env, kubectl }) => {
    await kubectl.ok(["create", "namespace", "shop"]);
    await kubectl.ok(["create", "deployment", "web", "--image=nginx", "--port=80", "-n", "shop"]);
    await kubectl.ok(["create", "service", "clusterip", "web", "--tcp=80:80", "-n", "shop"]);
    await kubectl.ok(["create", "configmap", "c", "--from-literal=a=b", "-n", "shop"]);
    const taken = await kubectl.run(["create", "namespace", "shop"]);
    assert.match(taken.stderr, /\(AlreadyExists\): namespaces "shop" already exists/);
    assert.equal(
      await kubectl.ok(["scale", "deployment/web", "--replicas=2", "-n", "shop"]),
      "deployment.apps/web scaled\n",
    );
    const status = await kubectl.ok(["rollout", "status", "deployment/web", "-n", "shop", "--timeout=10s"]);
    assert.match(status, /successfully rolled out/);
    await env.cluster.settled();
    const pods = env.cluster.pods().filter(({ namespace }) => namespace === "shop");
    assert.equal(pods.length, 2);
    for (const { ports } of pods) await (await fetch(`http://127.0.0.1:${ports.get(80)}/hello`)).text();
    const log = lines(await kubectl.ok(["logs", "-l", "app=web", "-n", "shop"]));
    assert.equal(log.length, 2);
    for (const line of log) {
      assert.match(line, /^127\.0\.0\.1 - - \[.+\] "GET \/hello HTTP\/1\.1" 200 \d+ "-" ".+" "-"$/);
    }
    assert.equal(await kubectl.ok(["delete", "namespace", "shop"]), 'namespace "shop" deleted\n');
    assert.equal((await kubectl.run(["get", "deployment", "web", "-n", "shop"])).exit, 1);
  }));

test("kubectl get -w and logs -f go on as things happen", options, () =>
  onCluster(async ({ env, kubectl }) => {
    const [pod] = env.cluster.pods();
    const watch = kubectl.follow(["get", "pods", "-l", "app=app-v1", "-w"]);
    const log = kubectl.follow(["logs", "-f", pod?.name ?? ""]);
    try {
      await watch.until((text) => text.includes("app-v1-"));
      await kubectl.ok(["scale", "deployment/app-v1", "--replicas=2"]);
      await watch.until((text) => new Set(text.match(/app-v1-\w+-\w+/g)).size === 2);
      const ask = async () => await (await fetch(`http://127.0.0.1:${pod?.ports.get(80)}/`)).text();
      assert.equal(await ask(), "Hello app-v1\n");
      await log.until((text) => text.includes('"GET / HTTP/1.1" 200 13'));
    } finally {
      await watch.stop();
      await log.stop();
    }
  }, [`${seeds}001`]));

test(
  "kubectl apply over a Service that was made up takes its place",
  options,
  () =>
    onCluster(async ({ env, kubectl }) => {
      const route = "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: r}\n" +
        'spec: {routes: [{match: "PathPrefix(`/`)", kind: Rule, services: [{name: ghost, port: 80}]}]}\n';
      await kubectl.ok(["apply", "-f", "-"], route);
      await env.cluster.settled();
      assert.deepEqual(env.cluster.pods().map(({ workload }) => workload), ["ghost"]);
      const service =
        "apiVersion: v1\nkind: Service\nmetadata: {name: ghost}\nspec: {selector: {app: none}, ports: [{port: 80}]}\n";
      await kubectl.ok(["apply", "-f", "-"], service);
      await env.cluster.settled();
      assert.deepEqual(env.cluster.pods(), []);
      assert.equal(await kubectl.ok(["get", "svc/ghost", "-o", "jsonpath={.spec.selector}"]), '{"app":"none"}');
    }),
);

test(
  "kubectl server-side apply, diff, api-resources, can-i, get crd and delete --all",
  options,
  () =>
    onCluster(async ({ kubectl }) => {
      assert.match(
        await kubectl.ok(["apply", "--server-side", "-f", `${seeds}001/app-v1.yaml`]),
        /service\/app-v1 serverside-applied/,
      );
      assert.match(await kubectl.ok(["api-resources"]), /ingressroutes +traefik\.io\/v1alpha1 +true +IngressRoute/);
      assert.equal(await kubectl.ok(["auth", "can-i", "list", "services"]), "yes\n");
      assert.match(await kubectl.ok(["get", "crd"]), /middlewares\.traefik\.io/);
      assert.match(await kubectl.ok(["describe", "service", "app-v1"]), /Selector: +app=app-v1/);
      assert.equal(await kubectl.ok(["delete", "services", "--all"]), 'service "app-v1" deleted\n');
    }),
);
