// What requests carry: read once, read again in time, and kept while a file is being replaced.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProxyError } from "../../../../../src/net/error.ts";
import type { FetchIdentity, ProgramOptions, ProgramResult } from "../../../../../src/net/runtime.ts";
import { type AccessSource, createCredentials } from "../../../../../src/provider/kubernetes/client/credentials.ts";
import type { ConnectionOptions } from "../../../../../src/provider/kubernetes/client/target.ts";
import { runtime } from "#runtime";

const POD = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };
const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const MINUTE = 60_000;

/** A system whose files, programs and clock are the test's. */
class System {
  readonly files = new Map<string, string>();
  readonly identities: FetchIdentity[] = [];
  readonly closed: FetchIdentity[] = [];
  readonly programs: ProgramOptions[] = [];
  program: () => Partial<ProgramResult> = () => ({});
  now = 0;

  credentials(connection: ConnectionOptions, env: Readonly<Record<string, string>> = {}): AccessSource {
    return createCredentials({
      connection,
      now: () => this.now,
      runtime: {
        env,
        files: { ...runtime.files, readText: (path) => this.#read(path) },
        createFetch: (identity) => {
          if (identity.ca === "bad") {
            throw new ProxyError("the certificate authority holds no PEM block", {
              code: "bad-identity",
              source: "internal",
              status: 500,
            });
          }
          this.identities.push(identity);
          return {
            fetch: () => Promise.reject(new Error("not asked here")),
            close: () => void this.closed.push(identity),
          };
        },
        run: (options) => {
          this.programs.push(options);
          return Promise.resolve({ code: 0, timedOut: false, stdout: "", stderr: "", ...this.program() });
        },
      },
    });
  }

  #read(path: string): Promise<string> {
    const text = this.files.get(path);
    if (text !== undefined) return Promise.resolve(text);
    return Promise.reject(Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" }));
  }
}

async function authorization(source: AccessSource): Promise<unknown> {
  return (await source.open()).headers["authorization"];
}

test("Credentials reads the Pod's token every minute, and at once when it is refused", async () => {
  const system = new System();
  system.files.set(`${ACCOUNT}/token`, " one\n").set(`${ACCOUNT}/ca.crt`, "A");
  const source = system.credentials({}, POD);
  assert.equal(await authorization(source), "Bearer one");
  system.files.set(`${ACCOUNT}/token`, "two");
  assert.equal(await authorization(source), "Bearer one");
  system.now = MINUTE;
  assert.equal(await authorization(source), "Bearer two");
  system.files.set(`${ACCOUNT}/token`, "three");
  source.refused();
  assert.equal(await authorization(source), "Bearer three");
  assert.equal(system.identities.length, 1, "the connection stays");
});

test("Credentials makes a new client when the authority changes, and closes the old one", async () => {
  const system = new System();
  system.files.set(`${ACCOUNT}/token`, "t").set(`${ACCOUNT}/ca.crt`, "A");
  const source = system.credentials({}, POD);
  const first = await source.open();
  system.files.set(`${ACCOUNT}/ca.crt`, "B");
  system.now = MINUTE;
  const second = await source.open();
  assert.notEqual(first.http, second.http);
  assert.deepEqual(system.identities.map(({ ca }) => ca), ["A", "B"]);
  assert.deepEqual(system.closed.map(({ ca }) => ca), ["A"]);
  source.close();
  assert.deepEqual(system.closed.map(({ ca }) => ca), ["A", "B"]);
});

test("Credentials keeps what it has while files are missing, until the server refuses it", async () => {
  const system = new System();
  system.files.set(`${ACCOUNT}/token`, "one").set(`${ACCOUNT}/ca.crt`, "A");
  const source = system.credentials({}, POD);
  await source.open();
  system.files.clear();
  system.now = MINUTE;
  assert.equal(await authorization(source), "Bearer one");
  source.refused();
  await assert.rejects(source.open(), /the Pod's service account names the file ".*ca\.crt", which can't be read/);
});

test("Credentials shares one reading among all who ask, and tells each of a failure", async () => {
  const system = new System();
  const source = system.credentials({ endpoint: "https://h", certAuthFilePath: "/ca" });
  const both = [source.open(), source.open()];
  for (const each of both) await assert.rejects(each, /the option certAuthFilePath names the file "\/ca"/);
  system.files.set("/ca", "bad");
  await assert.rejects(source.open(), /holds no PEM block \(from the option certAuthFilePath\)/);
  system.files.set("/ca", "A");
  assert.equal(await source.open(), await source.open());
});

test("Credentials reads no authority for an endpoint without TLS", async () => {
  const system = new System();
  const source = system.credentials({ endpoint: "http://h", certAuthFilePath: "/missing", token: "t" });
  assert.equal(await authorization(source), "Bearer t");
  assert.deepEqual(system.identities, [{ proxyUrl: undefined }]);
});

function kubeconfig(user: Readonly<Record<string, unknown>>, cluster: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    "current-context": "x",
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server: "https://h", ...cluster } }],
    users: [{ name: "u", user }],
  });
}

function fromFile(system: System, text: string): AccessSource {
  system.files.set("/k/config", text);
  return system.credentials({}, { KUBECONFIG: "/k/config" });
}

test("Credentials gives a user's token, password, certificate and impersonation", async () => {
  const users: readonly (readonly [Record<string, unknown>, unknown])[] = [
    [{ token: "abc" }, "Bearer abc"],
    [{ token: "abc", tokenFile: "t" }, "Bearer from-file"],
    [{ token: "abc", tokenFile: "missing" }, "Bearer abc"],
    [{ token: "abc", username: "me", password: "pw" }, "Bearer abc"],
    [{ username: "me", password: "pü" }, `Basic ${Buffer.from("me:pü").toString("base64")}`],
    [{}, undefined],
  ];
  for (const [user, expected] of users) {
    const system = new System();
    system.files.set("/k/t", "from-file\n");
    assert.equal(await authorization(fromFile(system, kubeconfig(user))), expected);
  }
  const system = new System();
  system.files.set("/k/me.crt", "C").set("/k/me.key", "K");
  const source = fromFile(system, kubeconfig({ "client-certificate": "me.crt", "client-key": "me.key", as: "jane" }));
  assert.equal((await source.open()).headers["impersonate-user"], "jane");
  assert.deepEqual([system.identities[0]?.cert, system.identities[0]?.key], ["C", "K"]);
});

test("Credentials follows a kubeconfig that is rewritten, and keeps the last good one", async () => {
  const system = new System();
  const source = fromFile(system, kubeconfig({ token: "one" }));
  assert.equal(await authorization(source), "Bearer one");
  system.files.set("/k/config", "clusters: [");
  system.now = MINUTE;
  assert.equal(await authorization(source), "Bearer one");
  system.files.set("/k/config", kubeconfig({ token: "two" }));
  system.now = 2 * MINUTE;
  assert.equal(await authorization(source), "Bearer two");
});

const EXEC = {
  apiVersion: "client.authentication.k8s.io/v1",
  command: "login",
  args: ["-x"],
  env: [{ name: "A", value: "b" }],
};

function credential(status: Readonly<Record<string, unknown>>, apiVersion = EXEC.apiVersion): Partial<ProgramResult> {
  return { stdout: JSON.stringify({ kind: "ExecCredential", apiVersion, status }) };
}

test("Credentials runs a program, and again only when its credential ends or is refused", async () => {
  const system = new System();
  let count = 0;
  let lifeMs = 600_000;
  system.program = () => {
    const expirationTimestamp = new Date(Date.now() + lifeMs).toISOString();
    return credential({ token: `t${++count}`, expirationTimestamp });
  };
  const ca = btoa("A");
  const source = fromFile(
    system,
    kubeconfig({ exec: { ...EXEC, provideClusterInfo: true } }, { "certificate-authority-data": ca }),
  );
  assert.equal(await authorization(source), "Bearer t1");
  system.now = 5 * MINUTE;
  assert.equal(await authorization(source), "Bearer t1");
  lifeMs = 5000;
  source.refused();
  assert.equal(await authorization(source), "Bearer t2");
  assert.equal(await authorization(source), "Bearer t3", "it ends within ten seconds");
  const [first] = system.programs;
  assert.deepEqual([first?.command, first?.args, first?.env["A"]], ["login", ["-x"], "b"]);
  assert.deepEqual(JSON.parse(first?.env["KUBERNETES_EXEC_INFO"] ?? ""), {
    apiVersion: EXEC.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, cluster: { server: "https://h", "certificate-authority-data": ca } },
  });
});

test("Credentials takes a client certificate from a program, without an end", async () => {
  const system = new System();
  const version = "client.authentication.k8s.io/v1beta1";
  system.program = () => credential({ clientCertificateData: "C", clientKeyData: "K" }, version);
  const source = fromFile(system, kubeconfig({ exec: { ...EXEC, apiVersion: version } }));
  await source.open();
  system.now = 60 * MINUTE;
  await source.open();
  assert.deepEqual([system.identities[0]?.cert, system.identities[0]?.key], ["C", "K"]);
  assert.equal(system.programs.length, 1);
});

const failures: readonly (readonly [what: string, result: Partial<ProgramResult>, message: RegExp])[] = [
  [
    "fails",
    { code: 3, stderr: "please log in\n" },
    /"login" of users\[0\]\.user\.exec in \/k\/config failed with code 3: please log in/,
  ],
  ["hangs", { code: undefined, timedOut: true }, /did not end within 60 s/],
  ["prints nothing", {}, /printed something else than an ExecCredential/],
  ["prints another kind", { stdout: '{"kind":"Pod"}' }, /something else than an ExecCredential \(kind\)/],
  [
    "answers in another version",
    credential({ token: "t" }, "client.authentication.k8s.io/v1beta1"),
    /answered with .*v1beta1, wanted .*v1 /,
  ],
  ["gives nothing", credential({}), /neither a token nor a client certificate/],
  ["gives half a pair", credential({ clientKeyData: "K" }), /one of certificate and key/],
  ["gives a strange date", credential({ token: "t", expirationTimestamp: "tomorrow" }), /"tomorrow", wanted RFC 3339/],
];

for (const [what, result, message] of failures) {
  test(`Credentials says so when a program ${what}`, async () => {
    const system = new System();
    system.program = () => result;
    const source = fromFile(system, kubeconfig({ exec: { ...EXEC, installHint: "brew install login\nor so" } }));
    await assert.rejects(source.open(), (error) => {
      assert.match(String(error), message);
      assert.match(String(error), /\(brew install login\)/);
      assert.doesNotMatch(String(error), /or so/);
      return true;
    });
  });
}
