// Rights out of the Role, ClusterRole and binding objects in the store, as Kubernetes' RBAC authoriser reads them.

import { type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import type { KindRegistry } from "../kube/kind-registry.ts";
import type { ObjectStore } from "../kube/object-store.ts";
import { type KubeObject, nameOf, namespaceOf } from "../kube/object.ts";
import type { RequestInfo, ResourcePath } from "./request-info.ts";
import { MASTERS, type User } from "./user.ts";

/** One rule of a role; absent lists are empty. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** What authorisation looks at. */
export type Attributes = Pick<RequestInfo, "verb" | "path"> & {
  readonly resource: Omit<ResourcePath, "version" | "tail"> | undefined;
};

/** What authorisation found. */
export interface Decision {
  readonly allowed: boolean;
  /** Which binding allows it, or which roles are missing; empty when there is nothing to say. */
  readonly reason: string;
}

/** The rules that hold for a user. */
export interface UserRules {
  readonly rules: readonly PolicyRule[];
  /** Roles that bindings name and that are not there. */
  readonly missing: readonly string[];
}

/** Decides who may do what. */
export class Rbac {
  readonly #store: ObjectStore;
  readonly #kinds: KindRegistry;

  constructor(store: ObjectStore, kinds: KindRegistry) {
    this.#store = store;
    this.#kinds = kinds;
  }

  /** Whether a user may make a request. */
  decide(user: User, attributes: Attributes): Decision {
    if (user.groups.includes(MASTERS)) return { allowed: true, reason: "" };
    const missing: string[] = [];
    for (const grant of this.#grants(user, attributes.resource?.namespace ?? "")) {
      if (grant.rules === undefined) missing.push(grant.role);
      else if (grant.rules.some((rule) => covers(rule, attributes))) {
        return { allowed: true, reason: `RBAC: allowed by ${grant.title}` };
      }
    }
    if (missing.length === 0) return { allowed: false, reason: "" };
    return { allowed: false, reason: `RBAC: ${missing.length === 1 ? missing[0] : `[${missing.join(", ")}]`}` };
  }

  /** Everything a user may do in a namespace. */
  rulesOf(user: User, namespace: string): UserRules {
    const grants = [...this.#grants(user, namespace)];
    return {
      rules: grants.flatMap(({ rules = [] }) => rules),
      missing: grants.filter(({ rules }) => rules === undefined).map(({ role }) => role),
    };
  }

  /** The rules of the role that a binding names; undefined when it is not there. */
  rulesOfRole(binding: JsonObject, namespace: string): readonly PolicyRule[] | undefined {
    const kindName = textAt(binding, "roleRef", "kind") === "Role" ? "Role" : "ClusterRole";
    const place = kindName === "Role" ? namespace : "";
    const role = this.#store.get(this.#kinds.builtIn(kindName), place, textAt(binding, "roleRef", "name") ?? "");
    return role && rulesIn(role);
  }

  /** What each binding gives the user, those of the whole cluster first. */
  *#grants(user: User, namespace: string): IterableIterator<Grant> {
    const bindings = [
      ...this.#store.list(this.#kinds.builtIn("ClusterRoleBinding")),
      ...(namespace === "" ? [] : this.#store.list(this.#kinds.builtIn("RoleBinding"), namespace)),
    ];
    for (const binding of bindings) {
      const subject = listAt(binding, "subjects").find((each) => isSubject(each, user, namespaceOf(binding)));
      if (subject !== undefined) yield this.#grant(binding, subject);
    }
  }

  #grant(binding: KubeObject, subject: unknown): Grant {
    const namespace = namespaceOf(binding);
    const [kind, name] = [textAt(binding, "roleRef", "kind") ?? "", textAt(binding, "roleRef", "name") ?? ""];
    const place = namespace === "" ? nameOf(binding) : `${nameOf(binding)}/${namespace}`;
    const title = `${binding.kind} ${JSON.stringify(place)} of ${kind} ${JSON.stringify(name)} to ${
      subjectTitle(subject)
    }`;
    const role = `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;
    return { title, role, rules: this.rulesOfRole(binding, namespace) };
  }
}

interface Grant {
  readonly title: string;
  /** What is told of the role when it is missing. */
  readonly role: string;
  readonly rules: readonly PolicyRule[] | undefined;
}

/** The rules of a Role or ClusterRole. */
export function rulesIn(role: JsonObject): PolicyRule[] {
  return listAt(role, "rules").map((rule) => {
    const texts = (key: string) => listAt(rule, key).filter((item) => typeof item === "string");
    return {
      verbs: texts("verbs"),
      apiGroups: texts("apiGroups"),
      resources: texts("resources"),
      resourceNames: texts("resourceNames"),
      nonResourceURLs: texts("nonResourceURLs"),
    };
  });
}

function isSubject(subject: unknown, user: User, namespace: string): boolean {
  const name = textAt(subject, "name") ?? "";
  switch (textAt(subject, "kind")) {
    case "User":
      return user.name === name;
    case "Group":
      return user.groups.includes(name);
    case "ServiceAccount":
      return user.name === `system:serviceaccount:${textAt(subject, "namespace") ?? namespace}:${name}`;
    default:
      return false;
  }
}

function subjectTitle(subject: unknown): string {
  const [kind, name] = [textAt(subject, "kind") ?? "", textAt(subject, "name") ?? ""];
  const namespace = textAt(objectAt({ subject }, "subject"), "namespace");
  return `${kind} ${JSON.stringify(namespace === undefined ? name : `${name}/${namespace}`)}`;
}

/** Whether a rule allows a request. */
export function covers(rule: PolicyRule, { verb, path, resource }: Attributes): boolean {
  if (!has(rule.verbs, verb)) return false;
  if (resource === undefined) return rule.nonResourceURLs.some((pattern) => matchesPath(pattern, path));
  const { group, name, subresource } = resource;
  return has(rule.apiGroups, group) && hasResource(rule.resources, resource.resource, subresource) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(name));
}

function has(list: readonly string[], wanted: string): boolean {
  return list.includes("*") || list.includes(wanted);
}

function hasResource(list: readonly string[], resource: string, subresource: string): boolean {
  const wanted = subresource === "" ? resource : `${resource}/${subresource}`;
  return has(list, wanted) || (subresource !== "" && list.includes(`*/${subresource}`));
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === "*" || pattern === path || (pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1)));
}
