// Brings the npm packages and the pinned runtimes; every other script does so by itself.
//
//   node scripts/set-up.mjs              packages and runtimes
//   node scripts/set-up.mjs programs     the Debian packages of the tests instead, as far as they can be had

import process from "node:process";
import { describeMissing, ensurePrograms } from "./lib/debian.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { runMain, SetUpError } from "./lib/tree.mjs";

await runMain(async () => {
  const [what, ...rest] = process.argv.slice(2);
  if (rest.length > 0 || (what !== undefined && what !== "programs")) {
    throw new SetUpError(`set-up takes nothing, or "programs", got: ${process.argv.slice(2).join(" ")}`);
  }
  if (what === undefined) await ensurePackages();
  else {
    const missing = await ensurePrograms();
    if (missing.length > 0) console.error(describeMissing(missing));
  }
  return 0;
});
