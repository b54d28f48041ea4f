// The provider while the API server is down, hangs or talks nonsense: its state stays, and it is soon back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crdResources } from "../../../../src/provider/kubernetes/crd/kinds.ts";
import { ApiServer, errorLine, type Fault, json, plain, status } from "./api-server.ts";
import { allWatching, hostsOf, route, serversOf, slice, startProvider, web, withProvider } from "./harness.ts";

const ROUTES = "traefik.io/IngressRoute";
const SLICES = "discovery.k8s.io/EndpointSlice";

/** Faults that hold for every request while they are on. */
const outages: readonly (readonly [string, Fault])[] = [
  ["500", (_request, response) => (status(response, 500, "etcdserver: request timed out"), true)],
  ["503 in plain text", (_request, response) => (plain(response, 503, "starting"), true)],
  [
    "truncated JSON",
    ({ id }, response) => (plain(response, 200, `{"kind":"${id.split("/")[1]}List","items":[{"meta`), true),
  ],
  ["truncated body", (_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write(
      '{"kind":"IngressRouteList","apiVersion":"traefik.io/v1alpha1","metadata":{"resourceVersion":"9999"},"items":[',
    );
    setTimeout(() => response.destroy(), 10);
    return true;
  }],
  ["garbage", (_request, response) => (plain(response, 200, "<html>It works!</html>\n"), true)],
  ["an empty object", (_request, response) => (json(response, 200, {}), true)],
  [
    "another kind",
    (
      _request,
      response,
    ) => (json(response, 200, { kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "9999" }, items: [] }),
      true),
  ],
  ["a list without items", ({ id }, response) => {
    const [group, kind] = id.split("/");
    const apiVersion = group === "" ? "v1" : group === "discovery.k8s.io" ? `${group}/v1` : `${group}/v1alpha1`;
    json(response, 200, { kind: `${kind}List`, apiVersion, metadata: { resourceVersion: "9999" } });
    return true;
  }],
  ["no answer", () => true],
  ["a reset", (_request, response) => (response.destroy(), true)],
];

function survive(fault: Fault): Promise<void> {
  const clock = { patienceMs: 1000, probeMs: 300, tickMs: 100 };
  return withProvider({ clock }, async (server, { state, states, log, logged }) => {
    await state(() => true);
    await allWatching(server);
    const lists = () => server.seen.filter(({ id, watch }) => id === ROUTES && !watch).length;
    const before = lists();
    server.fault = fault;
    server.apply(web); // moves the version on
    server.write(ROUTES, errorLine(410, "too old")); // asks for a list; the others go on with their watches
    await server.until(() => lists() > before);
    server.forgotten = server.version;
    server.cutAll();
    server.apply(route("b"));
    await logged((message) => message.includes("in force"));
    assert.deepEqual(hostsOf(states.at(-1)), ["a"]);
    server.fault = undefined;
    const endedAt = performance.now();
    await state((each) => hostsOf(each).join() === "a,b");
    const tookMs = performance.now() - endedAt;
    assert.ok(tookMs < 5000, `converged after ${Math.round(tookMs)} ms`);
    await allWatching(server);
    const lines = log.filter(({ level }) => level === "ERROR").map(({ message }) => message);
    assert.equal(lines.length, new Set(lines).size, `each said once: ${lines.join("\n")}`);
    if (lines.length > 0) await logged((message) => message.includes("again"));
  });
}

/** Each has a server of its own, and nearly all of it is waiting: three go on at the same time. */
const LANES = 3;
let surviving: ReadonlyMap<string, Promise<unknown>> | undefined;

/** @returns what became of each outage: undefined, or how it failed */
function startAll(): ReadonlyMap<string, Promise<unknown>> {
  const lanes: Promise<unknown>[] = Array.from({ length: LANES }, () => Promise.resolve());
  return new Map(outages.map(([what, fault], index) => {
    const run = async () => await survive(fault).then(() => undefined, (error: unknown) => ({ error }));
    const lane = index % LANES;
    return [what, lanes[lane] = (lanes[lane] ?? Promise.resolve()).then(run)];
  }));
}

for (const [what] of outages) {
  test(`kubernetescrd keeps its state through ${what}, says so once, and converges within 5 s of its end`, async () => {
    surviving ??= startAll();
    const failure = await surviving.get(what);
    if (typeof failure === "object" && failure !== null && "error" in failure) throw failure.error;
  });
}

test("kubernetescrd survives refused connections and converges within 5 s of the server's return", () =>
  withProvider({}, async (server, { state, states, log, logged }) => {
    await state(() => true);
    await allWatching(server);
    await server.close();
    server.apply(route("b"));
    await logged((message) => message.includes("Kubernetes API"));
    assert.deepEqual(hostsOf(states.at(-1)), ["a"]);
    await server.listen();
    const backAt = performance.now();
    await state((each) => hostsOf(each).join() === "a,b");
    const tookMs = performance.now() - backAt;
    assert.ok(tookMs < 5000, `converged after ${Math.round(tookMs)} ms`);
    await allWatching(server);
    assert.equal(log.filter(({ level }) => level === "ERROR").length, 1);
  }));

test("kubernetescrd waits for a server that is not there yet, and says nothing before every kind is known", async () => {
  const server = new ApiServer();
  server.apply(web, slice("10.0.0.1"), route("a"));
  await server.listen();
  await server.close();
  const harness = startProvider(server);
  try {
    await harness.logged((message) => message.includes("Kubernetes API"));
    let release = () => {};
    server.fault = ({ id, watch }, response) => {
      if (id !== SLICES || watch) return false;
      release = () => json(response, 200, listOf(slice("10.0.0.1")));
      return true;
    };
    await server.listen();
    await server.until(() => server.openWatches === crdResources.length - 1);
    assert.equal(harness.states.length, 0);
    server.fault = undefined;
    release();
    const first = await harness.state(() => true);
    assert.deepEqual(serversOf(first), ["http://10.0.0.1:8080"]);
  } finally {
    await harness.provider.stop();
    await server.close();
  }
});

function listOf(item: object): unknown {
  return {
    kind: "EndpointSliceList",
    apiVersion: "discovery.k8s.io/v1",
    metadata: { resourceVersion: "200" },
    items: [
      {
        ...item,
        metadata: {
          name: "web-x",
          namespace: "default",
          labels: { "kubernetes.io/service-name": "web" },
          resourceVersion: "150",
        },
      },
    ],
  };
}
