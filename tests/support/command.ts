// Runs one of weir's commands as a real process, to its end.

import { spawn } from "node:child_process";
import process from "node:process";
import { projectRoot, type RuntimeCommand } from "./runtimes.ts";

/** How a command ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 20_000;

/** @param env added to an environment in which no configuration file is found */
export function runCommand(
  runtime: RuntimeCommand,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const nowhere = `${projectRoot}tests/none`;
  return new Promise((resolve, reject) => {
    const child = spawn(runtime.command, [...runtime.args, ...args], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", XDG_CONFIG_HOME: nowhere, ...env },
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => output.stdout += String(chunk));
    child.stderr.on("data", (chunk) => output.stderr += String(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, ...output });
    });
  });
}
