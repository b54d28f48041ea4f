#!/usr/bin/env node
// `npm run weir -- …`: weir from this checkout, on the runtime that WEIR_RUNTIME names (bun by default).

import process from "node:process";
import { runMain } from "./lib/tree.mjs";
import { runWeir } from "./lib/weir.mjs";

await runMain(() => runWeir(process.argv.slice(2)));
