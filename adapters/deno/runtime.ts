// weir on Deno.

import process from "node:process";
import type { Runtime } from "../../src/net/runtime.ts";
import { createListen } from "../shared/listen.ts";
import { createRuntime } from "../shared/runtime.ts";
import { wasReset } from "../shared/was-reset.ts";
import { gaps } from "./gaps.ts";
import { growReceiveBuffers } from "./receive-buffer.ts";
import { passReadStops } from "./tls-quirk.ts";

/** Everything weir asks of Deno. */
export const runtime: Runtime = createRuntime({
  name: "deno",
  version: process.versions["deno"] ?? "",
  gaps,
  listen: createListen({ acceptsInBatches: true }),
  datagrams: {
    growBuffer: (socket, bytes) => growReceiveBuffers(socket.address().port, bytes),
    wastesBuffers: true,
  },
  tls: {
    hasSecurityLevels: false,
    sharesSessions: true,
    below: { resetsItself: false, takesText: false, wasReset },
    prepare: passReadStops,
  },
});
