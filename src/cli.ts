// The command line: the first word says what to do; without one weir takes Traefik's flags and runs.

import { runCheck } from "./command/check.ts";
import { runDev } from "./command/dev.ts";
import { checkHealth } from "./command/healthcheck.ts";
import { exitCode } from "./command/command.ts";
import { printDefinitions } from "./command/crds.ts";
import { helpText, usage } from "./command/help.ts";
import { printRoles } from "./command/rbac.ts";
import { runProxy } from "./command/run.ts";
import { showConfig } from "./command/config.ts";
import type { Runtime } from "./net/runtime.ts";
import { VERSION } from "./version.ts";

type Command = (runtime: Runtime, args: readonly string[]) => Promise<number>;

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["run", runProxy],
  ["dev", runDev],
  ["check", runCheck],
  ["config", showConfig],
  ["healthcheck", checkHealth],
  ["crds", printDefinitions],
  ["rbac", printRoles],
  ["version", showVersion],
  ["help", showHelp],
]);

/** Those that have a help text of their own. */
const selfExplaining: ReadonlySet<string> = new Set(["check", "crds", "rbac"]);

/** Runs weir with the runtime's arguments, and exits. */
export async function main(runtime: Runtime): Promise<void> {
  const [word = "", ...rest] = runtime.args;
  runtime.exit(await dispatch(runtime, word, rest));
}

function dispatch(runtime: Runtime, word: string, rest: readonly string[]): Promise<number> {
  const isFlag = word === "" || word.startsWith("-");
  const command = word === "--version" ? showVersion : isFlag ? runProxy : commands.get(word);
  if (command === undefined) return refuse(runtime, `${JSON.stringify(word)} is no command`);
  const wantsHelp = runtime.args.some((arg) => arg === "--help" || arg === "-h");
  if (wantsHelp && !selfExplaining.has(word)) return showHelp(runtime, []);
  return command(runtime, command === runProxy && isFlag ? runtime.args : rest);
}

function showVersion(runtime: Runtime, args: readonly string[]): Promise<number> {
  const [unwanted] = args;
  if (unwanted !== undefined) return refuse(runtime, `version takes no arguments, got ${JSON.stringify(unwanted)}`);
  runtime.stdout(`Version:  ${VERSION}\nCodename: weir\nRuntime:  ${runtime.name} ${runtime.version}\n`);
  return Promise.resolve(exitCode.ok);
}

/** `weir help`, or `weir help check` for one that has a help text of its own. */
function showHelp(runtime: Runtime, args: readonly string[]): Promise<number> {
  const [word, ...rest] = args;
  const command = word !== undefined && rest.length === 0 && selfExplaining.has(word) ? commands.get(word) : undefined;
  if (command !== undefined) return command(runtime, ["--help"]);
  if (word !== undefined) {
    const known = `only ${[...selfExplaining].join(", ")} have a help text of their own`;
    return refuse(runtime, `help takes no such argument, got ${JSON.stringify(word)}: ${known}`);
  }
  runtime.stdout(helpText());
  return Promise.resolve(exitCode.ok);
}

function refuse(runtime: Runtime, reason: string): Promise<number> {
  runtime.stderr(`weir: ${reason}\n\n${usage}`);
  return Promise.resolve(exitCode.usage);
}
