// Keeps a paused TLS socket on Deno from reading on: its TLS layer stops delivering, and goes on taking from the network.
//
// Without this a client that sends while we wait costs hundreds of MiB. It leans on a private field: where that is
// missing, the contract test of backpressure fails, and with it the upgrade of Deno.

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** What stands between the TLS layer and the network. */
interface Readable {
  readStop(): unknown;
  readStart(): unknown;
}

/** Makes stopping and starting to read reach the TCP handle below. */
export function passReadStops(socket: TLSSocket): void {
  const below = findBelow(socket);
  if (!("_handle" in socket) || !isReadable(socket._handle) || !isReadable(below)) return;
  const handle = socket._handle;
  const readStop = handle.readStop;
  const readStart = handle.readStart;
  handle.readStop = () => {
    below.readStop();
    return readStop.call(handle);
  };
  handle.readStart = () => {
    below.readStart();
    return readStart.call(handle);
  };
}

function findBelow(socket: Socket): object | undefined {
  if (!("_handle" in socket) || typeof socket._handle !== "object" || socket._handle === null) return undefined;
  const handle: object = socket._handle;
  if (!("_nativeTcpHandle" in handle)) return undefined;
  const below = handle._nativeTcpHandle;
  return typeof below === "object" && below !== null ? below : undefined;
}

function isReadable(value: unknown): value is Readable {
  return typeof value === "object" && value !== null && "readStop" in value && "readStart" in value;
}
