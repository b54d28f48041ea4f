// `node scripts/datagrams.mjs`: a million datagrams from 100,000 source ports through weir, on each runtime.

import { runScript } from "./lib/run-script.mjs";

await runScript("datagrams");
