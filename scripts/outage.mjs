// `node scripts/outage.mjs`: five minutes without a Kubernetes API that works, on each runtime, under traffic.

import { runScript } from "./lib/run-script.mjs";

await runScript("outage");
