// The whole provider against a scripted API server: what it lists, watches and says, and what it never says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crdResources } from "../../../../src/provider/kubernetes/crd/kinds.ts";
import { ApiServer, errorLine, plain, status } from "./api-server.ts";
import { allWatching, hostsOf, route, serversOf, slice, startProvider, web, withProvider } from "./harness.ts";

const ROUTES = "traefik.io/IngressRoute";
const SLICES = "discovery.k8s.io/EndpointSlice";

test("kubernetescrd lists, then follows additions, changes and deletions", () =>
  withProvider({}, async (server, { state }) => {
    assert.deepEqual(serversOf(await state(() => true)), ["http://10.0.0.1:8080"]);
    await allWatching(server);
    server.apply(route("b"));
    await state((each) => hostsOf(each).join() === "a,b");
    server.apply(slice("10.0.0.1", "10.0.0.2"));
    await state((each) => serversOf(each).includes("http://10.0.0.2:8080"));
    server.remove(route("a"));
    await state((each) => hostsOf(each).join() === "b");
  }));

test("kubernetescrd applies the first of several changes at once, the others together", () =>
  withProvider({ options: { throttleDurationMs: 300 } }, async (server, { state, states }) => {
    await state(() => true);
    await allWatching(server);
    for (let index = 0; index < 50; index++) server.apply(route(`n${index}`));
    await state((each) => hostsOf(each).length === 51);
    assert.ok(states.length <= 5, `${states.length} states for 50 changes`);
  }));

test("kubernetescrd tells its first state without a pause", () =>
  withProvider({ options: { throttleDurationMs: 600_000 } }, async (_server, { state }) => {
    assert.deepEqual(hostsOf(await state(() => true)), ["a"]);
  }));

test("kubernetescrd says nothing about changes that change nothing", () =>
  withProvider({}, async (server, { state, states }) => {
    await state(() => true);
    await allWatching(server);
    server.apply({ ...slice("10.0.0.1"), metadata: { ...slice().metadata, annotations: { touched: "yes" } } });
    server.apply({ ...web, metadata: { name: "web", annotations: { touched: "yes" } } });
    server.apply(route("b"));
    await state((each) => hostsOf(each).join() === "a,b");
    assert.equal(states.length, 2);
  }));

test("kubernetescrd reads a list in pages", () =>
  withProvider({
    prepare: (server) => {
      server.pageSize = 3;
      for (let index = 0; index < 10; index++) server.apply(route(`n${index}`));
    },
  }, async (server, { state }) => {
    assert.equal(hostsOf(await state(() => true)).length, 11);
    assert.equal(server.seen.filter(({ id, watch }) => id === ROUTES && !watch).length, 4);
    assert.ok(server.seen.every(({ id, watch, query }) => watch || id === "/apis" || query.get("limit") === "500"));
  }));

test("kubernetescrd starts a list over when its continue token expired", () => {
  let refused = 0;
  return withProvider({
    prepare: (server) => {
      server.pageSize = 1;
      server.apply(route("b"));
    },
    fault: ({ query }, response) => {
      if (query.get("continue") !== "1" || refused++ > 0) return false;
      status(response, 410, "The provided continue parameter is too old");
      return true;
    },
  }, async (_server, { state, log }) => {
    assert.deepEqual(hostsOf(await state(() => true)), ["a", "b"]);
    assert.equal(refused, 2);
    assert.deepEqual(log.filter(({ level }) => level === "ERROR"), []);
  });
});

test("kubernetescrd asks for bookmarks and resumes after the end of a watch from the last version, without a list", () =>
  withProvider({ clock: { shortWatchMs: 0 } }, async (server, { state }) => {
    await state(() => true);
    await allWatching(server);
    server.apply(route("b"));
    await state((each) => hostsOf(each).length === 2);
    server.rewind(500);
    server.bookmark();
    const before = server.seen.length;
    server.apply(route("c"));
    await state((each) => hostsOf(each).length === 3);
    server.endWatches(ROUTES);
    await server.until(() => server.seen.length > before);
    const [next] = server.seen.slice(before);
    assert.equal(next?.id, ROUTES);
    assert.equal(next?.watch, true);
    assert.equal(next?.query.get("resourceVersion"), "501");
    assert.equal(next?.query.get("allowWatchBookmarks"), "true");
    const timeout = Number(next?.query.get("timeoutSeconds"));
    assert.ok(timeout >= 300 && timeout <= 600, `timeoutSeconds=${timeout}`);
  }));

test("kubernetescrd lists again after a watch that brought nothing, not even a bookmark", () =>
  withProvider({ clock: { shortWatchMs: 0 } }, async (server, { state }) => {
    await state(() => true);
    await allWatching(server);
    server.removeSilently(route("never"));
    const before = server.seen.length;
    server.endWatches(ROUTES);
    await server.until(() => server.seen.length > before);
    assert.equal(server.seen[before]?.watch, false);
  }));

for (
  const [what, forget] of [
    ["an ERROR event", (server: ApiServer) => {
      server.forgotten = server.version + 1;
      server.write(ROUTES, errorLine(410, "too old resource version"));
    }],
    ["status 410", (server: ApiServer) => {
      server.fault = ({ id, watch }, response) => {
        if (id !== ROUTES || !watch) return false;
        server.fault = undefined;
        status(response, 410, "too old resource version");
        return true;
      };
      server.endWatches(ROUTES);
    }],
  ] as const
) {
  test(`kubernetescrd lists again and removes what is gone after ${what}`, () =>
    withProvider({ prepare: (server) => server.apply(route("b")) }, async (server, { state, states, log }) => {
      await state((each) => hostsOf(each).length === 2);
      await allWatching(server);
      server.bookmark();
      server.removeSilently(route("a"));
      server.apply(web); // moves the version on
      forget(server);
      server.forgotten = 0;
      await state((each) => hostsOf(each).join() === "b");
      assert.ok(states.every((each) => hostsOf(each).includes("b")));
      assert.deepEqual(log.filter(({ level }) => level === "ERROR"), []);
    }));
}

test("kubernetescrd reads events whose bytes arrive one by one, cut inside UTF-8 sequences", () =>
  withProvider({}, async (server, { state }) => {
    await state(() => true);
    await allWatching(server);
    const metadata = { name: "grüße", namespace: "default", resourceVersion: "900" };
    const object = { ...route("grüße-€-😀"), metadata };
    const bytes = new TextEncoder().encode(`${JSON.stringify({ type: "ADDED", object })}\n`);
    for (const byte of bytes) server.write(ROUTES, Uint8Array.of(byte));
    assert.deepEqual(hostsOf(await state((each) => hostsOf(each).length === 2)), ["a", "grüße-€-😀"]);
  }));

test("kubernetescrd degrades a forbidden kind only, names the missing rule, and takes it up when it is allowed", () => {
  let forbidden = true;
  return withProvider({
    clock: { reprobeMs: 50 },
    prepare: (server) => server.apply({ ...route("old"), apiVersion: "traefik.containo.us/v1alpha1" }),
    fault: ({ id }, response) => {
      if (!forbidden || id !== "traefik.containo.us/IngressRoute") return false;
      status(response, 403, "ingressroutes.traefik.containo.us is forbidden");
      return true;
    },
  }, async (_server, { state, log }) => {
    const first = await state(() => true);
    assert.deepEqual(hostsOf(first), ["a"]);
    const [problem] = first.problems;
    assert.equal(problem?.code, "kube-forbidden");
    assert.match(problem?.message ?? "", /list ingressroutes\.traefik\.containo\.us at the cluster scope/);
    assert.match(problem?.hint ?? "", /apiGroups: \["traefik\.containo\.us"\], resources: \["ingressroutes"\]/);
    forbidden = false;
    const second = await state((each) => hostsOf(each).length === 2);
    assert.deepEqual(second.problems, []);
    assert.equal(log.filter(({ level }) => level === "ERROR").length, 1);
  });
});

test("kubernetescrd keeps what it read of a kind that becomes forbidden", () =>
  withProvider({ clock: { reprobeMs: 50 } }, async (server, { state, states }) => {
    await state(() => true);
    await allWatching(server);
    server.fault = ({ id }, response) => {
      if (id !== ROUTES) return false;
      status(response, 403, "forbidden");
      return true;
    };
    server.endWatches(ROUTES);
    await state((each) => each.problems.some(({ code }) => code === "kube-forbidden"));
    assert.deepEqual(hostsOf(states.at(-1)), ["a"]);
  }));

test("kubernetescrd lives with one API group, and warns of a kind that none serves", () =>
  withProvider({
    fault: ({ id }, response) => {
      if (!id.startsWith("traefik.containo.us/") && id !== "traefik.io/ServersTransport") return false;
      plain(response, 404, "404 page not found\n");
      return true;
    },
  }, async (_server, { state, log }) => {
    const { problems } = await state(() => true);
    assert.deepEqual(problems.map(({ code, severity, message }) => [code, severity, message]), [[
      "kube-not-served",
      "warning",
      "the Kubernetes API does not serve serverstransports (traefik.io/v1alpha1, traefik.containo.us/v1alpha1)",
    ]]);
    assert.deepEqual(log.filter(({ level }) => level === "ERROR"), []);
  }));

test("kubernetescrd tells once of a cluster without Traefik's definitions, and how to install them", () =>
  withProvider({
    prepare: (server) => server.remove(route("a")),
    fault: ({ id }, response) => {
      if (!id.startsWith("traefik.")) return false;
      plain(response, 404, "404 page not found\n");
      return true;
    },
    isEmpty: true,
  }, async (_server, { state, log }) => {
    const { problems: [problem, ...others] } = await state(() => true);
    assert.equal(others.length, 0);
    assert.match(problem?.message ?? "", /^the Kubernetes API does not serve ingressroutes, (\w+, ){8}\w+ \(traefik/);
    assert.match(problem?.hint ?? "", /weir crds > crds\.yaml && kubectl apply -f crds\.yaml$/);
    assert.deepEqual(log.filter(({ level }) => level === "ERROR"), []);
  }));

test("kubernetescrd says nothing while no kind at all can be read", async () => {
  const server = new ApiServer();
  server.fault = (_request, response) => (status(response, 403, "forbidden"), true);
  await server.listen();
  const harness = startProvider(server, {}, { reprobeMs: 20 });
  try {
    await server.until(() => server.seen.length > 40);
    assert.equal(harness.states.length, 0);
    assert.equal(harness.log.filter(({ level }) => level === "ERROR").length, crdResources.length);
  } finally {
    await harness.provider.stop();
    await server.close();
  }
});

test("kubernetescrd sends the token of a file, and reads the file again when the token is refused", async () => {
  const server = new ApiServer();
  server.apply(web, slice("10.0.0.1"), route("a"));
  let valid = "Bearer one";
  server.fault = ({ authorization, watch }, response) => {
    if (authorization === valid) return false;
    if (watch) return (response.destroy(), true);
    status(response, 401, "Unauthorized");
    return true;
  };
  await server.listen();
  const harness = startProvider(server, { token: "/token" });
  harness.files.set("/token", "one\n");
  try {
    await harness.state(() => true);
    await allWatching(server);
    valid = "Bearer two";
    harness.files.set("/token", "two\n");
    server.forgotten = server.version;
    server.apply(route("b"));
    server.write(ROUTES, errorLine(410, "too old"));
    await harness.state((each) => hostsOf(each).length === 2);
    assert.deepEqual(harness.log.filter(({ level }) => level === "ERROR"), []);
  } finally {
    await harness.provider.stop();
    await server.close();
  }
});

test("kubernetescrd waits as long as a 429 asks", () => {
  let refusedAt = 0;
  let triedAt = 0;
  return withProvider({
    fault: ({ id, watch }, response) => {
      if (id !== ROUTES || watch) return false;
      if (refusedAt !== 0) {
        triedAt = performance.now();
        return false;
      }
      refusedAt = performance.now();
      plain(response, 429, "Too many requests, please try again later.\n", { "retry-after": "1" });
      return true;
    },
  }, async (_server, { state }) => {
    await state(() => true);
    assert.ok(triedAt - refusedAt > 950, `after ${triedAt - refusedAt} ms`);
  });
});

test("kubernetescrd refuses a resourceVersion that goes back, in a list and in a watch", () =>
  withProvider({ clock: { stepMs: 50 } }, async (server, { state, states, logged }) => {
    await state(() => true);
    await allWatching(server);
    const watches = () => server.seen.filter(({ id, watch }) => id === ROUTES && watch).length;
    const atFirst = watches();
    const stale = { ...route("stale"), metadata: { name: "stale", namespace: "default", resourceVersion: "5" } };
    server.write(ROUTES, `${JSON.stringify({ type: "ADDED", object: stale })}\n`);
    await logged((message) => message.includes("went back"));
    await server.until(() => watches() > atFirst); // the old watch is counted as open for a while yet
    await allWatching(server);
    server.rewind(50);
    server.removeSilently(route("a"));
    const before = server.seen.length;
    server.write(ROUTES, errorLine(410, "too old"));
    await server.until(() => server.seen.slice(before).filter(({ id, watch }) => id === ROUTES && !watch).length >= 2);
    assert.deepEqual(hostsOf(states.at(-1)), ["a"]);
  }));

test("kubernetescrd ends a watch that is silent for too long, and goes on", () =>
  withProvider({ clock: { bookmarkSilenceMs: 200 } }, async (server, { state, log }) => {
    await state(() => true);
    await allWatching(server);
    server.bookmark();
    const before = server.seen.length;
    await server.until(() => server.seen.length >= before + 10);
    assert.ok(server.seen.slice(before, before + 10).every(({ watch }) => watch));
    assert.deepEqual(log.filter(({ level }) => level === "ERROR"), []);
  }));

test("kubernetescrd watches the given namespaces, with the label selector for Traefik's kinds only", () =>
  withProvider({ options: { namespaces: ["default", "b"], labelSelector: "tier=edge" } }, async (server, { state }) => {
    await state(() => true);
    await server.until(() => server.openWatches === 2 * crdResources.length);
    const selectors = new Set(
      server.seen.map(({ id, query }) => `${id.startsWith("traefik")} ${query.get("labelSelector")}`),
    );
    assert.deepEqual([...selectors].sort(), ["false null", "true tier=edge"]);
  }));

test("kubernetescrd stop() ends every watch and every wait", async () => {
  const server = new ApiServer();
  server.apply(web, slice("10.0.0.1"), route("a"));
  server.fault = ({ id }) => id === SLICES; // one request hangs
  await server.listen();
  const harness = startProvider(server);
  await server.until(() => server.openWatches === crdResources.length - 1);
  await harness.provider.stop();
  const before = server.seen.length;
  server.apply(route("b"));
  await server.close();
  assert.equal(server.seen.length, before);
  assert.equal(harness.states.length, 0);
});
