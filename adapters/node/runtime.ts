// weir on Node.

import process from "node:process";
import type { Runtime } from "../../src/net/runtime.ts";
import { dial } from "../shared/dial.ts";
import { createListen } from "../shared/listen.ts";
import { createRuntime } from "../shared/runtime.ts";
import { wasReset } from "../shared/was-reset.ts";
import { gaps } from "./gaps.ts";

/** Everything weir asks of Node. */
export const runtime: Runtime = createRuntime({
  name: "node",
  version: process.versions.node,
  gaps,
  listen: createListen({ acceptsInBatches: false }),
  dial: (options, handler) => dial(options, handler, { readsIntoOneBuffer: true }),
  tls: {
    hasSecurityLevels: true,
    sharesSessions: false,
    below: { resetsItself: false, takesText: true, wasReset },
    prepare: () => {},
  },
});
