// Replays recorded exchanges of real API servers, one scenario at a time, each against a fresh embedded API.

import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { goldenTokens, startGoldenServer } from "./golden-server.ts";

/** How many exchanges of a scenario came out equal. */
export interface ReplayResult {
  readonly scenario: string;
  readonly equal: number;
  readonly total: number;
  /** Each difference. */
  readonly output: string;
}

/** What to replay. */
export interface ReplayOptions {
  /** The folder with replay.mjs and the recorded versions. */
  readonly golden: string;
  /** Default: `v1.26`. */
  readonly version?: string;
  /** Passed on to replay.mjs: `--verbose`, `--ignore=managedFields`. */
  readonly flags?: readonly string[];
}

/** Replays one scenario. @throws {Error} when the replay breaks off */
export async function replayScenario(scenario: string, options: ReplayOptions): Promise<ReplayResult> {
  const { golden, version = "v1.26", flags = [] } = options;
  const data = join(golden, version);
  const folder = await mkdtemp(join(tmpdir(), "weir-golden-"));
  const tokens = join(folder, "tokens.json");
  await writeFile(tokens, JSON.stringify(goldenTokens));
  const server = await startGoldenServer(data);
  try {
    const script = `fetch(${JSON.stringify(server.compactUrl)},{method:"POST"}).then((r)=>r.text())`;
    const compact = `${JSON.stringify(process.execPath)} -e '${script}'`;
    const args = [join(golden, "replay.mjs"), data, server.url, tokens, scenario, ...flags];
    const output = await run(args, { ...process.env, KG_COMPACT: compact });
    const [, equal, total] = new RegExp(`${scenario}\\.jsonl: (\\d+)/(\\d+)`).exec(output) ?? [];
    if (total === undefined) throw new Error(`the replay of ${scenario} broke off:\n${output}`);
    return { scenario, equal: Number(equal), total: Number(total), output };
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => output += text);
  child.stderr.setEncoding("utf8").on("data", (text) => output += text);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}
