// weir on Deno.

import process from "node:process";
import type { Gap, Runtime } from "../../src/net/runtime.ts";
import { createListen } from "../shared/listen.ts";
import { createRuntime } from "../shared/runtime.ts";
import { passReadStops, wasReset } from "./tls-quirk.ts";

const GAPS: readonly Gap[] = [
  {
    feature: "background-compression",
    reason: "node:zlib compresses br and zstd within the call, so a large chunk holds up other requests for its time",
  },
  {
    feature: "reset-while-paused",
    reason: "the RST of a server whose dialled connection is paused is seen only when it is resumed or written to",
  },
];

/** Everything weir asks of Deno. */
export const runtime: Runtime = createRuntime({
  name: "deno",
  version: process.versions["deno"] ?? "",
  gaps: GAPS,
  listen: createListen({ acceptsInBatches: true }),
  tls: {
    hasSecurityLevels: false,
    below: { resetsItself: false, takesText: false, wasReset },
    prepare: passReadStops,
  },
});
