// The embedded Kubernetes API alone on a port, for real clients: no manifests, no backends, no proxy.

import process from "node:process";
import { runtime } from "#runtime";
import { weirDefinitions } from "../../src/command/crds.ts";
import { fetchHandler } from "../../src/control/internal-services.ts";
import { createKubeApi, type KubeApi, type KubeApiOptions } from "../../src/dev/api/kube-api.ts";
import type { Kind } from "../../src/dev/kube/kind.ts";
import { createServeHttp } from "../../src/entrypoint/serve-http.ts";

/** A manifest as an object. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string } & Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** A listening API. */
export interface KubeServer {
  readonly url: string;
  readonly api: KubeApi;
  /** Creates or replaces an object, through admission. @throws {Error} when it is refused */
  apply(manifest: Manifest): Promise<void>;
  /** Stores an object as it is: nothing looks at it first. */
  force(manifest: Manifest): void;
  /** Removes an object that is there. */
  remove(manifest: Manifest): void;
  close(): Promise<void>;
}

/** What a server is like. */
export interface KubeServerOptions extends KubeApiOptions {
  /** Requests without credentials come with this one: kubectl sends no tokens where there is no TLS. */
  readonly token?: string;
}

/** Starts it on a free port. @param options over weir's own definitions and no access control */
export async function startKubeServer({ token, ...options }: KubeServerOptions = {}): Promise<KubeServer> {
  const api = createKubeApi({ definitions: weirDefinitions(), ...options });
  const serve = createServeHttp(runtime, (error) => process.stderr.write(`${error.message}\n`));
  const handler = fetchHandler((request) => api.fetch(token === undefined ? request : withToken(request, token)));
  const served = await serve({ host: "127.0.0.1", port: 0 }, handler);
  const kindOf = ({ apiVersion, kind }: Manifest): Kind => {
    const slash = apiVersion.indexOf("/");
    const [group, version] = [apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1)];
    const found = api.kinds.all.find((each) => each.kind === kind && each.group === group && each.version === version);
    if (found === undefined) throw new Error(`the API serves no ${kind} of ${apiVersion}`);
    return found;
  };
  return {
    url: `http://127.0.0.1:${served.port}`,
    api,
    async apply(manifest) {
      const url = `http://cluster${pathOf(kindOf(manifest), manifest)}?fieldManager=test&force=true`;
      const headers = { "content-type": "application/apply-patch+yaml" };
      const request = new Request(url, { method: "PATCH", headers, body: JSON.stringify(manifest) });
      const answer = await api.fetch(token === undefined ? request : withToken(request, token));
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${manifest.kind} ${manifest.metadata.name} was refused: ${text}`);
    },
    force: (manifest) => void api.store.put(kindOf(manifest), withNamespace(kindOf(manifest), manifest)),
    remove(manifest) {
      const { namespace, name } = withNamespace(kindOf(manifest), manifest).metadata;
      if (api.store.remove(kindOf(manifest), namespace ?? "", name) === undefined) {
        throw new Error(`there is no ${manifest.kind} ${name} to remove`);
      }
    },
    close: async () => {
      api.close();
      await served.close();
    },
  };
}

function withToken(request: Request, token: string): Request {
  if (request.headers.has("authorization")) return request;
  const headers = new Headers(request.headers);
  headers.set("authorization", `Bearer ${token}`);
  return new Request(request, { headers });
}

function withNamespace(kind: Kind, manifest: Manifest): Manifest {
  if (!kind.namespaced || manifest.metadata.namespace !== undefined) return manifest;
  return { ...manifest, metadata: { ...manifest.metadata, namespace: "default" } };
}

function pathOf(kind: Kind, manifest: Manifest): string {
  const { namespace, name } = withNamespace(kind, manifest).metadata;
  const prefix = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  return `${prefix}${kind.namespaced ? `/namespaces/${namespace}` : ""}/${kind.plural}/${name}`;
}
