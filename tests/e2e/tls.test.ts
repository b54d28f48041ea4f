// HTTPS end to end: certificates by name, options by host, client certificates, swaps, and what the API tells.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { connect, type ConnectionOptions } from "node:tls";
import { eventually } from "../support/ask.ts";
import { askSecure } from "../support/ask-secure.ts";
import { type Authority, createAuthority } from "../support/private-authority.ts";
import { type ProxyProcess, withProxy } from "../support/proxy-process.ts";
import { threeRuntimes } from "../support/runtimes.ts";

const MISDIRECTED = 421;

/** Where the certificates of a test lie. */
async function issue(authority: Authority, name: string, options: Parameters<Authority["issue"]>[0]): Promise<string> {
  const { cert, key } = await authority.issue(options);
  const file = join(authority.folder, name);
  await writeFile(`${file}.crt`, cert);
  await writeFile(`${file}.key`, key);
  return file;
}

/** What openssl says of a handshake. */
function handshake(port: number, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const all = ["s_client", "-connect", `127.0.0.1:${port}`, ...args];
    const child = execFile("openssl", all, { timeout: 10_000 }, (_, stdout, stderr) => resolve(stdout + stderr));
    child.stdin?.end();
  });
}

function dynamic(folder: string, tcpPort: number): (url: string) => string {
  return (url) => `
http:
  routers:
    open: {rule: "Host(\`open.test\`)", service: echo, tls: {}}
    wild: {rule: "Host(\`*.open.test\`)", service: echo, tls: {}}
    private: {rule: "Host(\`private.test\`)", service: echo, tls: {options: mutual}}
    missing: {rule: "Host(\`missing.test\`)", service: echo, tls: {options: nowhere}}
    plain: {rule: "PathPrefix(\`/plain\`)", service: echo}
  services:
    echo: {loadBalancer: {servers: [{url: "${url}"}]}}
tcp:
  routers:
    db: {rule: "HostSNI(\`db.test\`)", service: db, tls: {}}
  services:
    db: {loadBalancer: {servers: [{address: "127.0.0.1:${tcpPort}"}]}}
tls:
  certificates:
    - {certFile: ${folder}/open.crt, keyFile: ${folder}/open.key}
    - {certFile: ${folder}/rsa.crt, keyFile: ${folder}/rsa.key}
    - {certFile: ${folder}/private.crt, keyFile: ${folder}/private.key}
  options:
    mutual:
      minVersion: VersionTLS13
      clientAuth: {clientAuthType: RequireAndVerifyClientCert, caFiles: [${folder}/ca.crt]}
`;
}

async function withCertificates(use: (authority: Authority) => Promise<void>): Promise<void> {
  const authority = await createAuthority();
  try {
    await issue(authority, "open", { subject: "open.test", names: "DNS:open.test,DNS:*.open.test" });
    await issue(authority, "rsa", { subject: "rsa.open.test", names: "DNS:open.test", algorithm: "rsa" });
    await issue(authority, "private", { subject: "private.test", names: "DNS:private.test" });
    await issue(authority, "client", { subject: "client", names: "DNS:client" });
    await use(authority);
  } finally {
    await authority.remove();
  }
}

for (const runtime of threeRuntimes) {
  test(`HTTPS, plain HTTP and TLS-terminated TCP share a port on ${runtime.name}`, async () => {
    const backend = createServer((socket) => socket.on("error", () => undefined).pipe(socket)).listen(0, "127.0.0.1");
    await once(backend, "listening");
    const address = backend.address();
    const tcpPort = typeof address === "object" && address !== null ? address.port : 0;
    try {
      await withCertificates((authority) =>
        withProxy(runtime, {
          flags: ["--api.insecure", "--metrics.prometheus"],
          dynamic: dynamic(authority.folder, tcpPort),
        }, (proxy) => checkAll(proxy, authority))
      );
    } finally {
      backend.close();
    }
  });

  test(`a certificate file that changes is served, and one that breaks is not, on ${runtime.name}`, async () => {
    await withCertificates((authority) =>
      withProxy(runtime, { dynamic: dynamic(authority.folder, 1) }, (proxy) => checkSwap(proxy, authority))
    );
  });
}

for (const runtime of threeRuntimes) {
  test(`an entry point with TLS of its own gets what another one redirects, on ${runtime.name}`, async () => {
    const flags = [
      "--entrypoints.secure.address=127.0.0.1:0",
      "--entrypoints.secure.http.tls=true",
      "--entrypoints.web.http.redirections.entrypoint.to=secure",
    ];
    await withProxy(runtime, { flags }, async (proxy) => {
      const redirected = await proxy.ask({ path: "/x?y=1" });
      assert.equal(redirected.status, 301);
      assert.match(String(redirected.headers["location"]), /^https:\/\/app\.test.*\/x\?y=1$/);
      const port = proxy.weir.port("secure");
      assert.equal((await askSecure(port, "app.test")).status, 200);
      const clear = await proxy.ask({ path: "/" });
      assert.equal(clear.status, 301);
    });
  });
}

async function checkAll(proxy: ProxyProcess, authority: Authority): Promise<void> {
  const port = proxy.weir.port("web");
  const open = await askSecure(port, "open.test", "open.test", { ca: authority.ca, rejectUnauthorized: true });
  assert.equal(open.status, 200);
  assert.match(open.body, /"x-forwarded-proto":"https"/);
  assert.equal((await proxy.ask({ path: "/plain" })).status, 200);
  await checkNames(port, authority);
  await checkClients(port, authority);
  assert.equal(await echoOver(port, "db.test"), "hello");
  await checkTold(proxy);
}

async function checkNames(port: number, { ca }: Authority): Promise<void> {
  const rsa = { sigalgs: "RSA-PSS+SHA256:RSA+SHA256" };
  const shown: [string, ConnectionOptions, string, number][] = [
    ["open.test", {}, "open.test", 200],
    ["open.test", rsa, "rsa.open.test", 200],
    ["x.open.test", { ca, rejectUnauthorized: true }, "open.test", 200],
    ["nobody.test", {}, "WEIR DEFAULT CERT", 404],
    ["", {}, "WEIR DEFAULT CERT", 404],
  ];
  for (const [name, more, subject, status] of shown) {
    const seen = await askSecure(port, name, name === "" ? "nobody.test" : name, more);
    assert.deepEqual([seen.subject, seen.status], [subject, status], name);
  }
  assert.match(await handshake(port, "-servername", "open.test", "-alpn", "http/1.1"), /ALPN protocol: http\/1.1/);
  assert.match(await handshake(port, "-servername", "open.test", "-alpn", "smtp"), /alert number 120/);
  assert.match(await handshake(port, "-servername", "open.test", "-tls1_2"), /New, TLSv1.2, Cipher is ECDHE-ECDSA/);
  assert.match(await handshake(port, "-servername", "missing.test"), /alert number 112/);
}

async function checkClients(port: number, { folder }: Authority): Promise<void> {
  const client = { cert: await readFile(join(folder, "client.crt")), key: await readFile(join(folder, "client.key")) };
  assert.equal((await askSecure(port, "private.test", "private.test", client)).status, 200);
  await assert.rejects(askSecure(port, "private.test"));
  for (const host of ["private.test", "PRIVATE.test", "private.test."]) {
    assert.equal((await askSecure(port, "open.test", host)).status, MISDIRECTED, host);
  }
  assert.equal((await askSecure(port, "private.test", "open.test", client)).status, MISDIRECTED);
  assert.match(await handshake(port, "-servername", "private.test", "-tls1_2"), /alert number 70/);
}

async function echoOver(port: number, servername: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port, servername, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  socket.write("hello");
  const [chunk] = await once(socket, "data");
  socket.destroy();
  return String(chunk);
}

async function checkTold(proxy: ProxyProcess): Promise<void> {
  const certificates: unknown[] = JSON.parse((await proxy.asks("/api/certificates?search=open")).body);
  assert.equal(certificates.length, 2);
  const metrics = (await proxy.asks("/metrics")).body;
  assert.match(metrics, /traefik_tls_certs_not_after\{cn="private.test",sans="private.test",serial="\d+"\} \d{10}/);
  assert.match(
    metrics,
    /traefik_entrypoint_requests_tls_total\{entrypoint="web",tls_cipher="TLS_\w+",tls_version="1.3"\}/,
  );
  const problems = (await proxy.asks("/api/problems")).body;
  assert.match(problems, /the TLS options nowhere@file do not exist/);
  assert.doesNotMatch(problems + JSON.stringify(certificates) + proxy.weir.output(), /PRIVATE KEY/);
}

async function checkSwap(proxy: ProxyProcess, authority: Authority): Promise<void> {
  const port = proxy.weir.port("web");
  const shown = async () => (await askSecure(port, "private.test").catch(() => ({ subject: "" }))).subject;
  const seen = async () =>
    /subject=CN = (.*)/.exec(await handshake(port, "-servername", "private.test"))?.[1] ?? await shown();
  assert.equal(await seen(), "private.test");
  await issue(authority, "private", { subject: "renewed.test", names: "DNS:private.test" });
  assert.equal(await eventually(seen, (name) => name === "renewed.test"), "renewed.test");
  await writeFile(
    join(authority.folder, "private.crt"),
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  );
  await proxy.weir.waitFor(/the last good one keeps serving/);
  assert.equal(await seen(), "renewed.test");
  await rm(join(authority.folder, "private.crt"));
  await proxy.weir.waitFor(/private\.crt can't be read; the last good one keeps serving/);
  assert.equal(await seen(), "renewed.test");
}
