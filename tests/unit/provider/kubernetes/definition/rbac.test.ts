// Unit tests of the roles: what they give, where, and that each rule says why.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAll } from "#yaml";
import { listAt, textAt, valueAt } from "../../../../../src/dev/json.ts";
import { rbacManifests, type RbacOptions } from "../../../../../src/provider/kubernetes/definition/rbac.ts";
import { defaultLeaseName } from "../../../../../src/provider/kubernetes/write-back/lease-name.ts";

const plain: RbacOptions = { name: "weir", namespace: "weir", namespaces: [], secrets: undefined };

const titleOf = (object: unknown): string => {
  const namespace = textAt(object, "metadata", "namespace");
  return [textAt(object, "kind"), namespace, textAt(object, "metadata", "name")].filter((part) => part !== undefined)
    .join(" ");
};

const objectsOf = (options: Partial<RbacOptions>) => parseAll(rbacManifests({ ...plain, ...options }));

/** `resources: verbs` of an object's rules, with names. */
function rulesOf(object: unknown): string[] {
  return listAt(object, "rules").map((rule) => {
    const part = (name: string) => listAt(rule, name).join(",");
    const names = part("resourceNames");
    return `${part("resources")}${names === "" ? "" : `[${names}]`}: ${part("verbs")}`;
  });
}

test("rbacManifests() gives a cluster role for all namespaces, and a role where weir runs", () => {
  const objects = objectsOf({});
  assert.deepEqual(objects.map(titleOf), [
    "ServiceAccount weir weir",
    "ClusterRole weir",
    "ClusterRoleBinding weir",
    "Role weir weir",
    "RoleBinding weir weir",
  ]);
  const rules = rulesOf(objects[1]);
  assert.ok(rules.includes("secrets: get,list,watch"));
  assert.ok(rules.includes("ingresses/status: update"));
  assert.ok(rules.includes("events: create,patch"));
  assert.ok(rules.some((rule) => /^ingressclasses,ingresses: get,list,watch$/.test(rule)));
  assert.deepEqual(rulesOf(objects[3]), ["leases[weir]: get,update", "leases: create"]);
});

test("rbacManifests() gives the leases that weir takes, and its own Service where weir reads other namespaces", () => {
  const rulesOfLast = (options: Partial<RbacOptions>) => rulesOf(objectsOf(options).at(-2));
  assert.deepEqual(rulesOfLast({ name: "edge" })[0], "leases[weir]: get,update", "whatever the account is called");
  assert.deepEqual(rulesOfLast({ leases: ["weir-in", "weir-out"] })[0], "leases[weir-in,weir-out]: get,update");
  const [leases, , service] = rulesOfLast({ namespaces: ["shop"] });
  assert.equal(leases, `leases[${defaultLeaseName({ namespaces: ["shop"] })}]: get,update`);
  assert.equal(service, "services[weir]: get,list,watch");
  assert.equal(rulesOfLast({ namespaces: ["shop", "weir"] }).length, 2);
});

test("rbacManifests() gives nothing but reading, except where weir writes", () => {
  const verbs = new Set(
    objectsOf({}).flatMap((object) => listAt(object, "rules")).flatMap((rule) => listAt(rule, "verbs")),
  );
  assert.deepEqual([...verbs].sort(), ["create", "get", "list", "patch", "update", "watch"]);
});

test("rbacManifests() gives roles in the namespaces that are read, and none in the cluster", () => {
  const objects = objectsOf({ name: "edge", namespace: "infra", namespaces: ["a", "b"] });
  assert.deepEqual(objects.map(titleOf), [
    "ServiceAccount infra edge",
    "Role a edge-routes",
    "RoleBinding a edge-routes",
    "Role b edge-routes",
    "RoleBinding b edge-routes",
    "Role infra edge",
    "RoleBinding infra edge",
  ]);
  assert.deepEqual(valueAt(objects[2], "subjects", 0), { kind: "ServiceAccount", name: "edge", namespace: "infra" });
  const rules = rulesOf(objects[1]);
  assert.ok(!rules.some((rule) => rule.includes("ingressclasses") || rule.includes("nodes")));
  assert.ok(rules.includes("ingresses: get,list,watch"));
});

test("rbacManifests() names the Secrets where they are known", () => {
  const [, first, , second] = objectsOf({ namespaces: ["a", "b"], secrets: ["tls", "b/users"] });
  assert.deepEqual(rulesOf(first).filter((rule) => rule.startsWith("secrets")), ["secrets[tls]: get,list,watch"]);
  assert.deepEqual(rulesOf(second).filter((rule) => rule.startsWith("secrets")), [
    "secrets[tls,users]: get,list,watch",
  ]);
  const cluster = objectsOf({ secrets: ["b/users"] });
  assert.deepEqual(rulesOf(cluster[1]).filter((rule) => rule.startsWith("secrets")), []);
  assert.equal(titleOf(cluster[3]), "Role b weir-secrets");
  assert.deepEqual(rulesOf(cluster[3]), ["secrets[users]: get,list,watch"]);
});

test("rbacManifests() explains every rule", () => {
  for (const options of [{}, { namespaces: ["a"] }, { secrets: ["b/users"] }]) {
    const text = rbacManifests({ ...plain, ...options });
    const rules = text.match(/^ {2}- apiGroups:/gm)?.length ?? 0;
    const explained = text.match(/^ {2}# .*\n {2}- apiGroups:/gm)?.length ?? 0;
    assert.ok(rules > 0);
    assert.equal(explained, rules);
  }
});
