// The Ingress provider without the right to read IngressClasses: the name decides, and the problem says so.

import { runtime } from "#runtime";
import assert from "node:assert/strict";
import { test } from "node:test";
import { middlewareSchemas } from "../../../../../src/middleware/schemas.ts";
import { createKubernetesIngressProvider } from "../../../../../src/provider/kubernetes/ingress/kubernetes-ingress.ts";
import type { ProviderState } from "../../../../../src/provider/provider.ts";
import { startKubeServer } from "../../../../support/kube-server.ts";
import { memoryLogger } from "../client/fixture.ts";

const backend = { service: { name: "web", port: { number: 80 } } };
const ingress = (name: string, ingressClassName: string) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: { name },
  spec: { ingressClassName, defaultBackend: backend },
});

const routersOf = ({ configuration }: ProviderState) => Object.keys(configuration.http.routers).length;
const codesOf = ({ problems }: ProviderState) =>
  problems.map(({ code }) => code).filter((code) => /kube|class/.test(code));

test("kubernetes serves Ingresses by the name of their class until it may read classes", async () => {
  const kube = await startKubeServer();
  const { fetch } = kube.api;
  let isForbidden = true;
  kube.api.fetch = (request) => {
    if (!isForbidden || !request.url.includes("/ingressclasses")) return fetch(request);
    return Promise.resolve(Response.json({ kind: "Status", message: "no" }, { status: 403 }));
  };
  for (const object of [ingress("a", "traefik"), ingress("b", "nginx")]) kube.force(object);
  const options = { endpoint: kube.url, events: false };
  const provider = createKubernetesIngressProvider(options, {
    runtime: { ...runtime, env: {} },
    logger: memoryLogger(() => {}),
    middlewares: middlewareSchemas,
    entryPoints: new Map(),
    clock: { reprobeMs: 50 },
  });
  const states: ProviderState[] = [];
  let look = (): void => {};
  const until = async (fits: (state: ProviderState) => boolean): Promise<ProviderState> => {
    for (;;) {
      const last = states.at(-1);
      if (last !== undefined && fits(last)) return last;
      await new Promise<void>((resolve) => look = resolve);
    }
  };
  try {
    provider.start((state) => {
      states.push(state);
      look();
    });
    const first = await until(() => true);
    assert.equal(routersOf(first), 1);
    assert.deepEqual(codesOf(first), ["kube-forbidden"]);
    const hint = first.problems.find(({ code }) => code === "kube-forbidden")?.hint ?? "";
    assert.match(hint, /^add to weir's ClusterRole: .*"ingressclasses".*; until then .*disableIngressClassLookup=true/);
    isForbidden = false;
    const second = await until((state) => codesOf(state).join() === "unknown-ingress-class,unknown-ingress-class");
    assert.equal(routersOf(second), 0, "there are no classes");
  } finally {
    await provider.stop();
    await kube.close();
  }
});
