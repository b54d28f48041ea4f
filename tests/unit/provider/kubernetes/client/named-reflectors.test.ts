// Named objects are followed, no others are kept, and no more is asked of the server than that needs.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { NamedReflectors } from "../../../../../src/provider/kubernetes/client/named-reflectors.ts";
import type { KubeObject } from "../../../../../src/provider/kubernetes/store/object.ts";
import { type Fixture, mapSink, object, secret, withConnection } from "./fixture.ts";
import { failure, type KubeServer } from "./kube-server.ts";

const KINDS = { "/v1/secrets": "Secret" };

interface Named {
  readonly named: NamedReflectors;
  readonly objects: Map<string, KubeObject>;
}

async function withNamed(
  prepare: (server: KubeServer) => void,
  body: (named: Named, fixture: Fixture, server: KubeServer) => Promise<void>,
): Promise<void> {
  const clock = { stepMs: 30, reprobeMs: 30 };
  await withConnection({ kinds: KINDS, clock, prepare }, async (fixture, server) => {
    const objects = new Map<string, KubeObject>();
    const named = fixture.connection.named({
      resource: secret,
      sink: mapSink(objects, fixture.look),
      changed: fixture.look,
      isClusterWide: true,
    });
    try {
      await body({ named, objects }, fixture, server);
    } finally {
      await named.stop();
    }
  });
}

function refs(namespace: string, count: number, from = 0): { readonly namespace: string; readonly name: string }[] {
  return Array.from({ length: count }, (_, index) => ({ namespace, name: `s${from + index}` }));
}

function secrets(namespace: string, count: number): ReturnType<typeof object>[] {
  return refs(namespace, count).map(({ name }) => object(secret, namespace, name, { data: { v: "MQ==" } }));
}

function forbid(fits: RegExp): (server: KubeServer) => void {
  return (server) => {
    server.fault = ({ path, query }, response) => {
      if (!fits.test(path) || query.has("fieldSelector")) return false;
      failure(response, 403, { reason: "Forbidden", message: "secrets is forbidden" });
      return true;
    };
  };
}

test("NamedReflectors reads the wanted objects only, and follows them", () =>
  withNamed(
    (server) => server.apply(...secrets("a", 5), ...secrets("b", 5)),
    async ({ named, objects }, fixture, server) => {
      assert.equal(named.isSettled, true, "nothing is wanted");
      named.want([...refs("a", 2), { namespace: "b", name: "missing" }]);
      assert.equal(named.isSettled, false);
      await fixture.until(() => named.isSettled);
      assert.deepEqual([...objects.keys()].sort(), ["a/s0", "a/s1"]);
      assert.ok(named.isKnown("b", "missing"));
      assert.ok(server.asks(/secrets/).every(({ query }) => query.get("fieldSelector")?.startsWith("metadata.name=")));
      await server.until(() => server.openWatches === 3);
      server.apply(object(secret, "a", "s0", { data: { v: "Mg==" } }), object(secret, "b", "missing"));
      server.apply(object(secret, "a", "s4", { data: { v: "Mg==" } }));
      server.remove(object(secret, "a", "s1"));
      const isNew = () => JSON.stringify(objects.get("a/s0")?.raw["data"]) === '{"v":"Mg=="}';
      await fixture.until(() => objects.has("b/missing") && !objects.has("a/s1") && isNew());
      assert.equal(objects.size, 2);
    },
  ));

test("NamedReflectors lets go of what is wanted no more, and takes up what is wanted again", () =>
  withNamed((server) => server.apply(...secrets("a", 5)), async ({ named, objects }, fixture, server) => {
    named.want(refs("a", 3));
    await fixture.until(() => objects.size === 3);
    await server.until(() => server.openWatches === 3);
    named.want(refs("a", 1, 2));
    assert.deepEqual([...objects.keys()], ["a/s2"]);
    assert.equal(named.watches, 1);
    named.want(refs("a", 2));
    await fixture.until(() => named.isSettled);
    assert.deepEqual([...objects.keys()].sort(), ["a/s0", "a/s1"]);
    named.want([]);
    assert.equal(objects.size, 0);
    assert.equal(named.watches, 0);
  }));

test("NamedReflectors reads many names of a namespace with one watch, and keeps no others", () =>
  withNamed((server) => server.apply(...secrets("a", 1200)), async ({ named, objects }, fixture, server) => {
    named.want(refs("a", 1000));
    await fixture.until(() => named.isSettled);
    assert.equal(objects.size, 1000);
    assert.equal(named.watches, 1);
    assert.equal(server.asks("/api/v1/namespaces/a/secrets", false).length, 3, "three pages");
    assert.equal(server.asks("/api/v1/secrets").length, 0);
    await server.until(() => server.openWatches === 1);
    server.apply(object(secret, "a", "s1100", { touched: true }), object(secret, "a", "s7", { touched: true }));
    await fixture.until(() => objects.get("a/s7")?.raw["touched"] === true);
    assert.equal(objects.has("a/s1100"), false);
    named.want(refs("a", 1002)); // two more: by name
    assert.equal(named.isSettled, false);
    await fixture.until(() => named.isSettled);
    assert.deepEqual([objects.size, named.watches], [1002, 3]);
    named.want(refs("a", 1100)); // many more: another list
    await fixture.until(() => named.isSettled);
    assert.deepEqual([objects.size, named.watches], [1100, 1]);
  }));

test("NamedReflectors watches by name where the namespace is forbidden, and says nothing of it", () =>
  withNamed((server) => {
    server.apply(...secrets("a", 30));
    forbid(/namespaces\/a\/secrets/)(server);
  }, async ({ named, objects }, fixture, server) => {
    named.want(refs("a", 30));
    await fixture.until(() => named.isSettled);
    assert.deepEqual([objects.size, named.watches], [30, 30]);
    assert.deepEqual(named.problems, []);
    const wide = () => server.asks("/api/v1/namespaces/a/secrets").filter(({ query }) => !query.has("fieldSelector"));
    assert.equal(wide().length, 1);
    named.want(refs("a", 29));
    named.want(refs("a", 30));
    await fixture.until(() => named.isSettled);
    assert.equal(wide().length, 1, "not tried again so soon");
  }));

test("NamedReflectors reads names of very many namespaces with one watch of the cluster, or by name", () =>
  withNamed((server) => {
    for (let index = 0; index < 70; index++) server.apply(...secrets(`ns${index}`, 2));
  }, async ({ named, objects }, fixture, server) => {
    const all = Array.from({ length: 70 }, (_, index) => refs(`ns${index}`, 1)).flat();
    named.want(all);
    await fixture.until(() => named.isSettled);
    assert.deepEqual([objects.size, named.watches], [70, 1]);
    assert.ok(server.asks("/api/v1/secrets").length > 0);
    named.want(all.slice(0, 10));
    await fixture.until(() => named.isSettled && named.watches === 10);
    assert.equal(objects.size, 10);
  }));

test("NamedReflectors names the missing rule once, and reads the objects when they are allowed", () =>
  withNamed((server) => {
    server.apply(...secrets("a", 2), ...secrets("b", 1));
    server.fault = ({ path }, response) => {
      if (!path.includes("/namespaces/a/")) return false;
      failure(response, 403, { message: "secrets is forbidden" });
      return true;
    };
  }, async ({ named, objects }, fixture, server) => {
    named.want([...refs("a", 2), ...refs("b", 1)]);
    await fixture.until(() => named.isSettled);
    assert.deepEqual([...objects.keys()], ["b/s0"]);
    const [problem] = named.problems;
    assert.equal(named.problems.length, 1);
    assert.match(problem?.message ?? "", /refuses to list secrets in the namespace "a"/);
    assert.match(problem?.hint ?? "", /Role in the namespace "a": \{apiGroups: \[""\], resources: \["secrets"\]/);
    server.fault = undefined;
    await fixture.until(() => objects.size === 3 && named.problems.length === 0);
  }));
