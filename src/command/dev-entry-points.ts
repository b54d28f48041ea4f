// Opens the entry points that manifests name: at start, and whenever an object names a new one.

import { entryPointAt } from "../config/complete-static.ts";
import type { StaticConfiguration } from "../config/static.ts";
import { entryPointsOf } from "../dev/cluster/entry-points.ts";
import type { WantedEntryPoint } from "../dev/cluster/entry-points.ts";
import type { DevCluster } from "../dev/dev-cluster.ts";
import { toProxyError } from "../net/error.ts";
import type { Runtime } from "../net/runtime.ts";
import type { Proxy } from "../proxy.ts";

/** Following in progress. */
export interface EntryPointFollower {
  /** Resolves when what the manifests name is there. */
  readonly first: Promise<void>;
  stop(): void;
}

/** The API and ping; `web`, because every route that names no entry point wants it. */
const always: readonly WantedEntryPoint[] = [
  { name: "traefik", protocol: "tcp", host: "127.0.0.1", port: 8080 },
  { name: "web", protocol: "tcp", host: "127.0.0.1", port: 8000 },
];

/** Begins to follow the cluster's objects. */
export function followEntryPoints(
  cluster: DevCluster,
  proxy: Proxy,
  runtime: Runtime,
  config: StaticConfiguration,
): EntryPointFollower {
  const known = new Set(Object.keys(config.entryPoints));
  let turn = Promise.resolve();
  const open = async (announce: boolean): Promise<void> => {
    for (const wanted of [...always, ...entryPointsOf(cluster.store.all())]) {
      if (known.has(wanted.name)) continue;
      known.add(wanted.name);
      await openOne(wanted, proxy, runtime, announce);
    }
  };
  const first = open(false);
  const unsubscribe = cluster.store.subscribe(() => {
    turn = turn.then(() => open(true));
  });
  return { first, stop: unsubscribe };
}

async function openOne(wanted: WantedEntryPoint, proxy: Proxy, runtime: Runtime, announce: boolean): Promise<void> {
  const { name, host } = wanted;
  try {
    const port = await freePort(runtime, wanted);
    if (port !== wanted.port) {
      runtime.stderr(`weir dev: ${host}:${wanted.port} is taken; the entry point ${name} gets another port\n`);
    }
    const suffix = wanted.protocol === "udp" ? "/udp" : "";
    const opened = await proxy.addEntryPoint(name, entryPointAt(`${host}:${port}${suffix}`));
    if (announce) runtime.stdout(`weir opened the entry point ${name}=${opened.host}:${opened.port}${suffix}\n`);
  } catch (thrown) {
    runtime.stderr(`weir dev: the entry point ${name} can't be opened: ${toProxyError(thrown).message}\n`);
  }
}

/** The port that is wished for, or 0 when somebody else has it. */
async function freePort(runtime: Runtime, { host, port, protocol }: WantedEntryPoint): Promise<number> {
  if (port === 0) return 0;
  try {
    const listener = protocol === "udp"
      ? await runtime.openDatagrams({ host, port }, { message: () => undefined, fail: () => undefined })
      : await runtime.listen({ host, port }, (connection) => connection.destroy());
    await listener.close();
    return port;
  } catch {
    return 0; // taken: any other will do
  }
}
