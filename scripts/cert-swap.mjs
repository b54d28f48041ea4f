// `node scripts/cert-swap.mjs`: a thousand certificate swaps under a hundred handshakes per second, on each runtime.

import { runScript } from "./lib/run-script.mjs";

await runScript("cert-swap");
