// Real kubectl reads the embedded API's schemas: it explains fields, and refuses what they don't have.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { weirDefinitions } from "../../src/command/crds.ts";
import { createKubeApi } from "../../src/dev/api/kube-api.ts";
import { serveFetch } from "../support/fetch-server.ts";
import { createKubectl, type Kubectl, skipWithoutKubectl } from "../support/kubectl.ts";

const options = { skip: skipWithoutKubectl };
const api = createKubeApi({ definitions: weirDefinitions() });
let served: Awaited<ReturnType<typeof serveFetch>> | undefined;
let kubectl: Kubectl | undefined;

before(async () => {
  if (options.skip !== false) return;
  served = await serveFetch((request) => api.fetch(request));
  kubectl = await createKubectl(served.url);
});

after(async () => {
  await kubectl?.close();
  api.close();
  await served?.close();
});

function client(): Kubectl {
  assert.ok(kubectl !== undefined);
  return kubectl;
}

const explained: readonly (readonly [string, RegExp])[] = [
  ["ingressroute.spec.routes", /match\s+<string>/],
  ["service.spec.ports", /nodePort\s+<integer>/],
  ["deployment.spec.template.spec.containers", /image\s+<string>/],
  ["ingress.spec.rules.http.paths", /pathType\s+<string>/],
];

for (const [path, field] of explained) {
  test(`kubectl explains ${path}`, options, async () => {
    assert.match(await client().ok(["explain", path]), field);
  });
}

const manifests: readonly (readonly [string, string, RegExp])[] = [
  [
    "an unknown field of a built-in kind",
    "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80, bogus: 1}]}",
    /unknown field "(?:spec\.ports\[0\]\.)?bogus"/,
  ],
  [
    "a wrong type in a built-in kind",
    'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: "80"}]}',
    /cannot unmarshal string into Go struct field ServicePort\.spec\.ports\.port|invalid type for .*ServicePort\.port/,
  ],
  [
    "an unknown field of a custom kind",
    "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: a}\n" +
    "spec: {routes: [{match: Path(`/`), kind: Rule, bogus: 1}]}",
    /unknown field "(?:spec\.routes\[0\]\.)?bogus"/,
  ],
];

for (const [title, manifest, message] of manifests) {
  test(`kubectl apply refuses ${title}`, options, async () => {
    const { exit, stderr } = await client().run(["apply", "-f", "-"], manifest);
    assert.notEqual(exit, 0);
    assert.match(stderr, message);
  });
}

test("kubectl apply merges the ports of a Service by their number", options, async () => {
  const manifest = (ports: string) => `apiVersion: v1\nkind: Service\nmetadata: {name: m}\nspec: {ports: [${ports}]}`;
  await client().ok(["apply", "-f", "-"], manifest("{name: a, port: 80}, {name: b, port: 81}"));
  await client().ok(["apply", "-f", "-"], manifest("{name: b, port: 81}, {name: c, port: 82}"));
  const ports = await client().ok(["get", "service", "m", "-o", "jsonpath={.spec.ports[*].port}"]);
  assert.equal(ports, "81 82");
});
