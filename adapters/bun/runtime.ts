// weir on Bun.

import process from "node:process";
import type { Gap, Runtime } from "../../src/net/runtime.ts";
import { createRuntime } from "../shared/runtime.ts";
import { dial } from "./dial.ts";
import { listen } from "./listen.ts";

const GAPS: readonly Gap[] = [];

/** Everything weir asks of Bun. */
export const runtime: Runtime = createRuntime({
  name: "bun",
  version: process.versions["bun"] ?? "",
  gaps: GAPS,
  listen,
  dial,
  tls: {
    hasSecurityLevels: false,
    sharesSessions: false,
    below: { resetsItself: true, takesText: true, wasReset: undefined },
    prepare: () => {},
  },
});
