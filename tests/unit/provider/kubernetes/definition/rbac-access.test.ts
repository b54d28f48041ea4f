// Unit tests of the roles on an API that enforces them: what weir reads is allowed, and the rest is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAll } from "#yaml";
import { weirDefinitions } from "../../../../../src/command/crds.ts";
import { createKubeApi } from "../../../../../src/dev/api/kube-api.ts";
import { textAt } from "../../../../../src/dev/json.ts";
import { onDemandResources } from "../../../../../src/provider/kubernetes/backend/resources.ts";
import { collectionPath } from "../../../../../src/provider/kubernetes/client/resource.ts";
import { crdResources } from "../../../../../src/provider/kubernetes/crd/kinds.ts";
import { rbacManifests, type RbacOptions } from "../../../../../src/provider/kubernetes/definition/rbac.ts";
import { defaultLeaseName } from "../../../../../src/provider/kubernetes/write-back/lease-name.ts";
import { ingressResources } from "../../../../../src/provider/kubernetes/ingress/kinds.ts";

const users = {
  admin: { name: "admin", groups: ["system:masters"] },
  weir: { name: "system:serviceaccount:default:weir", groups: ["system:serviceaccounts"] },
};

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const collections: Readonly<Record<string, (namespace: string) => string>> = {
  ServiceAccount: (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  ClusterRole: () => `${RBAC}/clusterroles`,
  ClusterRoleBinding: () => `${RBAC}/clusterrolebindings`,
  Role: (namespace) => `${RBAC}/namespaces/${namespace}/roles`,
  RoleBinding: (namespace) => `${RBAC}/namespaces/${namespace}/rolebindings`,
};

/** @returns the status of a request as weir, a GET if nothing else is said */
async function asWeir(options: Partial<RbacOptions>): Promise<(path: string, method?: string) => Promise<number>> {
  const api = createKubeApi({ access: { tokens: users }, definitions: weirDefinitions() });
  const call = async (token: string, path: string, body?: unknown, method = body === undefined ? "GET" : "POST") => {
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const headers = { authorization: `Bearer ${token}`, "content-type": type };
    const init = method === "GET" ? { headers } : { headers, method, body: JSON.stringify(body ?? {}) };
    const answer = await api.fetch(new Request(`http://cluster${path}`, init));
    await answer.text();
    return answer.status;
  };
  const plain: RbacOptions = { name: "weir", namespace: "default", namespaces: [], secrets: undefined };
  for (const object of parseAll(rbacManifests({ ...plain, ...options }))) {
    const path = collections[textAt(object, "kind") ?? ""]?.(textAt(object, "metadata", "namespace") ?? "");
    assert.ok(path);
    assert.equal(await call("admin", path, object), 201);
  }
  return (path, method) => call("weir", path, undefined, method);
}

const everything = [
  ...crdResources,
  ...ingressResources,
  ...onDemandResources({ disableClusterScopeResources: false }),
];

test("with the cluster role weir can list everything that it reads, and nothing else", async () => {
  const get = await asWeir({});
  for (const resource of everything) assert.equal(await get(collectionPath(resource, undefined)), 200, resource.plural);
  for (const path of ["/api/v1/pods", "/apis/apps/v1/deployments", `${RBAC}/clusterroles`]) {
    assert.equal(await get(path), 403, path);
  }
});

test("with roles weir can list in the namespaces that it reads, and nowhere else", async () => {
  const get = await asWeir({ namespaces: ["kube-public"] });
  for (const resource of everything.filter(({ clusterScoped }) => clusterScoped !== true)) {
    assert.equal(await get(collectionPath(resource, "kube-public")), 200, resource.plural);
    assert.equal(await get(collectionPath(resource, "kube-system")), 403, resource.plural);
  }
});

test("with named Secrets weir can list those by name, and no others", async () => {
  const get = await asWeir({ secrets: ["tls", "kube-public/users"] });
  const named = (namespace: string, name: string) =>
    get(`/api/v1/namespaces/${namespace}/secrets?fieldSelector=metadata.name%3D${name}`);
  assert.equal(await named("default", "tls"), 200);
  assert.equal(await named("kube-public", "users"), 200);
  assert.equal(await named("default", "users"), 403);
  assert.equal(await get("/api/v1/namespaces/default/secrets"), 403);
});

const shop = "/api/v1/namespaces/kube-public";
const writes = [
  ["POST", `${shop}/events`, "weir may tell of faulty objects"],
  ["PATCH", `${shop}/events/x`, "and count"],
  ["PUT", "/apis/networking.k8s.io/v1/namespaces/kube-public/ingresses/x/status", "weir may publish its addresses"],
  ["POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases", "weir may elect a leader"],
  ["GET", "/apis/coordination.k8s.io/v1/namespaces/default/leases/LEASE", "which it looks at"],
  ["PUT", "/apis/coordination.k8s.io/v1/namespaces/default/leases/LEASE", "and renews"],
] as const;
const others = [
  ["POST", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", "leases of others"],
  ["PUT", "/apis/coordination.k8s.io/v1/namespaces/default/leases/other", "leases of others"],
  ["PUT", "/apis/networking.k8s.io/v1/namespaces/kube-public/ingresses/x", "Ingresses themselves"],
  ["DELETE", `${shop}/events/x`, "events, to delete them"],
] as const;

for (const namespaces of [[], ["kube-public"]]) {
  test(`with ${namespaces.length === 0 ? "the cluster role" : "roles"} weir can write what it writes, and nothing else`, async () => {
    const lease = defaultLeaseName({ namespaces });
    const ask = await asWeir({ namespaces });
    for (const [method, path, what] of writes) {
      assert.notEqual(await ask(path.replace("LEASE", lease), method), 403, what);
    }
    for (const [method, path, what] of others) assert.equal(await ask(path, method), 403, what);
  });
}
