// Reviews: questions about rights, users and tokens, which a client creates and which are answered at once.

import type { Access } from "../auth/access.ts";
import type { Attributes, PolicyRule } from "../auth/rbac.ts";
import type { ResourcePath } from "../auth/request-info.ts";
import { ISSUER } from "../auth/service-account-tokens.ts";
import { AUTHENTICATED, type User } from "../auth/user.ts";
import { isObject, type JsonObject, listAt, objectAt, textAt } from "../json.ts";
import { createKind, type Kind } from "../kube/kind.ts";
import { timestamp } from "../kube/object.ts";
import { badRequest, type Cause, invalidNamed, methodNotAllowed } from "../kube/status.ts";
import { managerOf } from "../managed/manager-name.ts";
import { readObject } from "./body.ts";
import type { ApiContext } from "./context.ts";
import { jsonAnswer } from "./respond.ts";

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
  review("authentication.k8s.io/v1", "TokenReview"),
  review("authorization.k8s.io/v1", "LocalSubjectAccessReview", true),
  review("authorization.k8s.io/v1", "SelfSubjectAccessReview"),
  review("authorization.k8s.io/v1", "SelfSubjectRulesReview"),
  review("authorization.k8s.io/v1", "SubjectAccessReview"),
];

function review(groupVersion: string, kind: string, namespaced = false): ReviewResource {
  return { groupVersion, plural: `${kind.toLowerCase()}s`, kind, namespaced };
}

/** The review that a path names. */
export function findReview({ group, version, resource }: ResourcePath): ReviewResource | undefined {
  return reviewResources.find((each) => each.plural === resource && each.groupVersion === `${group}/${version}`);
}

/** Who asks, and what for. */
interface Asked {
  readonly request: Request;
  readonly user: User;
  readonly info: { readonly resource: ResourcePath };
}

/** POST of a review. @throws {StatusError} */
export async function answerReview(context: ApiContext, asked: ReviewResource, incoming: Asked): Promise<Response> {
  const { request, user, info } = incoming;
  const { namespace, name } = info.resource;
  if (request.method !== "POST" || name !== "" || (namespace === "") === asked.namespaced) throw methodNotAllowed();
  const { object: content } = await readObject(request, kindOf(asked));
  const answer = await answers[asked.kind]?.(context.access, { spec: objectAt(content, "spec"), user, namespace });
  const { spec = {}, status, owned = true } = answer ?? { status: {} };
  const metadata = {
    ...(asked.namespaced ? { namespace } : {}),
    creationTimestamp: null,
    ...(owned && Object.keys(spec).length > 0 ? { managedFields: [ownedSpec(request, asked.groupVersion, spec)] } : {}),
  };
  return jsonAnswer(request, { kind: asked.kind, apiVersion: asked.groupVersion, metadata, spec, status }, {
    status: 201,
  });
}

function kindOf({ groupVersion, kind, namespaced }: ReviewResource): Kind {
  return createKind(groupVersion, kind, { namespaced });
}

interface Question {
  readonly spec: JsonObject;
  readonly user: User;
  readonly namespace: string;
}

interface ReviewAnswer {
  /** What the answer repeats of the question. Default: nothing. */
  readonly spec?: JsonObject;
  readonly status: JsonObject;
  /** Whether the answer names the owner of its fields. Default: yes. */
  readonly owned?: boolean;
}

const answers: Readonly<Record<string, (access: Access, question: Question) => Promise<ReviewAnswer> | ReviewAnswer>> =
  {
    LocalSubjectAccessReview: (access, { spec, namespace }) => {
      const wanted = textAt(spec, "resourceAttributes", "namespace") ?? "";
      if (wanted !== namespace) {
        const message = `Invalid value: ${JSON.stringify(wanted)}: must match metadata.namespace: ${namespace}`;
        throw invalidSpec([{ reason: "FieldValueInvalid", message, field: "spec.resourceAttributes.namespace" }]);
      }
      return subjectAccess(access, spec);
    },
    SelfSubjectAccessReview: (access, { spec, user }) => decide(access, user, spec),
    SelfSubjectReview: (_access, { user }) => ({ status: { userInfo: userInfo(user) }, owned: false }),
    SelfSubjectRulesReview: (access, { spec, user }) => ({ status: rulesStatus(access, user, spec), owned: false }),
    SubjectAccessReview: (access, { spec }) => subjectAccess(access, spec),
    TokenReview: (access, { spec }) => tokenStatus(access, spec),
  };

function subjectAccess(access: Access, spec: JsonObject): ReviewAnswer {
  const groups = listAt(spec, "groups").filter((group) => typeof group === "string");
  const name = textAt(spec, "user") ?? "";
  if (name === "" && groups.length === 0) {
    const message = 'Invalid value: "null": at least one of user or group must be specified';
    throw invalidSpec([{ reason: "FieldValueInvalid", message, field: "spec.user" }]);
  }
  return decide(access, { name, uid: textAt(spec, "uid") ?? "", groups }, spec);
}

function decide(access: Access, user: User, spec: JsonObject): ReviewAnswer {
  const attributes = attributesOf(spec);
  const { allowed, reason } = access.authorizes ? access.rbac.decide(user, attributes) : { allowed: true, reason: "" };
  return { spec, status: { allowed, ...(reason === "" ? {} : { reason }) } };
}

/** @throws {StatusError} 422 unless exactly one kind of attributes is there */
function attributesOf(spec: JsonObject): Attributes {
  const [resource, path] = [spec["resourceAttributes"], spec["nonResourceAttributes"]];
  if (isObject(resource) && isObject(path)) {
    const shown = `authorization.NonResourceAttributes{Path:${JSON.stringify(textAt(path, "path") ?? "")}, ` +
      `Verb:${JSON.stringify(textAt(path, "verb") ?? "")}}`;
    const message = `Invalid value: ${shown}: cannot be specified in combination with resourceAttributes`;
    throw invalidSpec([{ reason: "FieldValueInvalid", message, field: "spec.nonResourceAttributes" }]);
  }
  if (isObject(path)) {
    return { verb: textAt(path, "verb") ?? "", path: textAt(path, "path") ?? "", resource: undefined };
  }
  if (!isObject(resource)) {
    const wanted = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    const message = `Invalid value: "null": ${wanted}`;
    throw invalidSpec([{ reason: "FieldValueInvalid", message, field: "spec.resourceAttributes" }]);
  }
  const text = (key: string) => textAt(resource, key) ?? "";
  return {
    verb: text("verb"),
    path: "",
    resource: {
      group: text("group"),
      namespace: text("namespace"),
      resource: text("resource"),
      subresource: text("subresource"),
      name: text("name"),
    },
  };
}

/** Such refusals name no kind. */
function invalidSpec(causes: readonly Cause[]) {
  return invalidNamed(".authorization.k8s.io", { group: "authorization.k8s.io", kind: "" }, "", causes);
}

const everything: PolicyRule = {
  verbs: ["*"],
  apiGroups: ["*"],
  resources: ["*"],
  resourceNames: [],
  nonResourceURLs: [],
};
const everyPath: PolicyRule = { ...everything, apiGroups: [], resources: [], nonResourceURLs: ["*"] };

function rulesStatus(access: Access, user: User, spec: JsonObject): JsonObject {
  const namespace = textAt(spec, "namespace") ?? "";
  if (namespace === "") throw badRequest("no namespace on request");
  const { rules, missing } = access.authorizes
    ? access.rbac.rulesOf(user, namespace)
    : { rules: [everything, everyPath], missing: [] };
  return {
    resourceRules: rules.filter(({ resources }) => resources.length > 0).map(ruleObject),
    nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs.length > 0).map(ruleObject),
    incomplete: missing.length > 0,
    ...(missing.length === 0 ? {} : { evaluationError: missing.join(", ") }),
  };
}

/** A rule without its empty lists. */
function ruleObject(rule: PolicyRule): JsonObject {
  return Object.fromEntries(Object.entries(rule).filter(([, list]) => list.length > 0));
}

async function tokenStatus(access: Access, spec: JsonObject): Promise<ReviewAnswer> {
  const token = textAt(spec, "token") ?? "";
  if (token === "") throw badRequest("token is required for TokenReview in authentication");
  const audiences = listAt(spec, "audiences").filter((each) => typeof each === "string");
  const identity = await access.authenticator.identify(token, audiences.length === 0 ? [ISSUER] : audiences);
  if (identity === undefined) return { spec, status: { user: {}, error: "invalid bearer token" } };
  const groups = [...identity.user.groups.filter((group) => group !== AUTHENTICATED), AUTHENTICATED];
  const user = { ...userInfo(identity.user), groups };
  return { spec, status: { authenticated: true, user, audiences: identity.audiences } };
}

function userInfo({ name, uid, groups, extra }: User): JsonObject {
  return {
    username: name,
    ...(uid === "" ? {} : { uid }),
    groups,
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** The owner of a review's specification: a real server notes it even on what it never stores. */
export function ownedSpec(request: Request, apiVersion: string, spec: JsonObject): JsonObject {
  const fields = Object.entries(spec).map(([key, value]) => [`f:${key}`, isObject(value) ? ownedStruct(value) : {}]);
  return {
    manager: managerOf(new URL(request.url).searchParams, request.headers.get("user-agent")),
    operation: "Update",
    apiVersion,
    time: timestamp(new Date()),
    fieldsType: "FieldsV1",
    fieldsV1: { "f:spec": Object.fromEntries(fields) },
  };
}

function ownedStruct(value: JsonObject): JsonObject {
  return { ".": {}, ...Object.fromEntries(Object.keys(value).map((key) => [`f:${key}`, {}])) };
}
