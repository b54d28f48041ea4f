// Real kubectl, the newest and that of 2020, against the embedded API: recorded sessions, and what they leave out.

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { startDev } from "../support/dev-session.ts";
import { comparable, readRecordedCommands, type RecordedCommand } from "../support/golden-kubectl.ts";
import { type KubeServer, startKubeServer } from "../support/kube-server.ts";
import { createKubectl, type Kubectl, type KubectlResult } from "../support/kubectl.ts";
import { findKubectls, type KubectlBinary } from "../support/kubectl-binaries.ts";
import { projectRoot, threeRuntimes } from "../support/runtimes.ts";
import { temporaryFolder } from "../support/weir.ts";

const shared = process.env["WEIR_SHARED"];
const kubectls = await findKubectls();
const [newest] = kubectls;
const folder = await temporaryFolder();
after(() => folder.remove());

/** Recorded commands whose answers differ, and why that is right. */
const differences: Readonly<Record<string, string>> = {
  version: "weir says that it is weir",
  "cluster-info": "the recorder replaced its address",
  "get-raw": "weir says that it is weir",
  "api-versions": "kinds that weir and kubectl have no use for are not served",
  "api-resources": "kinds that weir and kubectl have no use for are not served",
  "describe-ns-ns": "ResourceQuota and LimitRange are not served",
  "get-ns": "the recorded server was used before",
  "get-all-namespaces": "the recorded server was used before",
  "get-ingressroutes.traefik.io": "weir's definitions have columns",
  "get-ingressroutes.traefik.io-r": "weir's definitions have columns",
  explain: "weir has words of its own for fields, where it has any",
  "explain-cr": "weir has words of its own for fields",
  "auth-can-i-list": "the recorded server's vendor adds rules",
  whoami: "the recorded server had the review switched off",
};

/** Commands that take their meaning from what happens meanwhile; the other tests here have them. */
const timed =
  /^(?:get-watch.*|logs|rollout-status|wait-.*|(?:get-(?:gateways|httproutes|gatewayclass)|describe-(?:gateway|httproute)-.*|patch-status))$/;

for (const kubectl of kubectls) {
  const version = kubectl === newest ? "1.33" : "1.20";
  const skip = shared === undefined ? "WEIR_SHARED does not name the folder with kube-golden" : kubectl.skip;
  test(`kubectl ${kubectl.name} prints what it printed on a real server`, { skip }, async () => {
    const commands = await readRecordedCommands(
      join(shared ?? "", "kube-golden", "v1.26", `40-kubectl-${version}.jsonl`),
    );
    const server = await startKubeServer({
      alone: true,
      access: { tokens: { admin: { name: "admin", groups: ["system:masters"] } } },
      token: "admin",
      cluster: { serviceRange: "10.96.0.0/16" },
    });
    const session = await createKubectl(server.url, { binary: kubectl.path, folder: folder.path });
    try {
      await session.ok(["create", "namespace", namespaceOf(commands)]);
      const seen = await replay(commands, session);
      const unlike = [...seen].filter(([name, { told, wanted }]) => differs(told, wanted) && !(name in differences));
      assert.deepEqual(unlike, []);
      assert.ok(seen.size > 95, `only ${seen.size} commands`);
    } finally {
      await session.close();
      await server.close();
    }
  });
}

type Pair = { readonly told: object; readonly wanted: object };

function differs(told: object, wanted: object): boolean {
  return JSON.stringify(told) !== JSON.stringify(wanted);
}

function namespaceOf(commands: readonly RecordedCommand[]): string {
  const argv = commands.find(({ argv }) => argv.includes("-n"))?.argv ?? [];
  return argv[argv.indexOf("-n") + 1] ?? "";
}

/** Runs the commands one after the other, and in between what was done on the side. */
async function replay(commands: readonly RecordedCommand[], kubectl: Kubectl): Promise<ReadonlyMap<string, Pair>> {
  const seen = new Map<string, Pair>();
  const files = new Map<string, string>();
  const inNamespace = ["-n", namespaceOf(commands)];
  for (const command of commands) {
    const { name, argv } = command;
    if (name === "get-watch") await kubectl.ok(["label", "svc", "s", "w=1", ...inNamespace]);
    if (name === "get-watch-cr") await kubectl.ok(["label", "ingressroutes.traefik.io", "r", "w=1", ...inNamespace]);
    if (name === "wait-delete") await kubectl.ok(["delete", "cm", "cm", ...inNamespace]);
    if (timed.test(name)) continue;
    const file = argv[argv.indexOf("-f") + 1];
    if (argv.includes("-f") && file !== undefined) {
      const text = command.file ?? files.get(file) ?? (files.get("dep.yaml") ?? "").replace("whoami:2", "whoami:3");
      files.set(file, withoutGateways(text));
      await folder.write(file, withoutGateways(text));
    }
    const told = comparable(await kubectl.run(argv));
    const stdout = command.stdout.replace(/^(?:gateway|httproute)\.gateway\.networking\.k8s\.io.*\n/gm, "");
    seen.set(name, { told, wanted: byThisKubectl(comparable({ ...command, stdout })) });
  }
  return seen;
}

/** The Gateway API's definitions are not among weir's. */
function withoutGateways(text: string): string {
  return text.split(/^---\n/m).filter((part) => !part.includes("gateway.networking.k8s.io")).join("---\n");
}

/** The recorder's User-Agent was lost on its way for one command; the name of the manager comes from it. */
function byThisKubectl<T extends { readonly stdout: string }>(outcome: T): T {
  return { ...outcome, stdout: outcome.stdout.replace("Manager:  unknown", "Manager:  kubectl-label") };
}

const service = (port: number, more: object = {}) =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "s", ...more },
    spec: { selector: { app: "s" }, ports: [{ name: "http", port }] },
  });

const configMap = (metadata: object = {}) =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", ...metadata }, data: { a: "1" } });

async function onServer(
  { path }: KubectlBinary,
  play: (kubectl: Kubectl, server: KubeServer) => Promise<void>,
): Promise<void> {
  const server = await startKubeServer();
  const kubectl = await createKubectl(server.url, { binary: path, env: { KUBE_EDITOR: "sed -i s/8080/9090/" } });
  try {
    await play(kubectl, server);
  } finally {
    await kubectl.close();
    await server.close();
  }
}

/** The columns of each line after the first. */
function rowsOf(stdout: string, ...columns: readonly number[]): string[] {
  return stdout.trimEnd().split("\n").slice(1).map((line) => {
    const cells = line.split(/ {2,}/);
    return columns.map((column) => cells[column] ?? "").join(" ");
  });
}

function refusal({ exit, stderr }: KubectlResult): string {
  assert.equal(exit, 1);
  return stderr.trimEnd();
}

for (const kubectl of kubectls) {
  const options = { skip: kubectl.skip };
  const isNew = kubectl === newest;

  test(
    `kubectl ${kubectl.name} get -w shows changes as they come`,
    options,
    () =>
      onServer(kubectl, async (session) => {
        await session.ok(["apply", "-f", "-"], service(80));
        const all = session.follow(["get", "svc", "-w", "--output-watch-events"]);
        const one = session.follow(["get", "svc", "s", "-w", "-o", "name"]);
        await all.until((text) => text.split("\n").length > 2);
        await one.until((text) => text !== "");
        await session.ok(["apply", "-f", "-"], service(8080));
        await session.ok(["create", "service", "clusterip", "t", "--tcp=1"]);
        await session.ok(["delete", "svc", "t"]);
        const text = await all.until((stdout) => stdout.includes("DELETED"));
        assert.deepEqual(rowsOf(text, 0, 1, 5), [
          "ADDED s 80/TCP",
          "MODIFIED s 8080/TCP",
          "ADDED t 1/TCP",
          "DELETED t 1/TCP",
        ]);
        await one.until((stdout) => stdout === "service/s\nservice/s\n");
        await Promise.all([all.stop(), one.stop()]);
      }),
  );

  test(
    `kubectl ${kubectl.name} delete waits for finalizers, and wait for the deletion`,
    options,
    () =>
      onServer(kubectl, async (session) => {
        await session.ok(["create", "-f", "-"], configMap({ finalizers: ["example.com/hold"] }));
        const waiting = session.run(["wait", "--for=delete", "cm/c", "--timeout=10s"]);
        await session.ok(["delete", "cm", "c", "--wait=false"]);
        assert.match(await session.ok(["get", "cm", "c", "-o", "jsonpath={.metadata.deletionTimestamp}"]), /^\d{4}-/);
        const held = await session.run(["delete", "cm", "c", "--timeout=1s"]);
        assert.match(refusal(held), /timed out waiting for the condition/);
        assert.match(
          refusal(await session.run(["patch", "cm", "c", "-p", '{"metadata":{"finalizers":["example.com/more"]}}'])),
          /Forbidden: no new finalizers can be added if the object is being deleted/,
        );
        await session.ok(["patch", "cm", "c", "--type=merge", "-p", '{"metadata":{"finalizers":null}}']);
        assert.equal((await waiting).stdout, "configmap/c condition met\n");
        assert.equal(
          refusal(await session.run(["get", "cm", "c"])),
          'Error from server (NotFound): configmaps "c" not found',
        );
      }),
  );

  test(
    `kubectl ${kubectl.name} edit, replace and replace --force change what is stored`,
    options,
    () =>
      onServer(kubectl, async (session) => {
        const port = () => session.ok(["get", "svc", "s", "-o", "jsonpath={.spec.ports[0].port}"]);
        const uid = () => session.ok(["get", "svc", "s", "-o", "jsonpath={.metadata.uid}"]);
        await session.ok(["create", "-f", "-"], service(8080));
        assert.equal(await session.ok(["edit", "svc", "s"]), "service/s edited\n");
        assert.equal(await port(), "9090");
        assert.match((await session.run(["edit", "svc", "s"])).stderr, /^Edit cancelled, no changes made/);
        const before = await uid();
        assert.equal(await session.ok(["replace", "-f", "-"], service(81)), "service/s replaced\n");
        assert.equal(`${await port()} ${await uid() === before}`, "81 true");
        await session.ok(["replace", "--force", "-f", "-"], service(82));
        assert.equal(`${await port()} ${await uid() === before}`, "82 false");
        const stale = service(83, { resourceVersion: "1" });
        assert.match(
          refusal(await session.run(["replace", "-f", "-"], stale)),
          /\(Conflict\).*the object has been modified/,
        );
      }),
  );

  test(
    `kubectl ${kubectl.name} patches in three ways, and not a custom resource by strategic merge`,
    options,
    () =>
      onServer(kubectl, async (session, server) => {
        await server.apply({
          apiVersion: "traefik.io/v1alpha1",
          kind: "IngressRoute",
          metadata: { name: "r" },
          spec: { entryPoints: ["web", "other"], routes: [{ match: "Host(`a`)", kind: "Rule" }] },
        });
        await session.ok(["create", "-f", "-"], service(80));
        const ports = () => session.ok(["get", "svc", "s", "-o", "jsonpath={.spec.ports[*].port}"]);
        await session.ok(["patch", "svc", "s", "-p", '{"spec":{"ports":[{"port":81,"name":"b"}]}}']);
        assert.equal(await ports(), "81 80");
        await session.ok(["patch", "svc", "s", "--type=merge", "-p", '{"spec":{"ports":[{"port":82}]}}']);
        assert.equal(await ports(), "82");
        const operation = [{ op: "replace", path: "/spec/ports/0/port", value: 83 }];
        await session.ok(["patch", "svc", "s", "--type=json", "-p", JSON.stringify(operation)]);
        assert.equal(await ports(), "83");
        const route = "ingressroutes.traefik.io";
        const strategic = await session.run(["patch", route, "r", "-p", '{"spec":{"entryPoints":["web"]}}']);
        assert.match(refusal(strategic), /accepted media types include: application\/json-patch\+json/);
        await session.ok(["patch", route, "r", "--type=merge", "-p", '{"spec":{"entryPoints":["web"]}}']);
        assert.equal(await session.ok(["get", route, "r", "-o", "jsonpath={.spec.entryPoints}"]), '["web"]');
        assert.deepEqual(rowsOf(await session.ok(["get", route]), 0, 1, 2), ['r Host(`a`) ["web"]']);
      }),
  );

  test(
    `kubectl ${kubectl.name} wait sees ${isNew ? "conditions and fields" : "conditions"} come`,
    options,
    () =>
      onServer(kubectl, async (session, server) => {
        const deployment = (status: object) => ({
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "d" },
          spec: {
            selector: { matchLabels: { app: "d" } },
            template: { metadata: { labels: { app: "d" } }, spec: { containers: [{ name: "c", image: "i" }] } },
          },
          status,
        });
        server.force(deployment({}));
        const late = await session.run(["wait", "--for=condition=Available", "deploy/d", "--timeout=1s"]);
        assert.match(refusal(late), /timed out waiting for the condition on deployments\/d/);
        const condition = session.run(["wait", "--for=condition=Available", "deploy/d", "--timeout=10s"]);
        const jsonPath = "--for=jsonpath={.status.readyReplicas}=2";
        const field = isNew ? session.run(["wait", jsonPath, "deploy/d", "--timeout=10s"]) : condition;
        server.force(deployment({ readyReplicas: 2, conditions: [{ type: "Available", status: "True" }] }));
        assert.equal((await condition).stdout, "deployment.apps/d condition met\n");
        assert.equal((await field).stdout, "deployment.apps/d condition met\n");
      }),
  );

  test(
    `kubectl ${kubectl.name} label, annotate, get and delete act on a selection`,
    options,
    () =>
      onServer(kubectl, async (session) => {
        await session.ok(["apply", "-f", "-"], service(80, { labels: { set: "x" } }));
        await session.ok(["apply", "-f", "-"], configMap({ labels: { set: "y" } }));
        assert.equal(await session.ok(["label", "svc", "-l", "set=x", "more=1"]), "service/s labeled\n");
        assert.equal(await session.ok(["annotate", "svc", "--all", "why=because"]), "service/s annotated\n");
        const path = "jsonpath={.items[*].metadata.labels.more} {.items[*].metadata.annotations.why}";
        assert.equal(await session.ok(["get", "svc", "-l", "set in (x),!other", "-o", path]), "1 because");
        assert.equal(await session.ok(["delete", "svc", "-l", "set=x"]), 'service "s" deleted\n');
        assert.equal(await session.ok(["get", "svc,cm", "-o", "name"]), "configmap/c\n");
      }),
  );

  test(
    `kubectl ${kubectl.name} delete namespace takes what is in it along`,
    options,
    () =>
      onServer(kubectl, async (session) => {
        await session.ok(["create", "namespace", "n"]);
        await session.ok(["apply", "-n", "n", "-f", "-"], service(80));
        assert.equal(await session.ok(["delete", "namespace", "n"]), 'namespace "n" deleted\n');
        assert.equal(await session.ok(["get", "svc", "-n", "n", "-o", "name"]), "");
        assert.match(
          refusal(await session.run(["apply", "-n", "n", "-f", "-"], service(80))),
          /namespaces "n" not found$/,
        );
      }),
  );
}

for (const runtime of threeRuntimes) {
  test(`kubectl scales, restarts and follows a Deployment of weir dev on ${runtime.name}`, {
    skip: newest.skip,
  }, async () => {
    const session = await startDev(runtime, [`${projectRoot}fixtures/seeds/001`]);
    const { kubectl } = session;
    try {
      const ready = () => kubectl.ok(["get", "deploy", "app-v1", "-o", "jsonpath={.status.readyReplicas}"]);
      assert.equal(await kubectl.ok(["scale", "deploy/app-v1", "--replicas=3"]), "deployment.apps/app-v1 scaled\n");
      assert.match(
        await kubectl.ok(["rollout", "status", "deploy/app-v1", "--timeout=10s"]),
        /successfully rolled out/,
      );
      assert.equal(await ready(), "3");
      const waited = await kubectl.ok(["wait", "--for=condition=Ready", "pod", "-l", "app=app-v1", "--timeout=10s"]);
      assert.equal(waited.trimEnd().split("\n").length, 3);
      const hash = () => kubectl.ok(["get", "pods", "-l", "app=app-v1", "-o", "jsonpath={..pod-template-hash}"]);
      const before = await hash();
      await kubectl.ok(["rollout", "restart", "deploy/app-v1"]);
      await kubectl.ok(["rollout", "status", "deploy/app-v1", "--timeout=10s"]);
      assert.notEqual(await hash(), before);
      const logs = kubectl.follow(["logs", "-f", "-l", "app=app-v1", "--prefix"]);
      await session.curl("traefikservice-copy.kubesre.lc");
      await logs.until((text) => /^\[pod\/app-v1-.*GET \/ HTTP\/1\.1" 200/m.test(text));
      await logs.stop();
      const [pod = ""] = (await kubectl.ok(["get", "pods", "-l", "app=app-v1", "-o", "name"])).split("\n");
      await kubectl.ok(["delete", pod, "--grace-period=0", "--force"]);
      await kubectl.ok(["rollout", "status", "deploy/app-v1", "--timeout=10s"]);
      assert.equal(await ready(), "3");
      await kubectl.ok(["delete", "deploy", "app-v1", "--cascade=orphan"]);
      const [orphan = ""] = (await kubectl.ok(["get", "rs", "-l", "app=app-v1", "-o", "name"])).split("\n");
      assert.match(orphan, /^replicaset\.apps\/app-v1-/);
      await kubectl.ok(["delete", orphan, "--cascade=foreground"]);
      assert.equal(await kubectl.ok(["get", "rs,pods", "-l", "app=app-v1", "-o", "name"]), "");
    } finally {
      await session.stop();
    }
  });
}
