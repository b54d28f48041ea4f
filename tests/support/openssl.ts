// `openssl s_client` as a TLS client that shares nothing with the runtimes.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** What it printed, alerts included, once the server has closed or the client was told to stop. */
export interface ClientRun {
  readonly output: Promise<string>;
  /** Ends it as a user would: it sends close_notify. */
  stop(): void;
}

/** Connects; `stop` or the server ends it, and ten seconds at the latest do. */
export function startOpenssl(port: number, args: readonly string[]): ClientRun {
  const child = spawn("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, ...args], { timeout: 10_000 });
  let text = "";
  const note = (bytes: Uint8Array) => void (text += String(bytes));
  child.stdout.on("data", note);
  child.stderr.on("data", note);
  child.stdin.on("error", () => {});
  return {
    output: once(child, "close").then(() => text),
    stop: () => void child.stdin.end("Q\n"),
  };
}
