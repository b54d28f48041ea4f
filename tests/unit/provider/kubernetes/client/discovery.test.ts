// What the server serves, and in which version; and what happens when it does not say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ingress, object, route, secret, service, withConnection } from "./fixture.ts";
import { failure, type KubeServer } from "./kube-server.ts";

const ALL = {
  "/v1/secrets": "Secret",
  "/v1/services": "Service",
  "traefik.io/v1alpha1/ingressroutes": "IngressRoute",
  "networking.k8s.io/v1/ingresses": "Ingress",
  "networking.k8s.io/v1beta1/ingresses": "Ingress",
  "extensions/v1beta1/ingresses": "Ingress",
};

const fast = { discoverMs: 40, reprobeMs: 40, stepMs: 40 };

function without(...keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(ALL).filter(([key]) => !keys.includes(key)));
}

const forms: readonly (readonly [what: string, kinds: Record<string, string>, version: string | undefined])[] = [
  ["the first version", ALL, "networking.k8s.io/v1"],
  ["the second version", without("networking.k8s.io/v1/ingresses"), "networking.k8s.io/v1beta1"],
  [
    "another group",
    without("networking.k8s.io/v1/ingresses", "networking.k8s.io/v1beta1/ingresses"),
    "extensions/v1beta1",
  ],
  [
    "none",
    without("networking.k8s.io/v1/ingresses", "networking.k8s.io/v1beta1/ingresses", "extensions/v1beta1/ingresses"),
    undefined,
  ],
];

for (const mode of ["plain", "aggregated"] as const) {
  for (const [what, kinds, version] of forms) {
    test(`Discovery finds ${what} of a kind (${mode})`, () =>
      withConnection({ kinds, prepare: (server) => void (server.discovery = mode) }, async ({ connection, signal }) => {
        const found = await connection.discovery.find(ingress, signal);
        assert.equal(found && `${found.group}/${found.version}`, version);
        assert.deepEqual(
          await connection.discovery.find(service, signal),
          service,
          "the core group needs no discovery",
        );
      }));
  }

  test(`Discovery asks once for everybody, and again only for what it must (${mode})`, () =>
    withConnection({ kinds: ALL, prepare: (server) => void (server.discovery = mode) }, async (fixture, server) => {
      const { discovery } = fixture.connection;
      await Promise.all([ingress, route, service, secret].map((kind) => discovery.find(kind, fixture.signal)));
      await discovery.find(route, fixture.signal);
      assert.equal(server.asks("/apis").length, 1);
      assert.equal(server.asks(/^\/apis\/./).length, mode === "plain" ? 4 : 0);
      const before = server.asked.length;
      await discovery.find(route, fixture.signal, 0);
      assert.equal(server.asks("/apis").length, 2);
      assert.ok(server.asked.length > before);
      if (mode === "aggregated") assert.equal(server.asked.at(-1)?.headers["if-none-match"] !== undefined, true);
    }));

  test(`a kind that appears is read soon, and one that goes is given up after a while (${mode})`, () =>
    withConnection({
      kinds: without("traefik.io/v1alpha1/ingressroutes"),
      clock: { ...fast, goneMs: 200, shortWatchMs: 0 },
      prepare: (server) => void (server.discovery = mode),
    }, async ({ follow, until, log }, server) => {
      const { reflector, objects } = follow(route);
      await until(() => reflector.status === "not-served");
      assert.match(
        reflector.problem?.message ?? "",
        /does not serve ingressroutes\.traefik\.io \(traefik\.io\/v1alpha1\)/,
      );
      server.kinds.set("traefik.io/v1alpha1/ingressroutes", "IngressRoute");
      server.apply(object(route, "default", "a"));
      await until(() => objects.size === 1 && reflector.status === "synced");
      assert.equal(reflector.problem, undefined);
      const goneAt = performance.now();
      server.kinds.delete("traefik.io/v1alpha1/ingressroutes");
      server.endWatches();
      await until(() => reflector.status === "not-served");
      assert.equal(objects.size, 1, "a server that starts forgets its kinds for a while");
      await until(() => objects.size === 0);
      assert.ok(performance.now() - goneAt >= 200);
      assert.deepEqual(log.filter((line) => line.startsWith("ERROR")), []);
    }));
}

test("a kind is read in the version there is, and its objects are of that version", () =>
  withConnection({ kinds: without("networking.k8s.io/v1/ingresses") }, async ({ follow, until }, server) => {
    server.apply(object({ ...ingress, version: "v1beta1" }, "default", "a"));
    const { reflector, objects } = follow(ingress);
    await until(() => reflector.status === "synced" && objects.size === 1);
    assert.equal(objects.get("default/a")?.apiVersion, "networking.k8s.io/v1beta1");
    assert.equal(reflector.selection.resource.version, "v1", "the kind goes by its first name");
  }));

const blind: readonly (readonly [what: string, prepare: (server: KubeServer) => void])[] = [
  ["without discovery", (server) => void (server.discovery = "none")],
  ["with discovery forbidden", (server) => {
    server.fault = ({ path }, response) => {
      if (!path.startsWith("/apis") || path.split("/").length > 4) return false;
      failure(response, 403, { message: "forbidden" });
      return true;
    };
  }],
];

for (const [what, prepare] of blind) {
  test(`kinds are tried one after the other on a server ${what}`, () =>
    withConnection(
      { kinds: without("networking.k8s.io/v1/ingresses"), clock: fast, prepare },
      async (fixture, server) => {
        server.apply(object({ ...ingress, version: "v1beta1" }, "default", "a"));
        const { reflector, objects } = fixture.follow(ingress);
        await fixture.until(() => reflector.status === "synced");
        assert.equal(objects.size, 1);
        assert.equal(server.asks(/v1\/ingresses$/, false).length, 1);
      },
    ));
}

test("a group whose own server is down is passed over, and the others are served", () =>
  withConnection({
    kinds: ALL,
    clock: fast,
    prepare: (server) => {
      server.fault = ({ path }, response) => {
        if (path !== "/apis/networking.k8s.io/v1") return false;
        failure(response, 404, { message: "gone" });
        return true;
      };
    },
  }, async ({ connection, signal }) => {
    assert.equal((await connection.discovery.find(ingress, signal))?.version, "v1beta1");
  }));

test("Discovery answers those who still wait when one gives up", () =>
  withConnection({ kinds: ALL }, async ({ connection, signal }) => {
    const controller = new AbortController();
    const first = connection.discovery.find(route, controller.signal);
    const second = connection.discovery.find(ingress, signal);
    controller.abort();
    await first;
    assert.equal((await second)?.version, "v1");
  }));
