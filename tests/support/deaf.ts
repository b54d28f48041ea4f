// An address whose connections are never completed: a stopped process with a full backlog.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { startChild } from "./contract-child.ts";
import { settle } from "./contract.ts";

/** Starts it. @returns its port, and the way to end it */
export async function startDeaf(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const child = startChild("contract-deaf.ts");
  const port = Number(await child.line());
  const fillers: Socket[] = [];
  for (let isFull = false; !isFull;) {
    const filler = connect({ host: "127.0.0.1", port });
    filler.on("error", () => undefined);
    fillers.push(filler);
    const connected = once(filler, "connect").then(() => false);
    isFull = await Promise.race([connected, settle().then(() => true)]);
  }
  return {
    port,
    close: async () => {
      for (const filler of fillers) filler.destroy();
      await child.kill();
    },
  };
}
