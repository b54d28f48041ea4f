// What counts as a secret, and what must stay readable.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isSecretName, redact } from "../../../src/telemetry/redact.ts";

test("isSecretName() knows secrets by name", () => {
  const secret = ["password", "Authorization", "Proxy-Authorization", "Cookie", "set-cookie", "users", "apiKey"];
  const also = ["x-api-key", "client_secret", "hmacEncoded", "key", "bearerToken", "privateKey"];
  const open = ["headerField", "name", "url", "cookies", "keyType", "monkey", "prefixes", "usersFile", "accessKind"];
  for (const name of [...secret, ...also]) assert.equal(isSecretName(name), true, name);
  for (const name of open) assert.equal(isSecretName(name), false, name);
});

test("redact() replaces secrets and leaves the shape", () => {
  const key = "-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----";
  const value = {
    basicAuth: { users: ["a:$2y$", "b:$2y$"], realm: "r" },
    sticky: { cookie: { name: "c", secure: true } },
    customRequestHeaders: { Authorization: "Basic eA==", "X-Plain": "1" },
    tls: { certFile: "/c", key },
    pem: key,
    empty: { password: "" },
    address: "redis://user:pw@h:6379",
  };
  assert.deepEqual(redact(value), {
    basicAuth: { users: ["xxxx", "xxxx"], realm: "r" },
    sticky: { cookie: { name: "c", secure: true } },
    customRequestHeaders: { Authorization: "xxxx", "X-Plain": "1" },
    tls: { certFile: "/c", key: "xxxx" },
    pem: "xxxx",
    empty: { password: "" },
    address: "redis://xxxx@h:6379",
  });
});
