// `npm run ok`: every check and the unit tests on Node, in well under 90 seconds; run it before each commit.

import { allChecks, runChecks } from "./lib/checks.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { runnerCommand } from "./lib/runners.mjs";
import { testFiles } from "./lib/stages.mjs";
import { runMain } from "./lib/tree.mjs";

const UNIT_FILES_AT_ONCE = 3; // more than the cores of a small machine: half of their time is waiting

await runMain(async () => {
  await ensurePackages();
  const unit = runnerCommand("node24", testFiles("tests/unit"), { parallel: UNIT_FILES_AT_ONCE });
  const checked = await runChecks([{ name: "unit tests on Node", ...unit }, ...allChecks()]);
  const failed = checked.filter((check) => !check.ok).map((check) => check.name);
  console.log(failed.length === 0 ? "\nall is well" : `\nnot well: ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
});
