// `npm run bench`: brings what is missing, and runs the benchmark on Node 24.

import { runScript } from "./lib/run-script.mjs";

await runScript("bench", ["nginx", "haproxy", "caddy", "wrk", "h2load"]);
