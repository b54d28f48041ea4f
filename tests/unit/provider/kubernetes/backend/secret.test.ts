// What Secrets and ConfigMaps hold, and what is said of those that hold something else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { basicUsersOf, usersOf } from "../../../../../src/provider/kubernetes/backend/credentials.ts";
import {
  authoritiesOf,
  keyPairOf,
  parseConfigMap,
  parseSecret,
  type Read,
  type Values,
} from "../../../../../src/provider/kubernetes/backend/secret.ts";
import { toKubeObject } from "../../../../../src/provider/kubernetes/store/object.ts";

const names = { apiVersion: "v1", kind: "Secret" };

function objectOf(fields: Readonly<Record<string, unknown>>) {
  const object = toKubeObject({ metadata: { name: "s", namespace: "n" }, ...fields }, names);
  assert.ok(object !== undefined);
  return object;
}

function valuesOf(texts: Readonly<Record<string, string>>, type = "Opaque"): Values {
  const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, btoa(text)]));
  const { value } = parseSecret(objectOf({ type, data }));
  assert.ok(value !== undefined);
  return value;
}

/** The value, or what is wrong. */
function told(read: Read<unknown>): unknown {
  return "value" in read ? read.value : read.problem.message;
}

const certificate = "-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n";
const privateKey = "-----BEGIN RSA PRIVATE KEY-----\nZm9v\n-----END RSA PRIVATE KEY-----\n";

test("parseSecret() decodes base64, and names what is not without quoting it", () => {
  const { value, problems } = parseSecret(objectOf({ type: "x", data: { a: btoa("text"), b: "", c: null } }));
  assert.deepEqual([...value ?? []], [["a", "text"], ["b", ""], ["c", ""]]);
  assert.equal(value?.type, "x");
  assert.deepEqual(problems, []);
  const utf8 = parseSecret(objectOf({ data: { a: "w7w=" } }));
  assert.equal(utf8.value?.get("a"), "ü");
  const bad = parseSecret(objectOf({ data: { "tls.key": "canary!", n: 5, fine: "" } }));
  assert.equal(bad.value, undefined);
  assert.deepEqual(bad.problems.map(({ message, path }) => [message, path]), [
    ['"tls.key" must be base64', ["data", "tls.key"]],
    ['"n" must be base64', ["data", "n"]],
  ]);
  for (const data of ["text", [], 5]) assert.equal(parseSecret(objectOf({ data })).value, undefined, String(data));
  assert.equal(parseSecret(objectOf({})).value?.size, 0);
});

test("parseConfigMap() takes text as it is", () => {
  assert.equal(parseConfigMap(objectOf({ data: { a: "not base64!" } })).value?.get("a"), "not base64!");
});

test("keyPairOf() and authoritiesOf() want PEM under Traefik's keys", () => {
  const pair = { "tls.crt": certificate, "tls.key": privateKey };
  assert.deepEqual(told(keyPairOf(valuesOf(pair))), { certificate, privateKey });
  assert.equal(told(keyPairOf(valuesOf({ ...pair, "tls.key": "" }))), 'it has no "tls.key"');
  assert.equal(told(keyPairOf(valuesOf({ ...pair, "tls.crt": "x" }))), 'its "tls.crt" is not a PEM certificate');
  assert.equal(told(keyPairOf(valuesOf({}))), 'it has no "tls.crt"');
  assert.equal(told(authoritiesOf(valuesOf({ "ca.crt": certificate }))), certificate);
  assert.equal(told(authoritiesOf(valuesOf({ "tls.ca": certificate, "ca.crt": "x" }))), certificate, "Traefik's order");
  assert.equal(told(authoritiesOf(valuesOf({ other: certificate }))), 'it has neither "tls.ca" nor "ca.crt"');
});

test("usersOf() and basicUsersOf() read users as Traefik does", () => {
  const list = valuesOf({ any: "anna:x\n\n# nobody\n  bert:y:z \r\n" });
  assert.deepEqual(told(usersOf(list)), ["anna:x", "bert:y:z"]);
  assert.deepEqual(told(basicUsersOf(list)), ["anna:x", "bert:y:z"]);
  const typed = valuesOf({ username: "anna", password: "password" }, "kubernetes.io/basic-auth");
  assert.deepEqual(told(basicUsersOf(typed)), ["anna:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="]);
  const lacking = valuesOf({ username: "anna" }, "kubernetes.io/basic-auth");
  assert.equal(told(basicUsersOf(lacking)), 'it has no "password"');
  assert.equal(told(usersOf(valuesOf({ any: "\n# nobody\n" }))), "it has no users");
  assert.equal(told(usersOf(valuesOf({}))), "it must have exactly one key, with one user per line, and has 0");
  assert.match(String(told(usersOf(valuesOf({ a: "a:b", b: "a:b" })))), /has 2$/);
});
