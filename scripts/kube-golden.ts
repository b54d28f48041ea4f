// Replays recorded exchanges of real API servers against the embedded API: SCENARIO... [--v1.20] [--verbose] [--ignore=managedFields].

import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { replayScenario } from "../tests/support/golden-replay.ts";

const shared = process.env["WEIR_SHARED"];
if (shared === undefined) {
  process.stderr.write("WEIR_SHARED must name the folder with kube-golden\n");
  process.exit(2);
}
const golden = join(shared, "kube-golden");
const flags = process.argv.slice(2).filter((word) => word.startsWith("--"));
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const version = flags.includes("--v1.20") ? "v1.20" : "v1.26";

/** Those that replay.mjs leaves out need controllers or a client; a word names every scenario that begins with it. */
const all = readdirSync(join(golden, version)).filter((file) => file.endsWith(".jsonl")).map((file) =>
  file.slice(0, -6)
);
const scenarios = wanted.length === 0
  ? all.filter((name) => !/^(00|08|30|40|50)/.test(name))
  : wanted.flatMap((word) => all.includes(word) ? [word] : all.filter((name) => name.startsWith(word)));

let [equal, total] = [0, 0];
const lines: string[] = [];
for (const scenario of scenarios) {
  const result = await replayScenario(scenario, { golden, version, flags: flags.filter((flag) => flag !== "--v1.20") });
  equal += result.equal;
  total += result.total;
  process.stdout.write(result.output.replace(/^same .*\n/m, ""));
  lines.push(`${scenario}: ${result.equal}/${result.total} (${percent(result.equal, result.total)} %)`);
}
process.stdout.write(`\n${lines.join("\n")}\nall: ${equal}/${total} (${percent(equal, total)} %)\n`);

function percent(part: number, whole: number): string {
  return whole === 0 ? "-" : (100 * part / whole).toFixed(1);
}
