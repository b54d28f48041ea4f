// kubeconfig files: every field, lists of files, and what is said of mistakes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "../../../../../src/provider/kubernetes/client/kube-error.ts";
import { readTarget } from "../../../../../src/provider/kubernetes/client/read-target.ts";
import type { ConnectionOptions, Target } from "../../../../../src/provider/kubernetes/client/target.ts";

const POD = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };
const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: ConnectionOptions;
}

function target({ files = {}, env = {}, options = {} }: Given): Promise<Target> {
  const readText = (path: string) => {
    const text = files[path];
    if (text !== undefined) return Promise.resolve(text);
    return Promise.reject(Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" }));
  };
  return readTarget(options, { env, files: { readText } });
}

/** A kubeconfig with one cluster, one user and one context. */
function kubeconfig(cluster: Readonly<Record<string, unknown>>, user: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    preferences: {},
    "current-context": "main",
    contexts: [{ name: "main", context: { cluster: "c", user: "u", namespace: "x" } }],
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
  });
}

function fromFile(text: string): Promise<Target> {
  return target({ env: { KUBECONFIG: "/home/me/.kube/config" }, files: { "/home/me/.kube/config": text } });
}

const SERVER = { server: "https://h:6443/" };

test("readTarget() follows Traefik's order, and an endpoint that was given goes before KUBECONFIG", async () => {
  const kube = { KUBECONFIG: "/k" };
  const files = { "/k": kubeconfig({ server: "https://from-file" }) };
  const endpoints: readonly (readonly [Given, string])[] = [
    [{ env: { ...POD, ...kube }, files }, "https://10.96.0.1:443"],
    [{ env: { ...POD, ...kube }, files, options: { endpoint: "http://localhost:8001/" } }, "http://localhost:8001"],
    [{ env: { ...POD, KUBERNETES_SERVICE_HOST: "fd00::1" } }, "https://[fd00::1]:443"],
    [{ env: kube, files }, "https://from-file"],
    [{ env: kube, files, options: { endpoint: "https://given" } }, "https://given"],
    [{ options: { endpoint: "https://given:6443/" } }, "https://given:6443"],
  ];
  for (const [given, endpoint] of endpoints) assert.equal((await target(given)).endpoint, endpoint);
});

test("readTarget() knows the namespace of the context, and says what is wrong with it", async () => {
  assert.equal((await fromFile(kubeconfig(SERVER))).namespace, "x");
  const without = kubeconfig(SERVER).replace(',"namespace":"x"', "");
  assert.equal((await fromFile(without)).namespace, undefined);
  assert.equal((await target({ env: { KUBECONFIG: "/k" }, options: { endpoint: "https://h" } })).namespace, undefined);
  const odd = kubeconfig(SERVER).replace('"namespace":"x"', '"namespace":7');
  await assert.rejects(fromFile(odd), (error) => {
    assert.ok(error instanceof KubeError);
    assert.equal(error.problem?.message, "the name of a namespace is no text");
    assert.deepEqual(error.problem.path, ["contexts", 0, "context", "namespace"]);
    return true;
  });
});

test("readTarget() takes the Pod's account, and options in its place", async () => {
  const pod = await target({ env: POD });
  assert.equal(pod.ca?.path, `${ACCOUNT}/ca.crt`);
  assert.equal(pod.tokenFile?.path, `${ACCOUNT}/token`);
  const own = await target({ env: POD, options: { endpoint: "https://x", token: "abc", certAuthFilePath: "/ca" } });
  assert.deepEqual([own.ca?.path, own.token, own.tokenFile], ["/ca", "abc", undefined]);
  const file = await target({ options: { endpoint: "https://x", token: "tokens/one" }, files: { "tokens/one": "t" } });
  assert.deepEqual([file.tokenFile?.path, file.token], ["tokens/one", undefined]);
});

test("readTarget() reads every field of a cluster", async () => {
  const read = await fromFile(kubeconfig({
    ...SERVER,
    "tls-server-name": "api.internal",
    "certificate-authority": "../ca.crt",
    "certificate-authority-data": btoa("the authority"),
    "proxy-url": "http://user:secret@proxy:3128",
  }));
  assert.deepEqual({ ...read, ca: read.ca?.text }, {
    endpoint: "https://h:6443",
    namespace: "x",
    ca: "the authority",
    serverName: "api.internal",
    proxyUrl: "http://user:secret@proxy:3128",
    headers: {},
  });
  const relative = await fromFile(kubeconfig({ ...SERVER, "certificate-authority": "../ca.crt" }));
  assert.equal(relative.ca?.path, "/home/me/.kube/../ca.crt");
  assert.equal((await fromFile(kubeconfig({ ...SERVER, "insecure-skip-tls-verify": true }))).insecureSkipVerify, true);
});

test("readTarget() reads every field of a user", async () => {
  const { cert, key, token, tokenFile, basic, headers } = await fromFile(kubeconfig(SERVER, {
    "client-certificate": "/abs/me.crt",
    "client-key-data": btoa("the key"),
    token: "abc",
    tokenFile: "token",
    username: "me",
    password: "pw",
    as: "jane",
    "as-uid": "42",
    "as-groups": ["a", "b"],
    "as-user-extra": { "Scope/X": ["1", "2"] },
  }));
  assert.deepEqual([cert?.path, key?.text, token, tokenFile?.path, basic], [
    "/abs/me.crt",
    "the key",
    "abc",
    "/home/me/.kube/token",
    { username: "me", password: "pw" },
  ]);
  assert.deepEqual(headers, {
    "impersonate-user": "jane",
    "impersonate-uid": "42",
    "impersonate-group": ["a", "b"],
    "impersonate-extra-scope%2Fx": ["1", "2"],
  });
});

test("readTarget() reads a credential program", async () => {
  const { exec } = await fromFile(kubeconfig({
    ...SERVER,
    "tls-server-name": "n",
    extensions: [{ name: "client.authentication.k8s.io/exec", extension: { audience: "x" } }],
  }, {
    exec: {
      apiVersion: "client.authentication.k8s.io/v1beta1",
      command: "./bin/login",
      args: ["--for", "me"],
      env: [{ name: "A", value: "b" }],
      installHint: "get it there",
      provideClusterInfo: true,
      interactiveMode: "IfAvailable",
    },
  }));
  assert.deepEqual(exec, {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command: "/home/me/.kube/./bin/login",
    args: ["--for", "me"],
    env: { A: "b" },
    installHint: "get it there",
    cluster: { server: "https://h:6443/", "tls-server-name": "n", config: { audience: "x" } },
    named: "users[0].user.exec in /home/me/.kube/config",
  });
  const plain = { apiVersion: "client.authentication.k8s.io/v1", command: "aws", args: null, env: null };
  const found = await fromFile(kubeconfig(SERVER, { exec: plain }));
  assert.deepEqual([found.exec?.command, found.exec?.cluster], ["aws", undefined]);
});

test("readTarget() merges a list of files: the first that says something wins, those that are missing are passed over", async () => {
  const first = `
current-context: ""
clusters:
- name: c
  cluster: {server: "https://first", certificate-authority: ca.crt}
users: null
`;
  const second = `
current-context: two
contexts:
- {name: two, context: {cluster: c, user: u}}
clusters:
- {name: c, cluster: {server: "https://second"}}
users:
- {name: u, user: {tokenFile: t}}
`;
  const third = "current-context: three";
  const read = await target({
    env: { KUBECONFIG: "/a/one::/missing:/b/two:/c/three" },
    files: { "/a/one": first, "/b/two": second, "/c/three": third },
  });
  assert.deepEqual([read.endpoint, read.ca?.path, read.tokenFile?.path], ["https://first", "/a/ca.crt", "/b/t"]);
});

test("readTarget() takes a context without a user", async () => {
  const text =
    "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'http://h'}}]";
  assert.deepEqual(await fromFile(text), { endpoint: "http://h" });
});

const FILE = "/home/me/.kube/config";
const mistakes: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ["no YAML", "a: [", /is not YAML: .*\[\/home\/me\/\.kube\/config:\d+:\d+/],
  ["no mapping", "- a", /no mapping/],
  [
    "no current context",
    "contexts: [{name: a, context: {}}]",
    /no current-context \(set it to one of "a"\).*current-context/,
  ],
  [
    "an unknown context",
    "current-context: b\ncontexts: [{name: a, context: {}}]",
    /no context named "b" \(known: "a"\)/,
  ],
  [
    "a context without cluster",
    "current-context: a\ncontexts: [{name: a, context: {}}]",
    /"a" names no cluster .*contexts\[0\]\.context\.cluster/,
  ],
  ["an unknown cluster", "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]", /no cluster named "c"/],
  [
    "an unknown user",
    "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: 'http://h'}}]",
    /no user named "u"/,
  ],
  ["a list that is none", "clusters: 7", /clusters is no list/],
  ["an entry without a name", "clusters: [{cluster: {}}]", /has no name .*clusters\[0\]/],
  ["no server", kubeconfig({}), /"server" is missing.*clusters\[0\]\.cluster\.server/],
  [
    "a server that is no URL",
    kubeconfig({ server: "h:6443" }),
    /server is "h:6443", wanted an http or https URL.*clusters\[0\]\.cluster\.server/,
  ],
  [
    "a flag that is a text",
    kubeconfig({ ...SERVER, "insecure-skip-tls-verify": "yes" }),
    /"insecure-skip-tls-verify" .*got "yes"/,
  ],
  [
    "an authority that may not be checked",
    kubeconfig({ ...SERVER, "insecure-skip-tls-verify": true, "certificate-authority": "x" }),
    /leave one of them out/,
  ],
  [
    "data that is not base64",
    kubeconfig({ ...SERVER, "certificate-authority-data": "*" }),
    /certificate-authority-data is not base64/,
  ],
  [
    "a SOCKS proxy",
    kubeconfig({ ...SERVER, "proxy-url": "socks5://me:pw@h" }),
    /"socks5:\/\/…@h".*SOCKS proxies are not supported/,
  ],
  [
    "an auth-provider",
    kubeconfig(SERVER, { "auth-provider": { name: "gcp" } }),
    /auth-provider "gcp" is not supported.*use exec/,
  ],
  ["groups of nobody", kubeconfig(SERVER, { "as-groups": ["a"] }), /as-groups .*users\[0\]\.user\.as-groups/],
  [
    "a program of another version",
    kubeconfig(SERVER, { exec: { apiVersion: "client.authentication.k8s.io/v1alpha1", command: "x" } }),
    /apiVersion.*users\[0\]\.user\.exec\.apiVersion/,
  ],
  [
    "a program without command",
    kubeconfig(SERVER, { exec: { apiVersion: "client.authentication.k8s.io/v1" } }),
    /"command" is missing/,
  ],
  [
    "a program that wants to talk",
    kubeconfig(SERVER, {
      exec: { apiVersion: "client.authentication.k8s.io/v1", command: "x", interactiveMode: "Always" },
    }),
    /interactiveMode is Always/,
  ],
];

for (const [what, text, message] of mistakes) {
  test(`readTarget() says what is wrong with a kubeconfig that has ${what}`, async () => {
    await assert.rejects(fromFile(text), (error) => {
      assert.ok(error instanceof KubeError);
      assert.equal(error.failure, "misconfigured");
      assert.match(error.message, message);
      assert.ok(error.message.includes(FILE), error.message);
      return true;
    });
  });
}

test("readTarget() says where it looked when nothing is there", async () => {
  const given: readonly (readonly [Given, RegExp])[] = [
    [{}, /no address: not running in a Pod, no KUBECONFIG.*endpoint=https:/],
    [{ env: { KUBECONFIG: "/k" } }, /kubeconfig "\/k" can't be read: there is no such file/],
    [{ options: { endpoint: "host:6443" } }, /the option endpoint is "host:6443", wanted an http or https URL/],
    [{ options: { endpoint: "nonsense" } }, /wanted an http or https URL/],
  ];
  for (const [each, message] of given) await assert.rejects(target(each), message);
});
