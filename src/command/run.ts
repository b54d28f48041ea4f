// `weir [flags]`: the proxy, as an image's entry point starts it.

import { loadStatic } from "../config/load-static.ts";
import type { Runtime } from "../net/runtime.ts";
import { toProxyError } from "../net/error.ts";
import { Proxy } from "../proxy.ts";
import { VERSION } from "../version.ts";
import { acceptConfiguration, exitCode, openLog, readyLine, stopSignal, tellGaps } from "./command.ts";
import { StaticReload } from "./static-reload.ts";

/** Runs until a signal. @returns the exit code */
export async function runProxy(runtime: Runtime, args: readonly string[]): Promise<number> {
  const loaded = await loadStatic(runtime, args);
  const config = await acceptConfiguration(runtime, loaded);
  if (config === undefined) return exitCode.failed;
  const { logger, output } = openLog(runtime, config);
  runtime.onUncaught((error) => logger.error("nobody caught an error", { error }));
  const stopped = stopSignal(runtime);
  const proxy = new Proxy({ runtime, config, logger, version: VERSION });
  runtime.onSignal("SIGUSR1", () => {
    output.reopen();
    proxy.reopenLogs();
  });
  const options = new StaticReload({ runtime, args, logger, proxy }, loaded, config);
  runtime.onSignal("SIGHUP", () => {
    logger.info("reading the configuration again");
    proxy.reload();
    void options.reload();
  });
  logger.info("weir starts", { version: VERSION, runtime: runtime.name, runtimeVersion: runtime.version });
  tellGaps(runtime, logger);
  try {
    await proxy.start();
  } catch (thrown) {
    runtime.stderr(`weir: ${toProxyError(thrown).message}\n`);
    await options.stop();
    return exitCode.failed;
  }
  // Whoever asks for JSON reads standard output line by line: nothing else may stand there.
  const tell = config.log.format === "json" ? runtime.stderr : runtime.stdout;
  tell(readyLine(proxy.addresses));
  await stopped;
  logger.info("weir stops");
  await options.stop();
  await proxy.stop();
  await output.close();
  return exitCode.ok;
}
