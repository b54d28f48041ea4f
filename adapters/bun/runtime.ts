// weir on Bun.

import process from "node:process";
import type { Runtime } from "../../src/net/runtime.ts";
import { createRuntime } from "../shared/runtime.ts";
import { dial } from "./dial.ts";
import { gaps } from "./gaps.ts";
import { listen } from "./listen.ts";

/** Everything weir asks of Bun. */
export const runtime: Runtime = createRuntime({
  name: "bun",
  version: process.versions["bun"] ?? "",
  gaps,
  listen,
  dial,
  tls: {
    hasSecurityLevels: false,
    sharesSessions: false,
    below: { resetsItself: true, takesText: true, wasReset: undefined },
    prepare: () => {},
  },
});
