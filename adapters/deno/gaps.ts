// What Deno can't do; the README shows it.

import type { Gap } from "../../src/net/runtime.ts";

/** `tests/contract/gaps.test.ts` proves each of them. */
export const gaps: readonly Gap[] = [
  {
    feature: "background-compression",
    reason: "node:zlib compresses br and zstd within the call, so a large chunk holds up other requests for its time",
  },
  {
    feature: "reset-while-paused",
    reason: "the RST of a server whose dialled connection is paused is seen only when it is resumed or written to",
  },
  { feature: "tls-ciphers", reason: "rustls takes no list of cipher suites: all of its own, which are sound, stay on" },
  { feature: "tls-curves", reason: "rustls takes no list of curves: all of its own, which are sound, stay on" },
  { feature: "tls-below-1.2", reason: "rustls speaks TLS 1.2 and 1.3 only: clients with less are refused" },
  { feature: "tls-no-tickets", reason: "node:tls can't switch resumption of sessions off, so it stays on" },
  {
    feature: "tls-session-isolation",
    reason: "all option sets share one store of sessions; certificates of clients are checked at resumption too",
  },
  { feature: "datagram-refused", reason: "node:dgram does not report that nobody listens at a UDP server's port" },
];
