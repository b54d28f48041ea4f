// Nobody may give away rights they do not have: roles and bindings are compared with the rights of their author.

import { type JsonObject, textAt } from "../json.ts";
import type { Kind } from "../kube/kind.ts";
import { nameOf, namespaceOf } from "../kube/object.ts";
import { forbidden, StatusError } from "../kube/status.ts";
import { type PolicyRule, type Rbac, rulesIn } from "./rbac.ts";
import type { User } from "./user.ts";

const GROUP = "rbac.authorization.k8s.io";

/** Whether writes of a kind hand out rights. */
export function givesRights({ group, kind }: Kind): boolean {
  return group === GROUP && /^(Cluster)?Role(Binding)?$/.test(kind);
}

/**
 * Checks that a user may write a role or binding.
 * @throws {StatusError} 403 with the rights that are missing
 */
export function checkEscalation(rbac: Rbac, user: User, kind: Kind, object: JsonObject): void {
  const namespace = namespaceOf(object);
  const isBinding = kind.kind.endsWith("Binding");
  const role = isBinding ? roleOf(object, namespace) : { namespace, plural: kind.plural, name: nameOf(object) };
  if (mayAnyway(rbac, user, isBinding ? "bind" : "escalate", role)) return;
  const rules = isBinding ? rbac.rulesOfRole(object, namespace) : rulesIn(object);
  if (rules === undefined) throw missingRole(object);
  const held = rbac.rulesOf(user, namespace).rules;
  const missing = rules.flatMap(singles).filter((single) => !held.some((rule) => includes(rule, single)));
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(" ");
  const list = compacted(missing).map(ruleText).sort().join("\n");
  const who = `user ${JSON.stringify(user.name)} (groups=[${groups}])`;
  throw forbidden(kind, nameOf(object), `${who} is attempting to grant RBAC permissions not currently held:\n${list}`);
}

interface RoleName {
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
}

function roleOf(binding: JsonObject, namespace: string): RoleName {
  const plural = textAt(binding, "roleRef", "kind") === "Role" ? "roles" : "clusterroles";
  return { namespace, plural, name: textAt(binding, "roleRef", "name") ?? "" };
}

/** The verbs `escalate` and `bind` lift the check. */
function mayAnyway(rbac: Rbac, user: User, verb: string, { namespace, plural, name }: RoleName): boolean {
  const resource = { group: GROUP, namespace, resource: plural, name, subresource: "" };
  return rbac.decide(user, { verb, path: "", resource }).allowed;
}

function missingRole(binding: JsonObject): StatusError {
  const { plural, name } = roleOf(binding, "");
  const message = `${plural}.${GROUP} ${JSON.stringify(name)} not found`;
  return new StatusError(404, "NotFound", message, { name, group: GROUP, kind: plural });
}

/** A rule as rules of one verb, one group, one resource and one name. */
function singles(rule: PolicyRule): PolicyRule[] {
  const names = rule.resourceNames.length === 0 ? [[]] : rule.resourceNames.map((name) => [name]);
  const none = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
  return rule.verbs.flatMap((verb) => [
    ...rule.apiGroups.flatMap((group) =>
      rule.resources.flatMap((resource) =>
        names.map((resourceNames) => ({
          ...none,
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          resourceNames,
        }))
      )
    ),
    ...rule.nonResourceURLs.map((url) => ({ ...none, verbs: [verb], nonResourceURLs: [url] })),
  ]);
}

/** Whether a rule gives all that a single one does. */
function includes(rule: PolicyRule, single: PolicyRule): boolean {
  const has = (list: readonly string[], wanted: readonly string[]) =>
    list.includes("*") || wanted.every((item) => list.includes(item));
  if (!has(rule.verbs, single.verbs)) return false;
  if (single.nonResourceURLs.length > 0) {
    return single.nonResourceURLs.every((url) =>
      rule.nonResourceURLs.some((own) =>
        own === "*" || own === url || (own.endsWith("*") && url.startsWith(own.slice(0, -1)))
      )
    );
  }
  const named = rule.resourceNames.length === 0 ||
    (single.resourceNames.length > 0 && single.resourceNames.every((name) => rule.resourceNames.includes(name)));
  return named && has(rule.apiGroups, single.apiGroups) && has(rule.resources, single.resources);
}

/** Rules that differ in their verbs only become one. */
function compacted(rules: readonly PolicyRule[]): PolicyRule[] {
  const byRest = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { verbs, ...rest } = rule;
    const key = JSON.stringify(rest);
    const known = byRest.get(key);
    byRest.set(key, { ...rule, verbs: [...(known?.verbs ?? []), ...verbs] });
  }
  return [...byRest.values()];
}

function ruleText(rule: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ["APIGroups", rule.apiGroups],
    ["Resources", rule.resources],
    ["ResourceNames", rule.resourceNames],
    ["NonResourceURLs", rule.nonResourceURLs],
    ["Verbs", rule.verbs],
  ];
  const texts = parts.filter(([, list]) => list.length > 0).map(([name, list]) => {
    return `${name}:[${list.map((item) => JSON.stringify(item)).join(" ")}]`;
  });
  return `{${texts.join(", ")}}`;
}
