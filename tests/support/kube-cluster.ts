// The parent's side of an API server in a process of its own.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { KubeCommand } from "./kube-command.ts";

const MAIN = fileURLToPath(new URL("kube-process.ts", import.meta.url));

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A running API server. */
export class KubeCluster {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #count = 0;

  /** Starts the process. Nothing listens before `serve`. */
  constructor() {
    this.#child = fork(MAIN, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#child.on("message", (message: { id: number; value?: unknown; error?: string }) => {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.value);
      else waiting?.reject(new Error(message.error));
    });
    this.#child.on("exit", (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the API server ended with ${code}`));
      this.#waiting.clear();
    });
  }

  /** Has something done, and waits for it. */
  tell(command: KubeCommand): Promise<unknown> {
    const id = this.#count++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, command });
    });
  }

  /** The same, for commands that answer with a number. */
  async number(command: KubeCommand): Promise<number> {
    return Number(await this.tell(command));
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.disconnect();
    await gone;
  }
}
