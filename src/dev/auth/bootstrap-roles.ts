// The roles and bindings that an API server with RBAC begins with, as far as users of an edge proxy meet them. (data)

import type { JsonObject } from "../json.ts";
import { AUTHENTICATED, MASTERS } from "./user.ts";

const GROUP = "rbac.authorization.k8s.io";
const PUBLIC_PATHS = ["/healthz", "/livez", "/readyz", "/version", "/version/"];
const DISCOVERY_PATHS = [
  "/api",
  "/api/*",
  "/apis",
  "/apis/*",
  "/healthz",
  "/livez",
  "/openapi",
  "/openapi/*",
  "/readyz",
];

interface BootstrapRole {
  readonly name: string;
  readonly rules: readonly JsonObject[];
  /** Groups that have it. */
  readonly groups: readonly string[];
}

const roles: readonly BootstrapRole[] = [
  {
    name: "cluster-admin",
    rules: [
      { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
      { verbs: ["*"], nonResourceURLs: ["*"] },
    ],
    groups: [MASTERS],
  },
  {
    name: "system:basic-user",
    rules: [
      {
        verbs: ["create"],
        apiGroups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
      },
      { verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] },
    ],
    groups: [AUTHENTICATED],
  },
  {
    name: "system:discovery",
    rules: [{ verbs: ["get"], nonResourceURLs: [...DISCOVERY_PATHS, "/version", "/version/"] }],
    groups: [AUTHENTICATED],
  },
  {
    name: "system:public-info-viewer",
    rules: [{ verbs: ["get"], nonResourceURLs: PUBLIC_PATHS }],
    groups: [AUTHENTICATED, "system:unauthenticated"],
  },
  {
    name: "system:service-account-issuer-discovery",
    rules: [{ verbs: ["get"], nonResourceURLs: ["/.well-known/openid-configuration", "/openid/v1/jwks"] }],
    groups: ["system:serviceaccounts"],
  },
];

/** ClusterRoles and ClusterRoleBindings. */
export const bootstrapObjects: readonly JsonObject[] = roles.flatMap(({ name, rules, groups }) => {
  const metadata = {
    name,
    annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
    labels: { "kubernetes.io/bootstrapping": "rbac-defaults" },
  };
  const apiVersion = `${GROUP}/v1`;
  const binding = {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata,
    roleRef: { apiGroup: GROUP, kind: "ClusterRole", name },
    subjects: groups.map((group) => ({ kind: "Group", apiGroup: GROUP, name: group })),
  };
  const role = { apiVersion, kind: "ClusterRole", metadata, rules };
  return [role, binding];
});
