// How much the system holds of what a UDP port has not read yet: Deno has no call for it (its node:dgram takes the size
// for that of its own buffer, one per datagram), the system has.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const LISTS = ["/proc/net/udp", "/proc/net/udp6"];
/** Columns of their lines. */
const LOCAL = 1;
const INODE = 9;

/** Of Linux, on the processors Deno runs on. */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;

/** The C library's names: glibc, musl. */
const LIBRARIES = ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`];

type SetOption = (descriptor: number, level: number, name: number, value: BufferSource, bytes: number) => number;

let setOption: SetOption | undefined = undefined;

/**
 * Asks the system to hold more for this process's UDP sockets at a port; it gives what `net.core.rmem_max` allows. Where
 * that can't be asked (no Linux, no `--allow-ffi`), its own size has to do: about 270 small datagrams.
 */
export function growReceiveBuffers(port: number, bytes: number): void {
  if (Deno.build.os !== "linux" || Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return;
  setOption ??= load();
  const value = Int32Array.of(bytes);
  for (const descriptor of descriptorsAt(port)) {
    setOption(descriptor, SOL_SOCKET, SO_RCVBUF, value, value.byteLength);
  }
}

function load(): SetOption {
  for (const name of LIBRARIES) {
    try {
      const parameters = ["i32", "i32", "i32", "buffer", "u32"] as const;
      return Deno.dlopen(name, { setsockopt: { parameters, result: "i32" } }).symbols.setsockopt;
    } catch {
      // not this C library
    }
  }
  return () => -1;
}

/** The sockets have no descriptors one could ask for: they are found by what the system lists. */
function descriptorsAt(port: number): number[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = LISTS.flatMap((path) => readOr(path).split("\n")).map((line) => line.trim().split(/\s+/));
  const sockets = new Set(
    lines.filter((cells) => cells[LOCAL]?.endsWith(suffix)).map((cells) => `socket:[${cells[INODE]}]`),
  );
  return readdirSync("/proc/self/fd").map(Number).filter((descriptor) => sockets.has(targetOf(descriptor)));
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // without IPv6 there is no list of it
  }
}

function targetOf(descriptor: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return ""; // it was that of the folder
  }
}
