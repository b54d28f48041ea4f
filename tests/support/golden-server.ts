// The embedded API as a fresh API server on a port, for the replay of recorded exchanges.

import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { runtime } from "#runtime";
import { parseAll } from "#yaml";
import { weirDefinitions } from "../../src/command/crds.ts";
import { fetchHandler } from "../../src/control/internal-services.ts";
import { rootCertificate } from "../../src/dev/built-in/pod-admission.ts";
import { createKubeApi, type KubeApi } from "../../src/dev/api/kube-api.ts";
import { textAt } from "../../src/dev/json.ts";
import { createServeHttp } from "../../src/entrypoint/serve-http.ts";

/** A server to replay against. */
export interface GoldenServer {
  readonly url: string;
  /** A POST here makes the server forget its history, as a compaction of etcd does. */
  readonly compactUrl: string;
  close(): Promise<void>;
}

/** The tokens that stand in for those of the recording. */
export const goldenTokens = { admin: "admin-token", alice: "alice-token", bob: "bob-token" } as const;

const users = {
  [goldenTokens.admin]: { name: "admin", uid: "uid-admin", groups: ["system:masters"] },
  [goldenTokens.alice]: { name: "alice", uid: "uid-alice", groups: ["dev"] },
  [goldenTokens.bob]: { name: "bob", uid: "uid-bob" },
};

/** The recorded servers' own range, and what their vendor puts beside every token. */
const cluster = {
  serviceRange: "10.96.0.0/16",
  projectedConfigMaps: [rootCertificate, { name: "openshift-service-ca.crt", key: "service-ca.crt" }],
};

/** Starts an empty server with the definitions that the recording had. @param data the folder of recorded answers */
export async function startGoldenServer(data: string): Promise<GoldenServer> {
  const kubernetes = data.endsWith("v1.20") ? "1.20" : "1.26";
  const access = { tokens: users };
  const api = createKubeApi({ alone: true, definitions: weirDefinitions(), access, cluster, kubernetes });
  await installOthers(api, data);
  const serve = createServeHttp(runtime, (error) => process.stderr.write(`${error.message}\n`));
  const served = await serve({ host: "127.0.0.1", port: 0 }, fetchHandler((request) => api.fetch(request)));
  const control = createServer((_incoming, outgoing) => {
    api.store.compact();
    outgoing.end();
  });
  await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve));
  const address = control.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${served.port}`,
    compactUrl: `http://127.0.0.1:${port}`,
    close: async () => {
      api.close();
      control.closeAllConnections();
      await new Promise((resolve) => control.close(resolve));
      await served.close();
    },
  };
}

const DEFINITIONS = "http://cluster/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** The recording's own kind and those of the Gateway API; Traefik's are part of weir. */
async function installOthers(api: KubeApi, data: string): Promise<void> {
  const own = await readFile(join(data, "00-crds.own-crd.json"), "utf8").catch(() => undefined);
  if (own !== undefined) await install(api, own);
  const folder = join(data, "..", "..", "gateway-conformance", "v1.6.1", "crd", "standard");
  if (data.endsWith("v1.20")) return; // was recorded without them
  for (const file of await readdir(folder).catch(() => [])) {
    for (const definition of parseAll(await readFile(join(folder, file), "utf8"))) {
      if (textAt(definition, "kind") === "CustomResourceDefinition") await install(api, JSON.stringify(definition));
    }
  }
}

async function install(api: KubeApi, body: string): Promise<void> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${goldenTokens.admin}` };
  const answer = await api.fetch(new Request(DEFINITIONS, { method: "POST", headers, body }));
  if (answer.status !== 201) throw new Error(`a definition was answered ${answer.status}: ${await answer.text()}`);
}
