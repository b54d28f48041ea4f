// A second descriptor for an open socket: Bun has no call for it, the system has.

import { dlopen } from "bun:ffi";
import process from "node:process";

const MUSL_ARCH: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** The C library's names: glibc, musl, macOS. */
const LIBRARIES = ["libc.so.6", `libc.musl-${MUSL_ARCH[process.arch] ?? process.arch}.so.1`, "libSystem.B.dylib"];

let call: ((descriptor: number) => number) | undefined = undefined;

/** @returns another descriptor of the same socket, which its owner closes; undefined: there is no way here */
export function duplicate(descriptor: number): number | undefined {
  call ??= load();
  const made = call(descriptor);
  return made < 0 ? undefined : made;
}

function load(): (descriptor: number) => number {
  for (const name of LIBRARIES) {
    try {
      return dlopen(name, { dup: { args: ["int"], returns: "int" } }).symbols.dup;
    } catch {
      // not this C library, or nothing may be loaded here
    }
  }
  return () => -1;
}
