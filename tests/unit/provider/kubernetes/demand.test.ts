// What is read only because something refers to it: Secrets and ConfigMaps by name, Nodes once they are needed.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProviderState } from "../../../../src/provider/provider.ts";
import { ApiServer, type Manifest, status } from "./api-server.ts";
import { allWatching, route, serversOf, slice, startProvider, web, withProvider } from "./harness.ts";

const pem = (label: string) => btoa(`-----BEGIN ${label}-----\nZm9v\n-----END ${label}-----\n`);

const pair: Manifest = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "pair" },
  data: { "tls.crt": pem("CERTIFICATE"), "tls.key": pem("PRIVATE KEY") },
};

const secure: Manifest = {
  ...route("secure"),
  spec: { ...route("secure").spec as object, tls: { secretName: "pair" } },
};

const certificatesOf = ({ configuration }: ProviderState) => Object.keys(configuration.tls?.certificates ?? {});
const defectsOf = ({ configuration }: ProviderState) =>
  Object.values(configuration.tls?.certificates ?? {}).flatMap(({ defects = [] }) => defects);
const codesOf = ({ problems }: ProviderState) => problems.map(({ code }) => code);
const asked = (server: ApiServer, id: string) => server.seen.filter((request) => request.id === id).length;

test("kubernetescrd reads no Secrets, ConfigMaps or Nodes that nothing refers to", () =>
  withProvider({ prepare: (server) => server.apply(pair) }, async (server, { state }) => {
    await state(() => true);
    await allWatching(server);
    for (const id of ["/Secret", "/ConfigMap", "/Node"]) assert.equal(asked(server, id), 0, id);
  }));

test("kubernetescrd waits for the Secrets that its routes name, and never calls them missing meanwhile", () =>
  withProvider({ prepare: (server) => server.apply(pair, secure) }, async (server, { state, states }) => {
    const first = await state(() => true);
    assert.deepEqual(certificatesOf(first), ["Secret/default/pair"]);
    assert.deepEqual(codesOf(first), []);
    await server.until(() => asked(server, "/Secret") > 1);
    server.apply({ ...pair, data: { "tls.crt": pem("CERTIFICATE") } });
    await state((each) => defectsOf(each).includes('it has no "tls.key"'));
    server.apply(pair);
    await state((each) => states.indexOf(each) > 1 && defectsOf(each).length === 0);
  }));

test("kubernetescrd takes up a Secret that is named later, and one that comes later", () =>
  withProvider({}, async (server, { state }) => {
    await state(() => true);
    await allWatching(server);
    server.apply(secure);
    const missing = await state((each) => codesOf(each).includes("missing-secret"));
    assert.deepEqual(certificatesOf(missing), []);
    await server.until(() => asked(server, "/Secret") > 1);
    server.apply(pair);
    await state((each) => certificatesOf(each).length === 1 && codesOf(each).length === 0);
  }));

test("kubernetescrd closes the routes of Secrets it may not read, and names the missing rule", async () => {
  const server = new ApiServer();
  server.apply(web, slice("10.0.0.1"), route("a"), secure, pair);
  server.fault = ({ id }, response) => id === "/Secret" && (status(response, 403, "secrets is forbidden"), true);
  await server.listen();
  const harness = startProvider(server);
  try {
    const state = await harness.state(() => true);
    assert.ok(codesOf(state).includes("missing-secret"));
    assert.match(state.problems.map(({ message, hint }) => `${message} ${hint}`).join("\n"), /secrets/);
    assert.deepEqual(serversOf(state), ["http://10.0.0.1:8080"], "the other route is served");
  } finally {
    await harness.provider.stop();
    await server.close();
  }
});

test("kubernetescrd reads Nodes once a nodePortLB needs them, and not under disableClusterScopeResources", async () => {
  const objects: readonly Manifest[] = [
    { ...web, spec: { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] } },
    {
      ...route("a"),
      spec: { routes: [{ match: "Host(`a`)", kind: "Rule", services: [{ name: "web", port: 80, nodePortLB: true }] }] },
    },
    {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "n", namespace: "" },
      status: {
        addresses: [{ type: "InternalIP", address: "192.168.0.1" }],
      },
    },
  ];
  const prepare = (server: ApiServer) => server.apply(...objects);
  await withProvider({ prepare }, async (_, { state }) => {
    assert.deepEqual(serversOf(await state(() => true)), ["http://192.168.0.1:30080"]);
  });
  await withProvider({ prepare, options: { disableClusterScopeResources: true } }, async (server, { state }) => {
    assert.deepEqual(codesOf(await state(() => true)), ["cluster-scope"]);
    assert.equal(asked(server, "/Node"), 0);
  });
});
