// The Kubernetes client on this runtime, against a real TLS server: kubeconfig, certificates that rotate, credential programs.

import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createKubeConnection, type KubeConnection } from "../../src/provider/kubernetes/client/connection.ts";
import type { ConnectionOptions } from "../../src/provider/kubernetes/client/target.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { createAuthority } from "../support/private-authority.ts";
import { startTlsEcho } from "../support/tls-echo.ts";
import { runtime } from "#runtime";

const quiet: Logger = {
  enabled: () => false,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => quiet,
};

const authority = await createAuthority();
const other = await createAuthority("other");
const alice = await authority.issue({ subject: "alice", algorithm: "rsa" });
const bob = await authority.issue({ subject: "bob" });
const server = await startTlsEcho(
  await authority.issue({ subject: "api", names: "DNS:api.internal,IP:127.0.0.1" }),
  authority.ca,
);
const folder = await mkdtemp(join(tmpdir(), "weir-kubeconfig-"));

after(async () => {
  await Promise.all([server.stop(), authority.remove(), other.remove(), rm(folder, { recursive: true })]);
});

/** Milliseconds by which the clock of the connection under test is ahead. */
let aheadMs = 0;

async function withConnection(
  env: Readonly<Record<string, string>>,
  options: ConnectionOptions,
  body: (seen: () => Promise<Record<string, unknown>>) => Promise<void>,
): Promise<void> {
  const connection: KubeConnection = createKubeConnection(options, {
    runtime: { ...runtime, env },
    logger: quiet,
    clock: { now: () => performance.now() + aheadMs, stepMs: 10 },
  });
  const { signal } = new AbortController();
  try {
    await body(() => connection.client.get({ path: "/version", what: "get the version", signal }));
  } finally {
    connection.close();
  }
}

async function writeConfig(name: string, cluster: object, user: object): Promise<Record<string, string>> {
  const path = join(folder, name);
  await writeFile(
    path,
    JSON.stringify({
      "current-context": "x",
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server: server.url, ...cluster } }],
      users: [{ name: "u", user }],
    }),
  );
  return { KUBECONFIG: path };
}

test("a kubeconfig with files beside it lets in, and follows them when they are rotated", async () => {
  await writeFile(join(folder, "ca.crt"), authority.ca);
  await writeFile(join(folder, "me.crt"), alice.cert);
  await writeFile(join(folder, "me.key"), alice.key);
  const env = await writeConfig("files", { "certificate-authority": "ca.crt", "tls-server-name": "api.internal" }, {
    "client-certificate": "me.crt",
    "client-key": "me.key",
    as: "jane",
    "as-groups": ["a", "b"],
  });
  await withConnection(env, {}, async (seen) => {
    const first = await seen();
    assert.deepEqual([first["client"], first["authorized"], first["serverName"]], ["alice", true, "api.internal"]);
    await writeFile(join(folder, "me.crt"), bob.cert);
    await writeFile(join(folder, "me.key"), bob.key);
    assert.equal((await seen())["client"], "alice");
    aheadMs += 60_000;
    assert.equal((await seen())["client"], "bob");
    await writeFile(join(folder, "ca.crt"), other.ca);
    aheadMs += 60_000;
    await assert.rejects(seen(), /certificate/i);
  });
});

test("a kubeconfig with its data inside lets in", async () => {
  const env = await writeConfig("data", { "certificate-authority-data": btoa(authority.ca) }, {
    "client-certificate-data": btoa(bob.cert),
    "client-key-data": btoa(bob.key),
  });
  await withConnection(env, {}, async (seen) => assert.equal((await seen())["client"], "bob"));
});

test("a credential program gives a certificate", async () => {
  const script = join(folder, "login");
  const status = { clientCertificateData: alice.cert, clientKeyData: alice.key };
  const answer = JSON.stringify({ kind: "ExecCredential", apiVersion: "client.authentication.k8s.io/v1", status });
  await writeFile(join(folder, "answer"), answer);
  await writeFile(script, '#!/bin/sh\ntest "$WHO" = me && cat "$(dirname "$0")/answer"\n');
  await chmod(script, 0o755);
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "./login",
    env: [{ name: "WHO", value: "me" }],
  };
  const env = await writeConfig("exec", { "insecure-skip-tls-verify": true }, { exec });
  await withConnection(env, {}, async (seen) => assert.equal((await seen())["client"], "alice"));
});

test("an endpoint with token and authority lets in", async () => {
  const path = join(folder, "only-ca.crt");
  await writeFile(path, authority.ca);
  await withConnection({}, { endpoint: server.url, token: "abc", certAuthFilePath: path }, async (seen) => {
    const { headers } = await seen();
    assert.equal(JSON.stringify(headers).includes('"authorization":"Bearer abc"'), true);
  });
  await withConnection({}, { endpoint: server.url }, (seen) => assert.rejects(seen(), /certificate/i));
});
