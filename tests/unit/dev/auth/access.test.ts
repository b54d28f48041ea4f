// Unit tests of who may do what: tokens, RBAC, impersonation, reviews, tokens of service accounts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubeApi, type KubeApi } from "../../../../src/dev/api/kube-api.ts";
import { listAt, textAt, valueAt } from "../../../../src/dev/json.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const AUTHORIZATION = "/apis/authorization.k8s.io/v1";
const SERVICES = "/api/v1/namespaces/default/services";

function start(): KubeApi {
  return createKubeApi({
    access: {
      tokens: {
        "t-admin": { name: "admin", groups: ["system:masters"] },
        "t-alice": { name: "alice", uid: "u1", groups: ["dev"] },
        "t-bob": { name: "bob" },
      },
      certificateUser: (request) => {
        const name = request.headers.get("x-test-certificate");
        return name === null ? undefined : { name, groups: ["ops"] };
      },
    },
  });
}

interface Asked {
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

async function call(api: KubeApi, line: string, { as, headers = {}, body }: Asked = {}) {
  const [method = "", path = ""] = line.split(" ");
  const response = await api.fetch(
    new Request(`http://cluster${path}`, {
      method,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  const value: unknown = text.startsWith("{") ? JSON.parse(text) : text;
  return { status: response.status, body: value, message: textAt(value, "message") };
}

async function grant(api: KubeApi, rules: readonly object[], subject: object): Promise<void> {
  const role = { metadata: { name: "r" }, rules };
  const binding = {
    metadata: { name: "b" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
    subjects: [subject],
  };
  const place = `${RBAC}/namespaces/default`;
  assert.equal((await call(api, `POST ${place}/roles`, { as: "t-admin", body: role })).status, 201);
  assert.equal((await call(api, `POST ${place}/rolebindings`, { as: "t-admin", body: binding })).status, 201);
}

const readers = [{ apiGroups: [""], resources: ["services"], verbs: ["get", "list"] }];
const dev = { kind: "Group", name: "dev", apiGroup: "rbac.authorization.k8s.io" };

test("wrong credentials are 401, none or unknown ones are anonymous", async () => {
  const api = start();
  assert.equal((await call(api, "GET /version", { as: "nope" })).status, 401);
  for (const authorization of ["Basic eDp5", "Bearer ", ""]) {
    const answer = await call(api, `GET ${SERVICES}`, { headers: { authorization } });
    assert.equal(answer.status, 403);
    assert.match(answer.message ?? "", /User "system:anonymous" cannot list resource "services"/);
  }
  assert.equal((await call(api, "GET /version")).status, 200);
});

test("refusals come before anything else, in a real server's words", async () => {
  const api = start();
  const rows: [line: string, message: string][] = [
    [
      `GET ${SERVICES}`,
      'services is forbidden: User "bob" cannot list resource "services" in API group "" in the namespace "default"',
    ],
    [
      `GET ${SERVICES}?fieldSelector=metadata.name%3Dx`,
      'services "x" is forbidden: User "bob" cannot list resource "services" in API group "" in the namespace "default"',
    ],
    [
      "GET /apis/nope.io/v1/foos",
      'foos.nope.io is forbidden: User "bob" cannot list resource "foos" in API group "nope.io" at the cluster scope',
    ],
    [
      `PUT ${SERVICES}/x/status`,
      'services "x" is forbidden: User "bob" cannot update resource "services/status" in API group "" in the namespace "default"',
    ],
    ["GET /nope", 'forbidden: User "bob" cannot get path "/nope"'],
  ];
  for (const [line, message] of rows) {
    const answer = await call(api, line, { as: "t-bob" });
    assert.deepEqual([answer.status, answer.message], [403, message], line);
  }
});

test("roles give rights by group, user, account and name", async () => {
  const api = start();
  await grant(
    api,
    [...readers, { apiGroups: [""], resources: ["configmaps"], resourceNames: ["one"], verbs: ["get"] }],
    dev,
  );
  const status = async (line: string, asked: Asked) => (await call(api, line, asked)).status;
  const alice = { as: "t-alice" };
  assert.equal(await status(`GET ${SERVICES}`, alice), 200);
  assert.equal(await status("GET /api/v1/services", alice), 403);
  assert.equal(await status(`POST ${SERVICES}`, alice), 403);
  assert.equal(await status("GET /api/v1/namespaces/default/configmaps/one", alice), 404);
  assert.equal(await status("GET /api/v1/namespaces/default/configmaps/two", alice), 403);
  assert.equal(await status(`GET ${SERVICES}`, { headers: { "x-test-certificate": "carol" } }), 403);
});

test("a binding to a role that is not there is named", async () => {
  const api = start();
  const binding = {
    metadata: { name: "b" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "gone" },
  };
  const subjects = [{ kind: "User", name: "bob", apiGroup: "rbac.authorization.k8s.io" }];
  const path = `${RBAC}/namespaces/default/rolebindings`;
  const kind = api.kinds.builtIn("RoleBinding");
  api.store.put(kind, { ...binding, metadata: { name: "b", namespace: "default" }, subjects });
  assert.match(
    (await call(api, `GET ${path}`, { as: "t-bob" })).message ?? "",
    /: RBAC: role\.rbac\.authorization\.k8s\.io "gone" not found$/,
  );
});

test("nobody gives away what they do not have", async () => {
  const api = start();
  const maker = { apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"], verbs: ["create"] };
  await grant(api, [...readers, maker], dev);
  const role = {
    metadata: { name: "r2" },
    rules: [{ apiGroups: [""], resources: ["secrets", "services"], verbs: ["get"] }],
  };
  const answer = await call(api, `POST ${RBAC}/namespaces/default/roles`, { as: "t-alice", body: role });
  assert.equal(answer.status, 403);
  assert.match(
    answer.message ?? "",
    /not currently held:\n\{APIGroups:\[""\], Resources:\["secrets"\], Verbs:\["get"\]\}$/,
  );
  const small = { metadata: { name: "r3" }, rules: [{ apiGroups: [""], resources: ["services"], verbs: ["get"] }] };
  assert.equal((await call(api, `POST ${RBAC}/namespaces/default/roles`, { as: "t-alice", body: small })).status, 201);
});

test("users act for others where they may", async () => {
  const api = start();
  await grant(api, readers, dev);
  const as = (user: string, group?: string) => ({
    "impersonate-user": user,
    ...(group === undefined ? {} : { "impersonate-group": group }),
  });
  assert.equal((await call(api, `GET ${SERVICES}`, { as: "t-admin", headers: as("dave", "dev") })).status, 200);
  const refused = await call(api, `GET ${SERVICES}`, { as: "t-admin", headers: as("dave") });
  assert.match(refused.message ?? "", /User "dave" cannot list/);
  const bob = await call(api, `GET ${SERVICES}`, { as: "t-bob", headers: as("dave") });
  assert.match(bob.message ?? "", /^users "dave" is forbidden: User "bob" cannot impersonate resource "users"/);
  const headless = await call(api, `GET ${SERVICES}`, { as: "t-admin", headers: { "impersonate-group": "dev" } });
  assert.equal(headless.status, 500);
  assert.match(
    String(headless.body),
    /^Internal Server Error: .* requested \[\{Group {2}dev {4}\}\] without impersonating a user/,
  );
});

test("reviews tell rights and their reason", async () => {
  const api = start();
  await grant(api, readers, dev);
  const review = async (as: string, spec: object, kind = "selfsubjectaccessreviews") =>
    (await call(api, `POST ${AUTHORIZATION}/${kind}`, { as, body: { spec } })).body;
  const list = { resourceAttributes: { namespace: "default", verb: "list", resource: "services" } };
  assert.deepEqual(valueAt(await review("t-alice", list), "status"), {
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "b/default" of Role "r" to Group "dev"',
  });
  assert.deepEqual(valueAt(await review("t-bob", list), "status"), { allowed: false });
  const rules = await review("t-alice", { namespace: "default" }, "selfsubjectrulesreviews");
  assert.ok(listAt(rules, "status", "resourceRules").length === 3, JSON.stringify(rules));
  assert.equal(valueAt(rules, "status", "incomplete"), false);
});

test("a service account gets a token that is good until the account goes", async () => {
  const api = start();
  const accounts = "/api/v1/namespaces/default/serviceaccounts";
  await call(api, `POST ${accounts}`, { as: "t-admin", body: { metadata: { name: "edge" } } });
  await grant(api, readers, { kind: "ServiceAccount", name: "edge", namespace: "default" });
  const ask = (spec: object) => call(api, `POST ${accounts}/edge/token`, { as: "t-admin", body: { spec } });
  const token = textAt((await ask({})).body, "status", "token") ?? "";
  assert.equal((await call(api, `GET ${SERVICES}`, { as: token })).status, 200);
  const secrets = await call(api, "GET /api/v1/namespaces/default/secrets", { as: token });
  assert.match(secrets.message ?? "", /User "system:serviceaccount:default:edge" cannot list resource "secrets"/);
  const other = textAt((await ask({ audiences: ["other"] })).body, "status", "token") ?? "";
  assert.equal((await call(api, `GET ${SERVICES}`, { as: other })).status, 401);
  const forged = `${token.slice(0, -4)}AAAA`;
  assert.equal((await call(api, `GET ${SERVICES}`, { as: forged })).status, 401);
  const tokens = "/apis/authentication.k8s.io/v1/tokenreviews";
  const seen = await call(api, `POST ${tokens}`, { as: "t-admin", body: { spec: { token } } });
  assert.equal(valueAt(seen.body, "status", "user", "username"), "system:serviceaccount:default:edge");
  await call(api, `DELETE ${accounts}/edge`, { as: "t-admin" });
  assert.equal((await call(api, `GET ${SERVICES}`, { as: token })).status, 401);
});

test("without access options everybody may do everything", async () => {
  const api = createKubeApi();
  assert.equal((await call(api, `GET ${SERVICES}`, { as: "whatever" })).status, 200);
});
