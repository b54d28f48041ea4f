// PEM files that a configuration names.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readDynamicFile } from "../../../../src/config/dynamic-file.ts";
import { readPemFiles } from "../../../../src/provider/file/pem-files.ts";

const TEXT = `
tls:
  certificates: [{certFile: /a.crt, keyFile: /a.key}]
  stores: {default: {defaultCertificate: {certFile: /d.crt, keyFile: /d.key}}}
  options: {o: {clientAuth: {caFiles: [/ca.pem, "-----BEGIN CERTIFICATE-----"]}}}
http:
  serversTransports: {t: {rootCAs: [/ca.pem], certificates: [{certFile: /c.crt, keyFile: /gone.key}]}}
tcp:
  serversTransports: {t: {tls: {rootCAs: [/ca.pem]}}, plain: {dialTimeout: 1s}}
`;

const readText = (path: string): Promise<string> =>
  path === "/gone.key" ? Promise.reject(new Error("ENOENT")) : Promise.resolve(`text of ${path}`);

test("readPemFiles() puts the texts in, and leaves the name of what can't be read", async () => {
  const { configuration, files } = await readPemFiles(readDynamicFile("x.yaml", TEXT).configuration, readText);
  const names = ["/a.crt", "/a.key", "/c.crt", "/ca.pem", "/d.crt", "/d.key", "/gone.key"];
  assert.deepEqual([...files].sort(), names);
  const { tls, http, tcp } = configuration;
  const read = (file: string) => ({ file, text: `text of ${file}` });
  const [certificate] = Object.values(tls?.certificates ?? {});
  assert.deepEqual([certificate?.certificate, certificate?.privateKey], [read("/a.crt"), read("/a.key")]);
  assert.equal(certificate?.displayName, "/a.crt");
  assert.deepEqual(tls?.stores["default"]?.defaultCertificate?.privateKey, read("/d.key"));
  const authorities = [read("/ca.pem"), { text: "-----BEGIN CERTIFICATE-----" }];
  assert.deepEqual(tls?.options["o"]?.clientAuth?.caFiles, authorities);
  assert.deepEqual(http.serversTransports["t"]?.certificates, [
    { certificate: read("/c.crt"), privateKey: { file: "/gone.key" } },
  ]);
  assert.deepEqual(tcp?.serversTransports["t"]?.tls?.rootCAs, [read("/ca.pem")]);
  assert.equal(tcp?.serversTransports["plain"]?.tls, undefined);
});

test("readPemFiles() leaves a configuration without files as it is", async () => {
  const { configuration } = readDynamicFile("x.yaml", "http: {middlewares: {a: {addPrefix: {prefix: /x}}}}\n");
  assert.equal((await readPemFiles(configuration, readText)).configuration, configuration);
});
