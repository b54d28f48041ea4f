// Child processes of the contract tests: the same runtime runs a script of this folder.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runtime } from "#runtime";

/** A child and its lines. */
export interface Child {
  readonly process: ChildProcess;
  readonly errors: () => string;
  /** @returns the next line of its standard output; rejects when it ends before */
  line(): Promise<string>;
  /** @returns its exit code, or the signal that ended it */
  ended(): Promise<number | string>;
  /** Kills it, by its id, and waits. */
  kill(): Promise<void>;
}

/**
 * Starts `tests/support/<script>` under this runtime.
 * @param shell commands before it, for example `ulimit -n 64`
 */
export function startChild(script: string, args: readonly string[] = [], shell = ":"): Child {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const words = [process.execPath, ...(runtime.name === "deno" ? ["run", "-A", path] : [path]), ...args];
  const child = spawn("/bin/sh", ["-c", `${shell}; exec "$0" "$@"`, ...words], { stdio: ["pipe", "pipe", "pipe"] });
  const end = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let errors = "";
  child.stderr.on("data", (chunk) => void (errors += chunk));
  return {
    process: child,
    errors: () => errors,
    line: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script} ended: ${errors}`);
      return value;
    },
    ended: async () => {
      const [code, signal] = await end;
      return code ?? signal;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await end;
    },
  };
}
