// Puts a Runtime together from the shared parts and what a runtime has of its own.

import process from "node:process";
import { hostname } from "node:os";
import type { Gap, Runtime } from "../../src/net/runtime.ts";
import { createCompressor } from "./compress.ts";
import type { DatagramQuirks } from "./datagram-bytes.ts";
import { createDialDatagrams } from "./datagram-channel.ts";
import { createDatagrams, noDatagramQuirks } from "./datagram.ts";
import { dial } from "./dial.ts";
import { createFetch } from "./fetch.ts";
import { files } from "./files.ts";
import { run } from "./program.ts";
import { createDial } from "./tls-dial.ts";
import { loadIdentity } from "./tls-identity.ts";
import { createSecureServer } from "./tls-server.ts";
import type { TlsQuirks } from "./tls-context.ts";
import { exit, isTerminal, onSignal, onUncaught, readFileLimit, readStdin, stderr, stdout } from "./process.ts";

/** What differs between the runtimes. */
export interface RuntimeParts {
  readonly name: Runtime["name"];
  readonly version: string;
  readonly gaps: readonly Gap[];
  /** The runtime's own listener, or node:net's with its quirks. */
  readonly listen: Runtime["listen"];
  /** The runtime's own way to connect. Default: node:net's. */
  readonly dial?: Runtime["dial"];
  readonly tls: TlsQuirks;
  /** Default: none. */
  readonly datagrams?: DatagramQuirks;
}

/** @returns a Runtime on the `node:` modules that all three runtimes have */
export function createRuntime(parts: RuntimeParts): Runtime {
  return {
    name: parts.name,
    version: parts.version,
    gaps: parts.gaps,
    args: process.argv.slice(2),
    env: process.env,
    hostname: hostname(),
    pid: process.pid,
    get fileLimit() {
      return readFileLimit();
    },
    files,
    listen: parts.listen,
    dial: createDial(parts.dial ?? dial, parts.tls),
    loadIdentity,
    secureServer: createSecureServer(parts.tls),
    openDatagrams: createDatagrams(parts.datagrams ?? noDatagramQuirks),
    dialDatagrams: createDialDatagrams(parts.datagrams ?? noDatagramQuirks),
    createFetch,
    run,
    compressor: createCompressor,
    onSignal,
    onUncaught,
    isTerminal: isTerminal(),
    readStdin,
    stdout,
    stderr,
    exit,
    residentBytes: () => process.memoryUsage.rss(),
  };
}
