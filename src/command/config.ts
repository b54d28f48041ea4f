// `weir config [--origin] [flags]`: the static configuration in force, and who set what.

import { loadStatic } from "../config/load-static.ts";
import { formatOrigins, listOrigins } from "../config/origins.ts";
import type { Runtime } from "../net/runtime.ts";
import { acceptConfiguration, exitCode } from "./command.ts";

/** Prints every option with its value, and with `--origin` where it came from. @returns the exit code */
export async function showConfig(runtime: Runtime, args: readonly string[]): Promise<number> {
  const flags = args.filter((arg) => arg !== "--origin");
  const loaded = await loadStatic(runtime, flags);
  if (await acceptConfiguration(runtime, loaded) === undefined) return exitCode.failed;
  if (flags.length < args.length) runtime.stdout(formatOrigins(loaded));
  else runtime.stdout(listOrigins(loaded).map(({ name, value }) => `${name}=${value}\n`).join(""));
  return exitCode.ok;
}
