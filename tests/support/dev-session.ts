// `weir dev` as a real process, with curl and kubectl pointed at it.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createKubectl, type Kubectl } from "./kubectl.ts";
import type { RuntimeCommand } from "./runtimes.ts";
import { startWeir, type Weir } from "./weir.ts";

const run = promisify(execFile);

/** A local cluster and its proxy. */
export interface DevSession {
  readonly weir: Weir;
  readonly kubectl: Kubectl;
  /** Real curl against the entry point `web`. @returns the body */
  curl(host: string, ...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Starts it on free ports. @param args paths of manifests, then flags */
export async function startDev(runtime: RuntimeCommand, args: readonly string[]): Promise<DevSession> {
  const weir = await startWeir(runtime, [
    "dev",
    ...args,
    ...["--kube.port", "0"],
    "--entrypoints.web.address=127.0.0.1:0",
    "--entrypoints.traefik.address=127.0.0.1:0",
  ]);
  const kubectl = await createKubectl(`http://127.0.0.1:${weir.port("kube")}`);
  return {
    weir,
    kubectl,
    async curl(host, ...more) {
      const url = `http://127.0.0.1:${weir.port("web")}/`;
      const { stdout } = await run("curl", ["-s", "--max-time", "10", "-H", `Host: ${host}`, ...more, url]);
      return stdout;
    },
    async stop() {
      await kubectl.close();
      await weir.stop();
    },
  };
}

/** Runs curl a number of times, one after the other. */
export async function repeat(times: number, ask: () => Promise<string>): Promise<string[]> {
  const answers: string[] = [];
  for (let turn = 0; turn < times; turn++) answers.push((await ask()).trimEnd());
  return answers;
}

/** How often each answer is in a block of `size`, block by block. */
export function countBlocks(answers: readonly string[], size: number): Record<string, number>[] {
  const blocks: Record<string, number>[] = [];
  for (let start = 0; start + size <= answers.length; start += size) {
    const counts: Record<string, number> = {};
    for (const answer of answers.slice(start, start + size)) counts[answer] = (counts[answer] ?? 0) + 1;
    blocks.push(counts);
  }
  return blocks;
}
