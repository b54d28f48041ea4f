// An API server for tests in a process of its own: objects by the thousand, changes and faults as its parent says.

import { createServer, type Server, type Socket } from "node:net";
import process from "node:process";
import { weirDefinitions } from "../../src/command/crds.ts";
import { createKubeApi } from "../../src/dev/api/kube-api.ts";
import { FaultyApi } from "../../src/dev/fault/faults.ts";
import { isKubeCommand, type KubeCommand } from "./kube-command.ts";
import { ScaleObjects } from "./scale-objects.ts";
import { type FetchServer, serveFetch } from "./fetch-server.ts";

const api = createKubeApi({ definitions: weirDefinitions() });
const faulty = new FaultyApi((request) => api.fetch(request));
const objects = new ScaleObjects(api);
/** When each request came, by the clock that all processes share. */
const asked: number[] = [];
let served: FetchServer | undefined = undefined;
let resetting: Server | undefined = undefined;
let port = 0;

/** Milliseconds since the machine started. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

async function serve(): Promise<number> {
  if (resetting !== undefined) await closed(resetting);
  resetting = undefined;
  served ??= await serveFetch((request) => {
    asked.push(now());
    return faulty.fetch(request);
  }, port);
  return port = served.port;
}

async function refuse(): Promise<void> {
  await served?.close();
  served = undefined;
}

/** A port that answers every connection with RST: what a refusal looks like, but can be counted. */
async function reset(): Promise<void> {
  await refuse();
  if (resetting !== undefined) return;
  const server = createServer((socket: Socket) => {
    asked.push(now());
    socket.resetAndDestroy();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  resetting = server;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function fault({ fault: wanted }: Extract<KubeCommand, { readonly do: "fault" }>): void {
  if (wanted === undefined) faulty.clear();
  else faulty.set(wanted);
}

type Deed<C extends KubeCommand["do"]> = (command: Extract<KubeCommand, { readonly do: C }>) => unknown;

const deeds: { readonly [C in KubeCommand["do"]]: Deed<C> } = {
  serve,
  refuse,
  reset,
  fault,
  cut: () => faulty.cutWatches(),
  asked: () => asked.splice(0),
  fill: (filling) => objects.fill(filling),
  add: ({ host, port: backend }) => objects.add(host, backend),
  change: ({ kind, index }) => {
    objects.change(kind, index);
    return now();
  },
  storm: ({ changes, below }) => {
    objects.storm(changes, below);
    return now();
  },
};

function obey<C extends KubeCommand["do"]>(command: Extract<KubeCommand, { readonly do: C }>): unknown {
  const deed: Deed<C> = deeds[command.do];
  return deed(command);
}

async function answer({ id, command }: { readonly id: number; readonly command: unknown }): Promise<void> {
  if (!isKubeCommand(command)) throw new TypeError(`no command: ${JSON.stringify(command)}`);
  const value = await obey(command);
  process.send?.({ id, value });
}

process.on("message", (message: { readonly id: number; readonly command: unknown }) => {
  answer(message).catch((error: unknown) => {
    process.send?.({ id: message.id, error: String(error) });
  });
});
process.on("disconnect", () => process.exit(0));
