// TLS towards servers from start options: what is read, and what a start fails with.

import assert from "node:assert/strict";
import { test } from "node:test";
import { staticSchema } from "../../../src/config/static.ts";
import { readDefaultTls } from "../../../src/control/default-client-tls.ts";
import type { Runtime } from "../../../src/net/runtime.ts";
import { createSelfSigned } from "../../../src/tls/self-signed.ts";

const ca = (await createSelfSigned(Date.now())).cert;
const ID = "spiffe://mesh.test/a";

const runtime = {
  files: {
    readText: (path: string) => path === "/ca.pem" ? Promise.resolve(ca) : Promise.reject(new Error(`no ${path}`)),
  },
} as unknown as Runtime;

function read(options: unknown) {
  return readDefaultTls(staticSchema.parse(options), runtime);
}

test("readDefaultTls() of nothing is nothing", async () => {
  assert.deepEqual(await read({}), { http: undefined, tcp: undefined });
  assert.deepEqual(await read({ tcpServersTransport: { tls: {} } }), { http: undefined, tcp: undefined });
});

test("readDefaultTls() keeps HTTP and TCP apart, and reads files", async () => {
  const http = { insecureSkipVerify: true };
  const tls = { rootCAs: ["/ca.pem"], spiffe: { trustDomain: "mesh.test" } };
  assert.deepEqual(await read({ serversTransport: http, tcpServersTransport: { tls } }), {
    http: { insecureSkipVerify: true, rootCAs: [] },
    tcp: {
      insecureSkipVerify: false,
      rootCAs: [{ file: "/ca.pem", text: ca }],
      spiffe: { trustDomain: "mesh.test" },
    },
  });
});

const refused: readonly [title: string, options: Record<string, unknown>, code: string, message: RegExp][] = [
  ["a file that is not there", { rootCAs: ["/no.pem"] }, "bad-root-ca", /^NAME\.rootCAs: \/no\.pem can't be used/],
  ["SPIFFE without authorities", { spiffe: { ids: [ID] } }, "bad-servers-transport", /^NAME can't be used: .*rootCAs/],
  ["a bad identity", { rootCAs: [ca], spiffe: { ids: ["x"] } }, "bad-servers-transport", /"x" is no SPIFFE identity/],
];

for (const [title, options, code, message] of refused) {
  for (const [name, wrap] of [["serversTransport", asHttp], ["tcpServersTransport.tls", asTcp]] as const) {
    test(`readDefaultTls() refuses ${title} in ${name}`, async () => {
      await assert.rejects(read(wrap(options)), {
        code,
        message: new RegExp(message.source.replace("NAME", name.replaceAll(".", "\\."))),
      });
    });
  }
}

function asHttp(serversTransport: unknown): unknown {
  return { serversTransport };
}

function asTcp(tls: unknown): unknown {
  return { tcpServersTransport: { tls } };
}
