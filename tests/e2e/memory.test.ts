// Memory that stays bounded: endless bodies whose reader stalls, and many small requests.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { hasProgram } from "../../scripts/lib/debian.mjs";
import { balance, type DynamicFile, withProxy } from "../support/proxy-fixture.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { plainAnswer, type ScriptedBackend, startScripted } from "../support/scripted-backend.ts";
import { soak } from "../support/soak.ts";
import { costOf, GIB, open, openSecure, Source } from "../support/stalled-transfers.ts";
import type { Weir } from "../support/weir.ts";
import { get } from "../support/wire-client.ts";

/** Issues 2 and 4: what each stalled transfer may cost. */
const COST_KIB = 1024;
const GROWTH = 1.1;
/** Requests until a runtime's young generation has its size: on Deno it grows by 13 MiB once, after 130,000. */
const WARM = 200_000;
/** A connection that is not read is not seen to close either: nothing is to be gained by waiting for it at the end. */
const flags = [
  "--entrypoints.web.transport.lifecycle.gracetimeout=100ms",
  "--entrypoints.raw.address=127.0.0.1:0",
  "--entrypoints.raw.transport.lifecycle.gracetimeout=100ms",
];

const noWrk = hasProgram("wrk") ? false : "wrk is not installed";

/** How a transfer begins; the sender goes into `sources`. */
interface Way {
  readonly title: string;
  readonly begin: (weir: Weir, sources: Set<Source>, index: number) => Promise<Socket>;
}

const ways: readonly Way[] = [
  { title: "download", begin: async (weir) => asking(await open(weir.port("web")), get("app.test")) },
  {
    title: "upload",
    begin: async (weir, sources) => {
      const socket = asking(
        await open(weir.port("web")),
        `POST / HTTP/1.1\r\nHost: up.test\r\nContent-Length: ${GIB}\r\n\r\n`,
      );
      sources.add(new Source(socket));
      return socket;
    },
  },
  {
    title: "download over TLS or TCP",
    begin: async (weir, _, index) =>
      index % 2 === 0
        ? asking(await openSecure(weir.port("web"), "app.test"), get("app.test"))
        : await open(weir.port("raw")),
  },
];

for (const runtime of threeRuntimes) {
  for (const { title, begin } of ways) {
    test(`a stalled ${title} of 1 GiB costs at most 1 MiB on ${runtime.name}`, async (t) => {
      const sources = new Set<Source>();
      const backends = await startBackends(sources);
      t.after(() => Promise.all(backends.map(({ close }) => close())));
      await withProxy(runtime, routesTo(backends), flags, async (proxy) => {
        const cost = await costOf(proxy, sources, (index) => begin(proxy.weir, sources, index));
        t.diagnostic(`${cost} KiB each`);
        assert.ok(cost <= COST_KIB, `${cost} KiB each`);
      });
    });
  }

  test(`requests leave no memory behind on ${runtime.name}`, { skip: noWrk }, async (t) => {
    const points = await soak(runtime, { first: WARM, total: 2 * WARM, step: WARM });
    t.diagnostic(points.map(({ requests, residentKiB }) => `${residentKiB} KiB after ${requests}`).join(", "));
    const [first, last] = [points[0], points.at(-1)];
    assert.ok(first !== undefined && last !== undefined);
    assert.ok(last.residentKiB <= first.residentKiB * GROWTH, "more than 10 % more");
  });
}

/** One that answers, one that does not read, and one that speaks first. */
async function startBackends(sources: Set<Source>): Promise<readonly ScriptedBackend[]> {
  const answering = await startScripted({
    request: ({ socket, path }) => {
      if (path === "/small") return void socket.write(plainAnswer("small"));
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${GIB}\r\n\r\n`);
      sources.add(new Source(socket));
    },
  });
  const deaf = await startScripted({ connect: (socket) => socket.pause() !== undefined });
  const speaking = await startScripted({ connect: (socket) => sources.add(new Source(socket)) !== undefined });
  return [answering, deaf, speaking];
}

function routesTo([answering, deaf, speaking]: readonly ScriptedBackend[]): DynamicFile {
  assert.ok(answering !== undefined && deaf !== undefined && speaking !== undefined);
  return {
    http: {
      routers: {
        app: { rule: "Host(`app.test`)", service: "app", entryPoints: ["web"] },
        secure: { rule: "Host(`app.test`)", service: "app", entryPoints: ["web"], tls: {} },
        up: { rule: "Host(`up.test`)", service: "deaf", entryPoints: ["web"] },
      },
      services: { app: balance([answering.url]), deaf: balance([deaf.url]) },
    },
    tcp: {
      routers: { raw: { rule: "HostSNI(`*`)", service: "raw", entryPoints: ["raw"] } },
      services: { raw: { loadBalancer: { servers: [{ address: `127.0.0.1:${speaking.port}` }] } } },
    },
  };
}

function asking(socket: Socket, request: string): Socket {
  socket.write(request);
  return socket;
}
