// Access reviews: the embedded cluster has one user, who may do everything.

import type { JsonObject } from "../json.ts";

/** A review that a client creates and that is answered at once. */
export interface ReviewResource {
  readonly groupVersion: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The reviews that are answered. */
export const reviewResources: readonly ReviewResource[] = [
  review("authentication.k8s.io/v1", "SelfSubjectReview"),
  review("authorization.k8s.io/v1", "LocalSubjectAccessReview", true),
  review("authorization.k8s.io/v1", "SelfSubjectAccessReview"),
  review("authorization.k8s.io/v1", "SelfSubjectRulesReview"),
  review("authorization.k8s.io/v1", "SubjectAccessReview"),
];

function review(groupVersion: string, kind: string, namespaced = false): ReviewResource {
  return { groupVersion, plural: `${kind.toLowerCase()}s`, kind, namespaced };
}

const everything = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };

/** The answer to a review. */
export function answerReview({ kind, groupVersion }: ReviewResource): JsonObject {
  const title = { kind, apiVersion: groupVersion, metadata: { creationTimestamp: null }, spec: {} };
  switch (kind) {
    case "SelfSubjectReview":
      return { ...title, status: { userInfo: { username: "weir-dev", groups: ["system:masters"] } } };
    case "SelfSubjectRulesReview": {
      const nonResourceRules = [{ verbs: ["*"], nonResourceURLs: ["*"] }];
      return { ...title, status: { resourceRules: [everything], nonResourceRules, incomplete: false } };
    }
    default:
      return { ...title, status: { allowed: true } };
  }
}
