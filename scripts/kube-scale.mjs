// `node scripts/kube-scale.mjs`: ten thousand routes in a cluster: the first table, single changes, and a storm of them.

import { runScript } from "./lib/run-script.mjs";

await runScript("kube-scale");
