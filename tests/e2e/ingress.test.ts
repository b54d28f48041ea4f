// Ingresses, end to end: seed 004's sticky session, old API versions and start-up forms, paths as the specification says.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";
import { promisify } from "node:util";
import { parse } from "#yaml";
import { type DevSession, repeat, startDev } from "../support/dev-session.ts";
import { skipWithoutKubectl } from "../support/kubectl.ts";
import { type Manifest, startKubeServer } from "../support/kube-server.ts";
import { projectRoot, threeRuntimes } from "../support/runtimes.ts";
import { startWeir, temporaryFolder } from "../support/weir.ts";

const seeds = "fixtures/seeds";
const HOST = "gls.example.com";
const run = promisify(execFile);

async function curl(port: number, path: string, ...args: readonly string[]): Promise<string> {
  const url = `http://127.0.0.1:${port}${path}`;
  const { stdout } = await run("curl", ["-s", "--max-time", "10", "--path-as-is", ...args, url]);
  return stdout.replaceAll("\r", "");
}

/** The Pod that answered: whoami tells its host name. */
async function podOf(port: number, ...args: readonly string[]): Promise<string> {
  const answer = await curl(port, "/gls", "-H", `Host: ${HOST}`, ...args);
  return /^Hostname: (.*)$/m.exec(answer)?.[1] ?? answer;
}

/** The Ingress of the document as it is there, and in the version of today. */
const versions: readonly (readonly [apiVersion: string, args: readonly string[]])[] = [
  ["networking.k8s.io/v1", [`${seeds}/004`]],
  [
    "extensions/v1beta1",
    [`${seeds}/004/gls.yaml`, `${seeds}/004-extensions/ingress.yaml`, "--kube.version", "1.20"],
  ],
];

for (const runtime of threeRuntimes) {
  for (const [apiVersion, args] of versions) {
    test(`seed 004's Ingress of ${apiVersion} keeps a client at one Pod on ${runtime.name}`, {
      skip: skipWithoutKubectl,
    }, async () => {
      const session = await startDev(runtime, args);
      try {
        const port = session.weir.port("web");
        const pods = await repeat(6, () => podOf(port));
        assert.equal(new Set(pods).size, 3, "without a cookie all Pods take their turn");
        const first = await curl(port, "/gls/path", "-i", "-H", `Host: ${HOST}`);
        const [, cookie = ""] = /^Set-Cookie: (gls-test=[^;]+); Path=\/$/m.exec(first) ?? [];
        const [, pod = ""] = /^Hostname: (.*)$/m.exec(first) ?? [];
        assert.match(cookie, /^gls-test=[0-9a-f]{16}$/);
        const held = await repeat(8, () => podOf(port, "-b", cookie));
        assert.deepEqual([...new Set(held)], [pod]);
        assert.equal(await curl(port, "/", "-o", "/dev/null", "-w", "%{http_code}", "-H", `Host: ${HOST}`), "404");

        await heldByAddress(session, port);
        assert.match(session.weir.output(), /affinity" is an annotation of Traefik 1/);
        assert.doesNotMatch(session.weir.output(), /not served yet/);
      } finally {
        await session.stop();
      }
    });
  }

  test(`Traefik 1's start-up forms serve extensions/v1beta1 on ${runtime.name}`, async () => {
    const closers: (() => Promise<unknown>)[] = [];
    try {
      const backends = await Promise.all(["one", "two"].map(startBackend));
      const kube = await startKubeServer({ kubernetes: "1.20" });
      closers.push(...backends.map(({ close }) => close), () => kube.close());
      for (const object of [namespace, gls, await seedIngress()]) await kube.apply(object);
      for (const { port } of backends) kube.force(sliceOf(port)); // admission would refuse a loopback address
      const folder = await temporaryFolder();
      closers.push(() => folder.remove());
      const file = await folder.write("traefik.toml", SEED_TOML);
      const args = [`--configfile=${file}`, "-d", "--web", "--kubernetes", `--kubernetes.endpoint=${kube.url}`];
      const weir = await startWeir(runtime, args);
      closers.push(() => weir.stop());
      const port = weir.port("http");
      const answers = await untilServed(() => curl(port, "/gls", "-i", "-H", `Host: ${HOST}`));
      const [, cookie = ""] = /^Set-Cookie: (gls-test=[0-9a-f]{16}); Path=\/$/m.exec(answers) ?? [];
      const [held = ""] = /(one|two)$/.exec(answers) ?? [];
      const again = await repeat(6, () => curl(port, "/gls", "-H", `Host: ${HOST}`, "-b", cookie));
      assert.deepEqual([...new Set(again)], [held]);
      assert.equal(new Set(await repeat(4, () => curl(port, "/gls", "-H", `Host: ${HOST}`))).size, 2);
      assert.equal(await curl(weir.port("traefik"), "/ping"), "OK");
      assert.match(await curl(weir.port("traefik"), "/metrics"), /traefik_config_reloads_total/);
      for (const option of ["-d", "--web", "--kubernetes", "--kubernetes.endpoint", "defaultEntryPoints"]) {
        assert.ok(weir.output().includes(`"${option}" is an option of Traefik 1`), `${option} is told of`);
      }
    } finally {
      for (const close of closers.toReversed()) await close();
    }
  });
}

/** The document's file, on free ports. */
const SEED_TOML = `defaultEntryPoints = ["http"]
[entryPoints]
  [entryPoints.http]
  address = "127.0.0.1:0"
[web]
address = "127.0.0.1:0"
`;

/** Traefik 1 wrote the server's address into the cookie: such a cookie still holds. */
async function heldByAddress(session: DevSession, port: number): Promise<void> {
  const [, name = "", address = ""] = /pod gls\/(\S+) listens on (\S+)/.exec(session.weir.output()) ?? [];
  const held = await repeat(4, () => podOf(port, "-b", `gls-test=http://${address}`));
  assert.deepEqual([...new Set(held)], [name]);
}

const namespace: Manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: "gls" } };

const gls: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: {
    name: "gls",
    namespace: "gls",
    annotations: {
      "traefik.ingress.kubernetes.io/affinity": "true",
      "traefik.ingress.kubernetes.io/session-cookie-name": "gls-test",
      "traefik.ingress.kubernetes.io/load-balancer-method": "drr",
    },
  },
  spec: { ports: [{ port: 80, targetPort: 8080 }] },
};

function sliceOf(port: number): Manifest {
  return {
    apiVersion: "discovery.k8s.io/v1beta1",
    kind: "EndpointSlice",
    metadata: { name: `gls-${port}`, namespace: "gls", labels: { "kubernetes.io/service-name": "gls" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"] }],
    ports: [{ port }],
  };
}

async function seedIngress(): Promise<Manifest> {
  const document = parse(await readFile(`${projectRoot}${seeds}/004-extensions/ingress.yaml`, "utf8"));
  const spec = typeof document === "object" && document !== null && "spec" in document ? document.spec : undefined;
  return { apiVersion: "extensions/v1beta1", kind: "Ingress", metadata: { name: "gls", namespace: "gls" }, spec };
}

async function startBackend(name: string): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((_request, response) => response.end(name));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Asks until the routes are there, for a bounded time. */
async function untilServed(ask: () => Promise<string>): Promise<string> {
  const end = performance.now() + 10_000;
  let answer = await ask();
  while (/^HTTP\/1\.1 404/.test(answer) && performance.now() < end) answer = await ask();
  return answer;
}

const PATHS = `
apiVersion: v1
kind: Service
metadata: { name: NAME }
spec: { selector: { app: NAME }, ports: [{ port: 80, targetPort: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: NAME }
spec:
  selector: { matchLabels: { app: NAME } }
  template:
    metadata: { labels: { app: NAME } }
    spec: { containers: [{ name: NAME, image: traefik/whoami, ports: [{ containerPort: 80 }] }] }
---
`;

const INGRESS = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: paths }
spec:
  defaultBackend: { service: { name: rest, port: { number: 80 } } }
  rules:
    - host: "*.example.com"
      http:
        paths:
          - { path: /foo, pathType: Prefix, backend: { service: { name: prefix, port: { number: 80 } } } }
          - { path: /foo, pathType: Exact, backend: { service: { name: exact, port: { number: 80 } } } }
`;

const paths: readonly (readonly [host: string, path: string, service: string])[] = [
  ["a.example.com", "/foo", "exact"],
  ["a.example.com", "/foo/", "prefix"],
  ["a.example.com", "/foo/bar", "prefix"],
  ["a.example.com", "/foobar", "rest"],
  ["a.example.com", "/foo/../bar", "rest"],
  ["a.example.com", "/", "rest"],
];

for (const runtime of threeRuntimes.slice(0, 1)) {
  test(`paths and default backends on ${runtime.name} are as the Ingress specification says`, {
    skip: skipWithoutKubectl,
  }, async () => {
    const folder = await temporaryFolder();
    const apps = ["prefix", "exact", "rest"].map((name) => PATHS.replaceAll("NAME", name)).join("");
    await folder.write("apps.yaml", `${apps}${INGRESS}`);
    const session = await startDev(runtime, [folder.path]);
    try {
      const port = session.weir.port("web");
      for (const [host, path, service] of paths) {
        const answer = await curl(port, path, "-H", `Host: ${host}`);
        assert.match(answer, new RegExp(`^Hostname: ${service}-`, "m"), `${host}${path}`);
      }
      for (const host of ["a.b.example.com", "example.com", "other.test"]) {
        assert.equal(await curl(port, "/foo", "-o", "/dev/null", "-w", "%{http_code}", "-H", `Host: ${host}`), "404");
      }
    } finally {
      await session.stop();
      await folder.remove();
    }
  });
}
