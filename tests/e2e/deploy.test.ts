// End-to-end tests of the installation: what weir prints and what deploy/ holds, given to the embedded API by kubectl.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { parseAll } from "#yaml";
import { listAt, textAt, valueAt } from "../../src/dev/json.ts";
import { runCommand } from "../support/command.ts";
import { removeManifests, startCluster, type TestCluster } from "../support/dev-cluster.ts";
import { type FetchServer, serveFetch } from "../support/fetch-server.ts";
import { createKubectl, type Kubectl, kubectlBinary, skipWithoutKubectl } from "../support/kubectl.ts";
import { projectRoot, threeRuntimes } from "../support/runtimes.ts";

after(removeManifests);

const KINDS_PER_GROUP = 10;
const folders = ["deploy", "deploy/several-controllers"] as const;
/** The pods of deploy/ ask for an image that only a real cluster would run; here they are echo backends. */
const ROLLOUT = ["rollout", "status", "-n", "weir", "--timeout=15s"] as const;

interface Scene {
  readonly env: TestCluster;
  readonly server: FetchServer;
  readonly kubectl: Kubectl;
}

/** A cluster that knows nothing of Traefik's kinds. */
async function onBareCluster(play: (scene: Scene) => Promise<void>): Promise<void> {
  const env = await startCluster({}, { definitions: [] });
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

/** Kustomize is part of kubectl; versions before 1.21 carry one that is too old. */
async function skipWithoutKustomize(): Promise<string | false> {
  if (skipWithoutKubectl !== false) return skipWithoutKubectl;
  const kubectl = await createKubectl("http://127.0.0.1:1");
  const { stdout } = await kubectl.run(["version", "--client", "-o", "json"]);
  await kubectl.close();
  const version: unknown = JSON.parse(stdout);
  const minor = Number.parseInt(textAt(version, "clientVersion", "minor") ?? "0", 10);
  return minor >= 32 ? false : `${kubectlBinary} is version 1.${minor}; apply -k of these files wants 1.32 or newer`;
}

const skip = await skipWithoutKustomize();

for (const folder of folders) {
  test(
    `kubectl apply -k ${folder} installs everything, and finds nothing to do the second time`,
    { skip },
    () =>
      onBareCluster(async ({ env, kubectl }) => {
        const applied = lines(await kubectl.ok(["apply", "-k", `${projectRoot}${folder}`]));
        assert.deepEqual(applied.filter((line) => !line.endsWith(" created")), []);
        const definitions = applied.filter((line) => line.startsWith("customresourcedefinition"));
        assert.equal(definitions.length, 2 * KINDS_PER_GROUP);
        await kubectl.ok(["wait", "--for=condition=established", "crd", "--all", "--timeout=10s"]);
        const again = lines(await kubectl.ok(["apply", "-k", `${projectRoot}${folder}`]));
        assert.deepEqual(again.filter((line) => !line.endsWith(" unchanged")), []);
        await env.cluster.settled();
        const deployments = lines(await kubectl.ok(["get", "deployments", "-n", "weir", "-o", "name"]));
        for (const deployment of deployments) {
          assert.match(await kubectl.ok([...ROLLOUT, deployment]), /successfully rolled out/);
        }
      }),
  );
}

test("a rollout of the Deployment is accepted", { skip }, () =>
  onBareCluster(async ({ env, kubectl }) => {
    await kubectl.ok(["apply", "-k", `${projectRoot}deploy`]);
    await env.cluster.settled();
    const pods = () => kubectl.ok(["get", "pods", "-n", "weir", "-o", "name"]);
    const before = lines(await pods());
    assert.equal(before.length, 2);
    await kubectl.ok(["set", "image", "-n", "weir", "deployment/weir", "weir=weir:0.2.0"]);
    assert.match(await kubectl.ok([...ROLLOUT, "deployment/weir"]), /successfully rolled out/);
    await kubectl.ok(["rollout", "restart", "-n", "weir", "deployment/weir"]);
    assert.match(await kubectl.ok([...ROLLOUT, "deployment/weir"]), /successfully rolled out/);
    const image = "jsonpath={.spec.template.spec.containers[0].image}";
    assert.equal(await kubectl.ok(["get", "-n", "weir", "deployment/weir", "-o", image]), "weir:0.2.0");
  }));

test(
  "the kinds of weir crds can be used, with the columns and the refusals they define",
  { skip: skipWithoutKubectl },
  () =>
    onBareCluster(async ({ kubectl }) => {
      const [runtime] = threeRuntimes;
      assert.ok(runtime);
      const { code, stdout } = await runCommand(runtime, ["crds", "--group", "traefik.io"]);
      assert.equal(code, 0);
      const created = lines(await kubectl.ok(["apply", "-f", "-"], stdout));
      assert.equal(created.length, KINDS_PER_GROUP);
      await kubectl.ok(["apply", "-f", "-"], route("Host(`a.example`)"));
      const table = lines(await kubectl.ok(["get", "ingressroutes"]));
      assert.match(table[0] ?? "", /^NAME +HOSTS +ENTRY POINTS +AGE$/);
      assert.match(table[1] ?? "", /^a +Host\(`a\.example`\) +\["web"\] +\d+s$/);
      const refused = await kubectl.run(["apply", "--validate=false", "-f", "-"], route(5));
      assert.notEqual(refused.exit, 0);
      assert.match(
        refused.stderr,
        /spec\.routes\[0\]\.match: Invalid value: "integer": spec\.routes\[0\]\.match in body must be of type string: "integer"/,
      );
    }),
);

function route(match: string | number): string {
  return JSON.stringify({
    apiVersion: "traefik.io/v1alpha1",
    kind: "IngressRoute",
    metadata: { name: "a" },
    spec: { entryPoints: ["web"], routes: [{ match, kind: "Rule" }] },
  });
}

test("what weir rbac prints is applied", { skip: skipWithoutKubectl }, () =>
  onBareCluster(async ({ kubectl }) => {
    const [runtime] = threeRuntimes;
    assert.ok(runtime);
    for (const args of [[], ["--namespaces=default,kube-system", "--secrets=default/tls"]]) {
      const { code, stdout } = await runCommand(runtime, ["rbac", "--namespace", "default", ...args]);
      assert.equal(code, 0);
      const applied = lines(await kubectl.ok(["apply", "-f", "-"], stdout));
      assert.ok(applied.every((line) => / (created|configured|unchanged)$/.test(line)), applied.join("\n"));
    }
  }));

/** Arguments, what stderr says, and the exit code. */
const refusals: readonly (readonly [args: readonly string[], stderr: RegExp])[] = [
  [["crds", "--group=nope.io"], /^weir crds: --group must be traefik\.io or traefik\.containo\.us, got "nope\.io"/],
  [["crds", "--version=v1beta1"], /^weir crds: --version must be v1, got "v1beta1"/],
  [["rbac", "--namspaces", "a"], /^weir rbac: "--namspaces" is not an option/],
  [["rbac", "--namespaces=a", "--secrets=b/tls"], /^weir rbac: --secrets b\/tls is in none of --namespaces a/],
];

for (const runtime of threeRuntimes) {
  test(`weir crds and weir rbac explain themselves on ${runtime.name}`, async () => {
    for (const word of ["crds", "rbac"]) {
      const { code, stdout } = await runCommand(runtime, [word, "--help"]);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^Usage: weir ${word} `));
    }
    for (const [args, wanted] of refusals) {
      const { code, stderr } = await runCommand(runtime, args);
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr, wanted);
    }
  });
}

test("weir takes the arguments that the Deployments start it with", async () => {
  const [runtime] = threeRuntimes;
  assert.ok(runtime);
  for (const file of ["deployment.yaml", "several-controllers/inside.yaml", "several-controllers/outside.yaml"]) {
    const objects = parseAll(await readFile(`${projectRoot}deploy/${file}`, "utf8"));
    const deployment = objects.find((object) => textAt(object, "kind") === "Deployment");
    const container = valueAt(deployment, "spec", "template", "spec", "containers", 0);
    const args = listAt(container, "args").filter((arg) => typeof arg === "string");
    const { code, stdout, stderr } = await runCommand(runtime, ["config", ...args], { HOME: process.cwd() });
    assert.equal(code, 0, stderr);
    assert.ok(!stderr.includes("error"), stderr);
    const ports = listAt(container, "ports").map((port) => valueAt(port, "containerPort"));
    for (const port of ports) assert.match(stdout, new RegExp(`^entryPoints\\.\\w+\\.address=:${String(port)}$`, "m"));
  }
});
