// Probes of TLS and UDP for the table of gaps.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SecureServer, SecureSettings, TlsFacts } from "../../src/net/tls.ts";
import { settle } from "./contract.ts";
import { startOpenssl } from "./openssl.ts";
import { listenSecure, settingsFor, tlsWorld } from "./tls-meeting.ts";
import { runtime } from "#runtime";

/** @returns the facts of one openssl client, or undefined when it was refused */
async function ask(server: SecureServer, args: readonly string[]): Promise<TlsFacts | undefined> {
  const { listener, port, next } = await listenSecure(server);
  const client = startOpenssl(port, args);
  const outcome = await next();
  if (!("error" in outcome)) {
    const { connection } = outcome;
    connection.handle({ data: () => {}, drain: () => {}, end: () => connection.end(), close: () => {} });
    client.stop();
  }
  await client.output;
  await listener.close();
  return "error" in outcome ? undefined : outcome.facts;
}

async function make(more: Partial<SecureSettings>): Promise<SecureServer> {
  const { identity } = await tlsWorld();
  return runtime.secureServer(settingsFor(identity, more));
}

/** Whether a client that offers only what the settings leave out is refused. */
export async function isRefused(more: Partial<SecureSettings>, args: readonly string[]): Promise<boolean> {
  return await ask(await make(more), args) === undefined;
}

/** Whether TLS 1.0 is spoken when the settings want it. */
export async function speaksOldVersions(): Promise<boolean> {
  const server = await make({ minVersion: "1.0" });
  return await ask(server, ["-tls1", "-cipher", "DEFAULT@SECLEVEL=0"]) !== undefined;
}

/** Whether a session begun with the first settings is resumed with the second; `undefined`: the same server. */
export async function resumes(first: Partial<SecureSettings>, second?: Partial<SecureSettings>): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "weir-tls-"));
  const file = join(folder, "session");
  const one = await make(first);
  const two = second === undefined ? one : await make(second);
  await ask(one, ["-tls1_2", "-sess_out", file]);
  const facts = await ask(two, ["-tls1_2", "-sess_in", file]);
  await rm(folder, { recursive: true });
  return facts?.resumed === true;
}

/** Whether a UDP channel hears that nobody listens. */
export async function hearsRefusal(): Promise<boolean> {
  const socket = await runtime.openDatagrams({ host: "127.0.0.1", port: 0 }, { message: () => {}, fail: () => {} });
  await socket.close();
  let isHeard = false;
  const channel = runtime.dialDatagrams({ host: "127.0.0.1", port: socket.port }, {
    message: () => {},
    fail: () => void (isHeard = true),
  });
  for (let round = 0; round < 3; round++) {
    channel.send(new Uint8Array(1));
    await settle();
  }
  channel.close();
  return isHeard;
}
