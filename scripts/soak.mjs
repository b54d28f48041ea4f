// `node scripts/soak.mjs`: a million requests through weir on each runtime, and its resident memory meanwhile.

import { runScript } from "./lib/run-script.mjs";

await runScript("soak", ["wrk"]);
