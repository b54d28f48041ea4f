// What the tests of the HTTP/1.1 transport share: exchanges through weir, from a client to a backend in memory.

import assert from "node:assert/strict";
import type { Peer } from "../../support/memory-connection.ts";
import type { WireBench } from "../entrypoint/wire-bench.ts";
import { get, message, settled } from "../entrypoint/wire-bench.ts";

/** Sends a request through weir and waits until the backend has seen what came of it. */
export async function proxied(
  bench: WireBench,
  ...pieces: readonly string[]
): Promise<{ client: Peer; backend: Peer }> {
  const client = bench.connect();
  client.send(...pieces);
  await settled();
  return { client, backend: bench.backend() };
}

/** A second request on the same client connection. */
export async function again(bench: WireBench, client: Peer, request = get("/again")): Promise<void> {
  client.take();
  client.send(request);
  await settled();
  assert.ok(bench.requests.length > 1, "weir did not take the second request");
}

/** The head of a chunked upload. */
export const chunked = message("POST /c HTTP/1.1", "Host: a.test", "Transfer-Encoding: chunked");
