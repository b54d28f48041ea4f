// Certificates exchanged under load: the short form of `node scripts/cert-swap.mjs`. And Secrets that break.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/ask.ts";
import { askSecure } from "../support/ask-secure.ts";
import { swapCertificates } from "../support/certificate-swaps.ts";
import { type KubeServer, startKubeServer } from "../support/kube-server.ts";
import { createAuthority, type KeyPairText } from "../support/private-authority.ts";
import { type ProxyProcess, withProxy } from "../support/proxy-process.ts";
import { threeRuntimes } from "../support/runtimes.ts";

const PLAN = { swaps: 12, swapsPerSecond: 5, handshakesPerSecond: 50 };
const MOST_OLD_MS = 1_000; // issue 4
const DEFAULT = "WEIR DEFAULT CERT";

for (const runtime of threeRuntimes) {
  test(`certificates are exchanged without a lost handshake, and soon, on ${runtime.name}`, async (t) => {
    for (const result of await swapCertificates(runtime, PLAN)) {
      const { name, handshakes, resumed, failed, seen, oldestMs, waitedMs } = result;
      t.diagnostic(`${name}: ${handshakes} handshakes, ${resumed} resumed, ${seen} seen, ${oldestMs} ms (${waitedMs})`);
      assert.deepEqual(failed, [], name);
      assert.ok(handshakes > PLAN.swaps && resumed > 0, `${handshakes} handshakes are no load`);
      assert.ok(seen > 1, `${seen} certificates were seen: nothing was exchanged`);
      assert.ok(
        oldestMs <= MOST_OLD_MS + waitedMs,
        `the old certificate of the ${name} was shown ${oldestMs} ms later`,
      );
    }
  });

  test(`a Secret that breaks leaves the last good certificate, a deleted one closes, on ${runtime.name}`, async () => {
    const kube = await startKubeServer();
    const authority = await createAuthority();
    try {
      const issue = (name: string) => authority.issue({ subject: name, names: `DNS:${name}` });
      const pairs = await Promise.all(["app.test", "other.test", "default.test"].map(issue));
      const flags = [
        "--entrypoints.web.http.tls=true",
        "--api.insecure",
        "--log.level=INFO",
        `--providers.kubernetescrd.endpoint=${kube.url}`,
      ];
      addObjects(kube);
      await withProxy(runtime, { flags, dynamic: service }, (proxy) => checkBroken(proxy, kube, pairs));
    } finally {
      await kube.close();
      await authority.remove();
    }
  });
}

const service = (url: string) => `http: {services: {app: {loadBalancer: {servers: [{url: "${url}"}]}}}}`;

/** Not an IngressRoute's certificate alone: a TLSStore names a Secret, too. */
async function checkBroken(proxy: ProxyProcess, kube: KubeServer, pairs: readonly KeyPairText[]): Promise<void> {
  const [app, other, fallback] = pairs;
  assert.ok(app !== undefined && other !== undefined && fallback !== undefined);
  const port = proxy.weir.port("web");
  const shown = async (name: string) => {
    const { subject, status } = await askSecure(port, name);
    return `${subject} ${status}`;
  };
  const becomes = async (name: string, wanted: string) =>
    assert.equal(await eventually(() => shown(name), (seen) => seen === wanted), wanted);
  const tells = async (isRight: (problems: readonly string[]) => boolean) => {
    const seen = await eventually(() => secretProblems(proxy), isRight);
    assert.ok(isRight(seen), JSON.stringify(seen));
  };
  await becomes("app.test", `${DEFAULT} 503`);
  putSecrets(kube, { "tls.crt": "no certificate", "tls.key": app.key }, fallback);
  await tells((problems) => problems.some((one) => /^app: .*can't be used: its "tls.crt" is not a PEM/.test(one)));
  await becomes("app.test", "default.test 503"); // never was good
  putSecrets(kube, toData(app), fallback);
  await becomes("app.test", "app.test 200");
  const faults: readonly (readonly [data: Readonly<Record<string, string>>, told: RegExp])[] = [
    [{ "tls.crt": "no certificate", "tls.key": "no key" }, /its "tls.crt" is not a PEM certificate/],
    [{ "tls.crt": app.cert }, /it has no "tls.key"/],
    [{}, /it has no "tls.crt"/],
    [{ "tls.crt": app.cert, "tls.key": other.key }, /can't be used: (?!its)/],
    [{ "tls.crt": app.cert.replace(/[A-Za-z]{20}/, "AAAA"), "tls.key": app.key }, /can't be used: (?!its)/],
  ];
  for (const [data, told] of faults) {
    putSecrets(kube, data, { cert: "broken", key: "broken" });
    await tells((problems) => {
      const own = problems.filter((one) => one.startsWith("app: "));
      return own.length === 1 && told.test(own[0] ?? "") && /the last good one keeps serving/.test(own[0] ?? "");
    });
    assert.equal(await shown("app.test"), "app.test 200");
    assert.equal(await shown("nobody.test"), "default.test 404");
    putSecrets(kube, toData(app), fallback);
    await tells((problems) => problems.length === 0);
  }
  kube.remove({ ...secret("app"), type: "kubernetes.io/tls" });
  await becomes("app.test", "default.test 503");
  putSecrets(kube, toData(app), fallback);
  await becomes("app.test", "app.test 200");
}

/** Problems whose object is a Secret. */
async function secretProblems(proxy: ProxyProcess): Promise<readonly string[]> {
  const problems: readonly { message: string; source?: { kind?: string; name?: string } }[] = JSON.parse(
    (await proxy.asks("/api/problems?per_page=1000")).body,
  );
  return problems.flatMap(({ message, source }) => source?.kind === "Secret" ? [`${source.name}: ${message}`] : []);
}

function secret(name: string) {
  return { apiVersion: "v1", kind: "Secret", metadata: { name } };
}

function toData({ cert, key }: KeyPairText): Readonly<Record<string, string>> {
  return { "tls.crt": cert, "tls.key": key };
}

function putSecrets(kube: KubeServer, app: Readonly<Record<string, string>>, fallback: KeyPairText): void {
  for (const [name, texts] of [["app", app], ["fallback", toData(fallback)]] as const) {
    const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, btoa(text)]));
    kube.force({ ...secret(name), type: Object.keys(texts).length < 2 ? "Opaque" : "kubernetes.io/tls", data });
  }
}

function addObjects(kube: KubeServer): void {
  const traefik = { apiVersion: "traefik.io/v1alpha1" };
  const services = [{ name: "app@file", kind: "TraefikService" }];
  kube.force({
    ...traefik,
    kind: "IngressRoute",
    metadata: { name: "app" },
    spec: { routes: [{ match: "Host(`app.test`)", kind: "Rule", services }], tls: { secretName: "app" } },
  });
  kube.force({
    ...traefik,
    kind: "TLSStore",
    metadata: { name: "default" },
    spec: { defaultCertificate: { secretName: "fallback" } },
  });
}
