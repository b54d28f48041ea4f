// The rights weir needs in a cluster, and no more: a service account, and roles that say why each rule is there.

import { stringify } from "#yaml";
import { neededResources } from "./needed-resources.ts";
import { traefikGroups } from "../traefik-group.ts";
import { defaultLeaseName } from "../write-back/lease-name.ts";

/** What the roles are made for. */
export interface RbacOptions {
  /** Of the service account, and of the roles. */
  readonly name: string;
  /** Where weir runs. */
  readonly namespace: string;
  /** The namespaces that weir reads; none: all of them, and the cluster's own objects. */
  readonly namespaces: readonly string[];
  /** The only Secrets that weir may read, as `name` or `namespace/name`; undefined: all. */
  readonly secrets: readonly string[] | undefined;
  /** Names of the leases that replicas share. Default: the one that weir takes when it reads those namespaces. */
  readonly leases?: readonly string[] | undefined;
}

interface Rule {
  /** One line of comment each. */
  readonly why: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const READ = ["get", "list", "watch"] as const;
const RBAC = "rbac.authorization.k8s.io";

/** The manifests, as YAML with comments. */
export function rbacManifests(options: RbacOptions): string {
  const { name, namespace, namespaces } = options;
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } };
  const roles = namespaces.length === 0
    ? [...clusterRole(options), ...placedSecrets(options)]
    : namespaces.flatMap((each) => role(`${name}-routes`, each, routeRules(options, each), options));
  return [stringify(account), ...roles, ...role(name, namespace, ownRules(options), options)].join("---\n");
}

function clusterRole(options: RbacOptions): string[] {
  const { name } = options;
  const head = { apiVersion: `${RBAC}/v1`, kind: "ClusterRole", metadata: { name } };
  const binding = {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
    subjects: [subject(options)],
  };
  return [withRules(head, routeRules(options, undefined)), stringify(binding)];
}

function role(name: string, namespace: string, rules: readonly Rule[], options: RbacOptions): string[] {
  const metadata = { name, namespace };
  const binding = {
    apiVersion: `${RBAC}/v1`,
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: RBAC, kind: "Role", name },
    subjects: [subject(options)],
  };
  return [withRules({ apiVersion: `${RBAC}/v1`, kind: "Role", metadata }, rules), stringify(binding)];
}

function subject({ name, namespace }: RbacOptions) {
  return { kind: "ServiceAccount", name, namespace };
}

/** @param namespace undefined: the whole cluster */
function routeRules(options: RbacOptions, namespace: string | undefined): Rule[] {
  const needed = neededResources(namespace === undefined);
  const secretRule = secretRules(options, namespace);
  return [
    {
      why: ["What weir serves: Traefik's kinds, in the group of version 3 and in that of version 2."],
      apiGroups: traefikGroups,
      resources: needed.traefik,
      verbs: READ,
    },
    {
      why: [
        "Where it sends to. ConfigMaps hold certificate authorities of servers" +
        (namespace === undefined ? "; the addresses of Nodes are for nodePortLB." : "."),
      ],
      apiGroups: [""],
      resources: needed.core,
      verbs: READ,
    },
    {
      why: ["The servers behind Services."],
      apiGroups: ["discovery.k8s.io"],
      resources: needed.discovery,
      verbs: READ,
    },
    {
      why: ["Ingresses; clusters before 1.22 have them in `extensions`, too."],
      apiGroups: needed.ingressGroups,
      resources: needed.networking,
      verbs: READ,
    },
    {
      why: ["Addresses of weir are written into the status of Ingresses."],
      apiGroups: needed.ingressGroups,
      resources: ["ingresses/status"],
      verbs: ["update"],
    },
    ...secretRule,
    {
      why: ["What is wrong with an object is told as an event of it: `kubectl describe` shows it."],
      apiGroups: [""],
      resources: ["events"],
      verbs: ["create", "patch"],
    },
  ];
}

/** Certificates, users and passwords. Listing one Secret by its name counts as a right to that name. */
function secretRules({ secrets, namespaces }: RbacOptions, namespace: string | undefined): Rule[] {
  const why = ["Certificates, users and passwords. weir asks for the Secrets by name that its objects refer to."];
  if (secrets === undefined) {
    const hint = "Where the names are known, --secrets gives rights to those and no others.";
    return [{ why: [...why, hint], apiGroups: [""], resources: ["secrets"], verbs: READ }];
  }
  const names = secrets.filter((secret) => isFor(secret, namespace, namespaces)).map(nameOf);
  if (names.length === 0) return [];
  return [{ why, apiGroups: [""], resources: ["secrets"], resourceNames: names, verbs: READ }];
}

/** A name without a namespace is meant for all of them. */
function isFor(secret: string, namespace: string | undefined, namespaces: readonly string[]): boolean {
  if (!secret.includes("/")) return namespace === undefined || namespaces.includes(namespace);
  return secret.slice(0, secret.indexOf("/")) === namespace;
}

function nameOf(secret: string): string {
  return secret.slice(secret.indexOf("/") + 1);
}

/** Beside a ClusterRole, Secrets of one namespace need a Role in it. */
function placedSecrets(options: RbacOptions): string[] {
  const placed = (options.secrets ?? []).filter((secret) => secret.includes("/"));
  const namespaces = [...new Set(placed.map((secret) => secret.slice(0, secret.indexOf("/"))))];
  return namespaces.flatMap((each) => role(`${options.name}-secrets`, each, secretRules(options, each), options));
}

/** Rights in the namespace where weir runs. */
function ownRules({ name, namespace, namespaces, leases = [defaultLeaseName({ namespaces })] }: RbacOptions): Rule[] {
  const shared = { apiGroups: ["coordination.k8s.io"], resources: ["leases"] };
  const isRead = namespaces.length === 0 || namespaces.includes(namespace);
  return [
    {
      why: ["Of several replicas, the one that holds this lease writes statuses and events."],
      ...shared,
      resourceNames: leases,
      verbs: ["get", "update"],
    },
    { why: ["The name of what is created can't be limited."], ...shared, verbs: ["create"] },
    ...isRead ? [] : [{
      why: ["The Service in front of weir: its addresses may be published in the status of Ingresses."],
      apiGroups: [""],
      resources: ["services"],
      resourceNames: [name],
      verbs: READ,
    }],
  ];
}

/** A role as YAML, each rule under its comment. */
function withRules(head: Readonly<Record<string, unknown>>, rules: readonly Rule[]): string {
  const texts = rules.map(({ why, ...rule }) => {
    const comment = why.map((line) => `  # ${line}\n`).join("");
    return comment + stringify([rule]).replace(/^(?=.)/gm, "  ");
  });
  return `${stringify(head)}rules:\n${texts.join("")}`;
}
