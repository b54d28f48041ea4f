// weir with a dynamic configuration file, for the time of one test.

import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { RuntimeCommand } from "./runtimes.ts";
import { startWeir, temporaryFolder, type Weir } from "./weir.ts";

/** A dynamic configuration as a file holds it. */
export interface DynamicFile {
  readonly http: {
    readonly routers: Readonly<Record<string, unknown>>;
    readonly services: Readonly<Record<string, unknown>>;
    readonly serversTransports?: Readonly<Record<string, unknown>>;
  };
  readonly tcp?: unknown;
  readonly udp?: unknown;
  readonly tls?: unknown;
}

/** A running weir and its file. */
export interface ProxyFixture {
  readonly weir: Weir;
  /** Of the entry point `web`. */
  readonly port: number;
  /** Replaces the file in one step, as configuration management does. */
  write(configuration: DynamicFile): Promise<void>;
  /** Replaces the file and waits until weir has applied it. */
  apply(configuration: DynamicFile): Promise<void>;
}

/** How often a configuration was applied, by weir's log. */
export function appliedCount(weir: Weir): number {
  return weir.output().split("configuration applied").length - 1;
}

/**
 * Starts weir, runs `use`, and stops weir.
 * @param flags besides those for the entry point `web`, the file and the log, which is at DEBUG
 */
export async function withProxy<T>(
  runtime: RuntimeCommand,
  configuration: DynamicFile,
  flags: readonly string[],
  use: (proxy: ProxyFixture) => Promise<T>,
): Promise<T> {
  const folder = await temporaryFolder();
  const file = await folder.write("dynamic.json", JSON.stringify(configuration));
  const weir = await startWeir(runtime, [
    "--entrypoints.web.address=127.0.0.1:0",
    `--providers.file.filename=${file}`,
    "--log.level=DEBUG",
    "--log.nocolor=true",
    ...flags,
  ]);
  const write = async (next: DynamicFile): Promise<void> => {
    await rename(await folder.write("next.tmp", JSON.stringify(next)), join(folder.path, "dynamic.json"));
  };
  const apply = async (next: DynamicFile): Promise<void> => {
    const count = appliedCount(weir) + 1;
    await write(next);
    await weir.waitUntil(() => appliedCount(weir) >= count);
  };
  try {
    return await use({ weir, port: weir.port("web"), write, apply });
  } finally {
    await weir.stop();
    await folder.remove();
  }
}

/** A configuration of one router for everything. */
export function oneService(service: unknown, transports?: Readonly<Record<string, unknown>>): DynamicFile {
  return {
    http: {
      routers: { all: { rule: "PathPrefix(`/`)", service: "app" } },
      services: { app: service },
      ...(transports !== undefined && { serversTransports: transports }),
    },
  };
}

/** A load balancer over servers. */
export function balance(urls: readonly string[], more: Readonly<Record<string, unknown>> = {}): unknown {
  return { loadBalancer: { servers: urls.map((url) => ({ url })), ...more } };
}
