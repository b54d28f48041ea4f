// Unit tests of the local cluster: manifests, simulated pods, endpoints, echo backends, reloads.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, test } from "node:test";
import { listAt, numberAt, textAt, valueAt } from "../../../src/dev/json.ts";
import { KindRegistry } from "../../../src/dev/kube/kind-registry.ts";
import { createKind } from "../../../src/dev/kube/kind.ts";
import type { KubeObject } from "../../../src/dev/kube/object.ts";
import { removeManifests, startCluster, type TestCluster } from "../../support/dev-cluster.ts";

after(removeManifests);

const builtIn = new KindRegistry();
const seeds = fileURLToPath(new URL("../../../fixtures/seeds/", import.meta.url));

function list({ cluster }: TestCluster, kind: string): KubeObject[] {
  return cluster.store.list(builtIn.builtIn(kind));
}

function names(test: TestCluster, kind: string): string[] {
  return list(test, kind).map(({ metadata }) => metadata.name);
}

/** `host:port` of every endpoint of a Service. */
function addresses(test: TestCluster, service: string): string[] {
  return list(test, "EndpointSlice")
    .filter((slice) => textAt(slice, "metadata", "labels", "kubernetes.io/service-name") === service)
    .flatMap((slice) =>
      listAt(slice, "endpoints").map((endpoint) =>
        `${textAt(endpoint, "addresses", 0)}:${numberAt(slice, "ports", 0, "port")}`
      )
    );
}

async function get(address: string | undefined, path = "/"): Promise<string> {
  return await (await fetch(`http://${address}${path}`)).text();
}

const deployment = (name: string, options: { replicas?: number; image?: string; port?: string } = {}) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${options.replicas ?? 1}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
        - name: ${name}
          image: ${options.image ?? "nginx"}
          ports: [{name: web, containerPort: ${options.port ?? 80}}]
`;
const service = (name: string, target = "web") => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: ${target}}]}
`;
const route = (name: string, services: string) => `
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: ${name}}
spec: {routes: [{match: "Host(\`a\`)", kind: Rule, services: ${services}}]}
`;

test("a Deployment and its Service get pods, endpoints and answering backends", async () => {
  const env = await startCluster({ "a.yaml": `${deployment("web", { replicas: 2 })}---${service("web")}` });
  try {
    const pods = names(env, "Pod");
    assert.equal(pods.length, 2);
    for (const pod of pods) assert.match(pod, /^web-[a-z0-9]{9}-[a-z0-9]{5}$/);
    assert.deepEqual(list(env, "Pod").map((pod) => textAt(pod, "status", "podIP")), ["127.0.0.1", "127.0.0.1"]);
    const found = addresses(env, "web");
    assert.equal(new Set(found).size, 2);
    const text = await get(found[0], "/x?y=1");
    assert.match(
      text,
      /^Name: web\nHostname: web-[a-z0-9-]+\nIP: 127.0.0.1\nRemoteAddr: 127.0.0.1:\d+\nGET \/x\?y=1 HTTP\/1.1\nHost: /,
    );
    const status = valueAt(list(env, "Deployment")[0], "status");
    assert.deepEqual([numberAt(status, "readyReplicas"), numberAt(status, "updatedReplicas")], [2, 2]);
  } finally {
    await env.stop();
  }
});

test("a ReplicationController gets pods as well, and loses them with itself", async () => {
  const old = `
apiVersion: v1
kind: ReplicationController
metadata: {name: old}
spec: {replicas: 2, template: {metadata: {labels: {app: old}}, spec: {containers: [{name: c, image: nginx}]}}}
`;
  const env = await startCluster({ "a.yaml": `${old}---${service("old", "80")}` });
  try {
    assert.equal(names(env, "Pod").length, 2);
    assert.match(await get(addresses(env, "old")[0]), /^Name: old\n/);
    const [controller] = list(env, "ReplicationController");
    assert.equal(numberAt(controller, "status", "readyReplicas"), 2);
    env.cluster.store.remove(builtIn.builtIn("ReplicationController"), "default", "old");
    await env.cluster.settled();
    assert.deepEqual(names(env, "Pod"), []);
  } finally {
    await env.stop();
  }
});

test("the seeds' pages and access lines are what the seeds print", async () => {
  const lines: string[] = [];
  const env = await startCluster({}, {
    paths: [`${seeds}000`, `${seeds}001`],
    onRequest: ({ workload, line }) => lines.push(`${workload} ${line}`),
  });
  try {
    assert.equal(await get(addresses(env, "app-v1")[0]), "Hello app-v1\n");
    assert.equal(
      await get(addresses(env, "myapp2")[0]),
      'Hello MyApp | Version: v2 | <a href="hostname.html">Pod Name</a>\n',
    );
    const line =
      /^app-v1 127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/ HTTP\/1\.1" 200 13 "-" "[^"]*" "-"$/;
    assert.match(lines[0] ?? "", line);
    const pod = names(env, "Pod").find((name) => name.startsWith("app-v1-"));
    const log = await env.cluster.fetch(new Request(`http://c/api/v1/namespaces/default/pods/${pod}/log`));
    assert.equal(`app-v1 ${await log.text()}`, `${lines[0]}\n`);
  } finally {
    await env.stop();
  }
});

test("seed 000: `percent: 10,` is refused with its place, and everything else is loaded", async () => {
  const env = await startCluster({}, { paths: [`${seeds}000`] });
  try {
    const [problem, ...others] = env.problems;
    assert.deepEqual(others, []);
    assert.equal(problem?.severity, "error");
    assert.match(problem?.message ?? "", /"percent" must be a whole number, got "10,"/);
    assert.match(problem?.hint ?? "", /did you mean 10/);
    const position = problem?.source?.type === "object" ? problem.source.position : undefined;
    assert.deepEqual([position?.file, position?.line, position?.column], [`${seeds}000/mirror.yaml`, 31, 18]);
    const kind = (name: string) =>
      env.cluster.store.list(createKind("traefik.containo.us/v1alpha1", name)).map(({ metadata }) => metadata.name);
    assert.deepEqual(kind("TraefikService"), ["sticky", "wrr"]);
    assert.deepEqual(kind("IngressRoute"), ["ingressroute-mirror", "ingressroute-sticky", "ingressroutewrr"]);
  } finally {
    await env.stop();
  }
});

test("seed 002 loads as it is, with and without TLS", async () => {
  const env = await startCluster({}, { paths: [`${seeds}002`] });
  try {
    assert.deepEqual(env.problems, []);
    assert.match(await get(addresses(env, "appv1")[0]), /^Name: appv1\n/);
    assert.equal(addresses(env, "whoamiudp").length, 2);
  } finally {
    await env.stop();
  }
});

test("a Service that is referred to and missing is made up, and taken back when it is declared or not wanted", async () => {
  const env = await startCluster({ "route.yaml": route("r", "[{name: ghost, port: 8081}, {name: other, port: web}]") });
  try {
    assert.deepEqual(names(env, "Service"), ["ghost", "other"]);
    assert.match(await get(addresses(env, "ghost")[0]), /^Name: ghost\n/);
    assert.equal(textAt(list(env, "Service")[1], "spec", "ports", 0, "name"), "web");
    await env.write("ghost.yaml", `${deployment("ghost")}---${service("ghost")}`);
    assert.deepEqual(valueAt(list(env, "Service")[0], "spec", "selector"), { app: "ghost" });
    assert.equal(names(env, "Pod").filter((name) => name.startsWith("ghost-")).length, 1);
    await env.write("route.yaml", route("r", "[{name: ghost, port: 80}]"));
    assert.deepEqual(names(env, "Service"), ["ghost"]);
    assert.deepEqual(names(env, "Deployment"), ["ghost"]);
  } finally {
    await env.stop();
  }
});

test("--map sends a Service to a process, also one that nobody declared", async () => {
  const env = await startCluster({ "a.yaml": `${deployment("web")}---${service("web")}` }, {
    maps: ["web=localhost:3000,[::1]:3001", "shop/cart=backend.test:3002", "nonsense"],
  });
  try {
    assert.deepEqual(env.problems.map(({ code }) => code), ["invalid-map"]);
    assert.deepEqual(addresses(env, "web").sort(), ["127.0.0.1:3000", "::1:3001"]);
    assert.deepEqual(addresses(env, "cart"), ["backend.test:3002"]);
    assert.deepEqual(names(env, "Service"), ["web", "cart"]);
  } finally {
    await env.stop();
  }
});

test("files that change are applied, ones that go away are deleted, and what kubectl changed is kept", async () => {
  const env = await startCluster({ "a.yaml": service("a"), "b.yaml": service("b") });
  const patch = async (name: string, body: object) => {
    const headers = { "content-type": "application/merge-patch+json" };
    const url = `http://c/api/v1/namespaces/default/services/${name}`;
    assert.equal(
      (await env.cluster.fetch(new Request(url, { method: "PATCH", headers, body: JSON.stringify(body) }))).status,
      200,
    );
  };
  const named = (name: string) => list(env, "Service").find(({ metadata }) => metadata.name === name);
  try {
    await patch("a", { metadata: { labels: { by: "kubectl" } }, spec: { selector: { app: "kubectl" } } });
    await env.remove("b.yaml");
    assert.deepEqual(names(env, "Service"), ["a"]);
    assert.equal(textAt(named("a"), "spec", "selector", "app"), "kubectl");
    await env.write("a.yaml", service("a").replace("app: a", "app: file"));
    assert.equal(textAt(named("a"), "spec", "selector", "app"), "file");
    assert.equal(textAt(named("a"), "metadata", "labels", "by"), "kubectl");
  } finally {
    await env.stop();
  }
});

test("a broken file keeps what it held before, and tells its place", async () => {
  const env = await startCluster({ "a.yaml": service("a"), "b.yaml": service("b") });
  try {
    const problems = await env.write("a.yaml", "kind: [unclosed\n");
    assert.deepEqual(problems.map(({ code, source }) => [code, source?.type]), [["invalid-yaml", "file"]]);
    assert.deepEqual(names(env, "Service"), ["a", "b"]);
    await env.write("a.yaml", service("c"));
    assert.deepEqual(names(env, "Service"), ["b", "c"]);
  } finally {
    await env.stop();
  }
});

test("lists, unknown kinds, other YAML and duplicates are told apart", async () => {
  const item = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}";
  const env = await startCluster({
    "list.yaml":
      `apiVersion: v1\nkind: List\nitems:\n  - ${item}\n  - {apiVersion: v1, kind: Service, metadata: {name: bad}, spec: {}}\n`,
    "old.yaml": "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: i}\n",
    "twin.json": `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}`,
    "values.yml": "replicas: 3\n",
    "notes.txt": "not read",
  });
  try {
    const told = env.problems.map(({ severity, code }) => `${severity} ${code}`).sort();
    assert.deepEqual(told, [
      "error invalid-value",
      "warning duplicate-object",
      "warning not-an-object",
      "warning unknown-kind",
    ]);
    assert.deepEqual(names(env, "ConfigMap"), ["c"]);
  } finally {
    await env.stop();
  }
});

test("scaling, deleting and replacing follow within the same moment", async () => {
  const env = await startCluster({ "a.yaml": `${deployment("web")}---${service("web")}` });
  const { cluster } = env;
  const kind = builtIn.builtIn("Deployment");
  const current = () => list(env, "Deployment")[0];
  try {
    const spec = (replicas: number) => ({ ...current(), spec: { ...Object(valueAt(current(), "spec")), replicas } });
    cluster.store.put(kind, spec(3));
    await cluster.settled();
    assert.equal(addresses(env, "web").length, 3);
    cluster.store.put(kind, spec(0));
    await cluster.settled();
    assert.deepEqual([addresses(env, "web"), names(env, "Pod")], [[], []]);
    cluster.store.put(kind, spec(1));
    cluster.store.remove(builtIn.builtIn("Service"), "default", "web");
    await cluster.settled();
    assert.deepEqual([names(env, "EndpointSlice"), names(env, "Endpoints")], [[], []]);
  } finally {
    await env.stop();
  }
});

test("logs are tailed, stamped and followed until the cluster stops", async () => {
  const env = await startCluster({ "a.yaml": `${deployment("web")}---${service("web")}` });
  const pod = names(env, "Pod")[0];
  const read = (query: string) => {
    return env.cluster.fetch(new Request(`http://c/api/v1/namespaces/default/pods/${pod}/log?${query}`));
  };
  try {
    const address = addresses(env, "web")[0];
    for (const path of ["/1", "/2", "/3"]) await get(address, path);
    assert.deepEqual((await (await read("tailLines=2")).text()).match(/\/\d(?= HTTP)/g), ["/2", "/3"]);
    assert.match(
      await (await read("tailLines=1&timestamps=true")).text(),
      /^\d{4}-\d\d-\d\dT[\d:.]+Z 127\.0\.0\.1 - - /,
    );
    assert.equal((await read("container=none")).status, 400);
    const followed = (await read("follow=true&tailLines=0")).text();
    await get(address, "/4");
    await env.stop();
    assert.match(await followed, /^127\.0\.0\.1 .*"GET \/4 HTTP/);
  } finally {
    await env.stop();
  }
});

const WIDGET = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}
`;
const widget = (name: string, spec: string) =>
  `apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: ${name}}\nspec:\n  ${spec}\n`;

test("kinds of one's own are judged by their definition, and unknown fields are told with their lines", async () => {
  const env = await startCluster({
    "crd.yaml": WIDGET,
    "bogus.yaml": widget("a", "sise: 3"),
    "wrong.yaml": widget("b", "size: big"),
    "service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  ports: [{port: 80}]\n  prots: []\n",
  });
  try {
    const told = env.problems.map(({ severity, code, message, source }) => {
      const position = source?.type === "object" ? source.position : undefined;
      return `${position?.file.split("/").at(-1)}:${position?.line} ${severity} ${code} ${message}`;
    });
    assert.deepEqual(told.sort(), [
      'bogus.yaml:5 warning unknown-field unknown field "spec.sise"',
      'service.yaml:6 warning unknown-field unknown field "spec.prots"',
      'wrong.yaml:5 error invalid-value spec.size: Invalid value: "string": spec.size in body must be of type integer: ' +
      '"string"',
    ]);
  } finally {
    await env.stop();
  }
});
