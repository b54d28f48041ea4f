// `npm start`: weir with the first seed's manifests on an embedded Kubernetes API, no cluster needed.

import { join, relative } from "node:path";
import process from "node:process";
import { root, runMain } from "./lib/tree.mjs";
import { runWeir } from "./lib/weir.mjs";

const manifests = relative(process.cwd(), join(root, "fixtures", "seeds", "001"));

await runMain(() => runWeir(["dev", manifests, ...process.argv.slice(2)]));
