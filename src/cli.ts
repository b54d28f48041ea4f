// The command line: the first word says what to do; without one weir takes Traefik's flags and runs.

import { runDev } from "./command/dev.ts";
import { checkHealth } from "./command/healthcheck.ts";
import { helpText } from "./command/help.ts";
import { runProxy } from "./command/run.ts";
import { showConfig } from "./command/config.ts";
import type { Runtime } from "./net/runtime.ts";
import { VERSION } from "./version.ts";

type Command = (runtime: Runtime, args: readonly string[]) => Promise<number>;

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["dev", runDev],
  ["config", showConfig],
  ["healthcheck", checkHealth],
  ["version", showVersion],
  ["help", showHelp],
]);

/** Runs weir with the runtime's arguments, and exits. */
export async function main(runtime: Runtime): Promise<void> {
  const [word = "", ...rest] = runtime.args;
  runtime.exit(await dispatch(runtime, word, rest));
}

function dispatch(runtime: Runtime, word: string, rest: readonly string[]): Promise<number> {
  if (word === "--help" || word === "-h") return showHelp(runtime);
  if (word === "--version") return showVersion(runtime);
  const command = commands.get(word);
  if (command !== undefined) return command(runtime, rest);
  if (word === "" || word.startsWith("-")) return runProxy(runtime, runtime.args);
  runtime.stderr(`weir: "${word}" is no command; there are: ${[...commands.keys()].join(", ")}\n`);
  return Promise.resolve(2);
}

function showVersion(runtime: Runtime): Promise<number> {
  runtime.stdout(`Version:  ${VERSION}\nCodename: weir\nRuntime:  ${runtime.name} ${runtime.version}\n`);
  return Promise.resolve(0);
}

function showHelp(runtime: Runtime): Promise<number> {
  runtime.stdout(helpText());
  return Promise.resolve(0);
}
