// Whether the peer reset a TCP connection whose TLS layer reported an end: Node 22's and Deno's do not tell the two apart.

import type { Socket } from "node:net";

const ENOTCONN = -107;

/** After RST the system no longer knows a peer, which it does after a FIN; false where the runtime has no such question. */
export function wasReset(carrier: Socket): boolean {
  const handle: unknown = Reflect.get(carrier, "_handle");
  if (typeof handle !== "object" || handle === null || !("getpeername" in handle)) return false;
  return typeof handle.getpeername === "function" && handle.getpeername({}) === ENOTCONN;
}
