// weir on Node.

import process from "node:process";
import type { Runtime } from "../../src/net/runtime.ts";
import { createRuntime } from "../shared/runtime.ts";

/** Everything weir asks of Node. */
export const runtime: Runtime = createRuntime({ name: "node", version: process.versions.node, gaps: [] });
