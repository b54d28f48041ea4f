// Brings the npm packages and the pinned runtimes, and nothing else; every other script does so by itself.

import { ensurePackages } from "./lib/packages.mjs";
import { runMain } from "./lib/tree.mjs";

await runMain(async () => {
  await ensurePackages();
  return 0;
});
