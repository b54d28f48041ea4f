// weir on Node.

import process from "node:process";
import type { Gap, Runtime } from "../../src/net/runtime.ts";
import { createListen } from "../shared/listen.ts";
import { createRuntime } from "../shared/runtime.ts";
import { wasReset } from "../shared/was-reset.ts";

const GAPS: readonly Gap[] = [];

/** Everything weir asks of Node. */
export const runtime: Runtime = createRuntime({
  name: "node",
  version: process.versions.node,
  gaps: GAPS,
  listen: createListen({ acceptsInBatches: false }),
  tls: {
    hasSecurityLevels: true,
    sharesSessions: false,
    below: { resetsItself: false, takesText: true, wasReset },
    prepare: () => {},
  },
});
