// `weir healthcheck [flags]`: asks the running weir's /ping, for container health checks.

import { parseEntryPointAddress } from "../config/address.ts";
import { loadStatic } from "../config/load-static.ts";
import type { StaticConfiguration } from "../config/static.ts";
import type { Runtime } from "../net/runtime.ts";
import { acceptConfiguration, exitCode } from "./command.ts";

const TIMEOUT_MS = 5_000;

/** Takes the flags that weir was started with. @returns 0 when it answers 200 */
export async function checkHealth(runtime: Runtime, args: readonly string[]): Promise<number> {
  const config = await acceptConfiguration(runtime, await loadStatic(runtime, args));
  if (config === undefined) return exitCode.failed;
  const { ping } = config;
  if (ping === undefined) {
    runtime.stderr("weir healthcheck: ping is not enabled; start weir with --ping\n");
    return exitCode.failed;
  }
  const url = urlOf(config.entryPoints[ping.entryPoint]);
  // Whoever has the port is asked, whatever name its certificate is for.
  const client = runtime.createFetch({ insecureSkipVerify: true });
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await client.fetch(url, { method: "GET", headers: {}, signal });
    const [line = ""] = (await response.text()).split("\n", 1);
    if (response.status === 200) {
      runtime.stdout(`OK: ${url}\n`);
      return exitCode.ok;
    }
    runtime.stderr(`weir healthcheck: ${url} answered ${response.status}${line === "" ? "" : ` ${line}`}\n`);
  } catch (thrown) {
    runtime.stderr(`weir healthcheck: ${url} does not answer: ${thrown instanceof Error ? thrown.message : ""}\n`);
  } finally {
    client.close();
  }
  return exitCode.failed;
}

function urlOf(entryPoint: StaticConfiguration["entryPoints"][string] | undefined): string {
  const address = parseEntryPointAddress(entryPoint?.address ?? "");
  const host = address === undefined || address.host === "" || address.host === "0.0.0.0" ? "127.0.0.1" : address.host;
  const scheme = entryPoint?.http?.tls === undefined ? "http" : "https";
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${address?.port ?? 0}/ping`;
}
