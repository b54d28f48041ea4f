// weir on Deno.

import process from "node:process";
import type { Runtime } from "../../src/net/runtime.ts";
import { createRuntime } from "../shared/runtime.ts";

/** Everything weir asks of Deno. */
export const runtime: Runtime = createRuntime({ name: "deno", version: process.versions["deno"] ?? "", gaps: [] });
