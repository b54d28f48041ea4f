// An API server that fails is asked once a second by everybody together, and everybody is back soon after it is.

import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { type Followed, object, resource, withConnection } from "./fixture.ts";
import { type Asked, failure, type KubeServer } from "./kube-server.ts";

const STEP_MS = 50; // instead of a second; everything else is shortened likewise
const CLOCK = {
  stepMs: STEP_MS,
  patienceMs: 3 * STEP_MS,
  probeMs: 1.5 * STEP_MS,
  tickMs: STEP_MS / 2,
  provenMs: STEP_MS / 3,
  shortWatchMs: STEP_MS,
  reprobeMs: 30 * STEP_MS,
};
const STEPS = 20; // of an outage
/** Of the one that goes ahead when it begins, and of the next one. */
const CAUGHT = 4;
/** Five steps, and the own backoff of a kind, which these clocks do not shorten. */
const CONVERGED_MS = 5 * STEP_MS + 3000;
const KINDS = Array.from({ length: 15 }, (_, index) => resource("traefik.io", "v1alpha1", `Kind${index}`));
const NAMESPACES = ["a", "b", "c"];

type Answer = (asked: Asked, response: ServerResponse) => void;

function saying(text: string): Answer {
  return (_asked, response) => void response.end(text);
}

const outages:
  readonly (readonly [what: string, begin: (server: KubeServer) => Promise<void> | void, answer?: Answer])[] = [
    ["that refuses connections", (server) => server.close()],
    ["that hangs", (server) => server.cut(), () => {}],
    ["that resets connections", (server) => server.cut(), (_asked, response) => void response.destroy()],
    ["that answers 500", (server) => server.cut(), (_asked, response) => failure(response, 500, { message: "etcd" })],
    ["that ends in good order, then answers 503", (server) => server.endWatches(), (_asked, response) => {
      failure(response, 503, { message: "shutting down" });
    }],
    ["that answers 429", (server) => server.cut(), (_asked, response) => failure(response, 429, { message: "later" })],
    ["that answers garbage", (server) => server.cut(), saying("<html>")],
    ["that answers another kind", (server) => server.cut(), saying('{"kind":"PodList","apiVersion":"v1","items":[]}')],
    ["that breaks every watch off", (server) => server.cut(), (asked, response) => {
      if (asked.query.has("watch")) response.end('{"type":"ADD');
      else response.end(listOf(asked));
    }],
    ["that has forgotten everything at every watch", (server) => server.cut(), (asked, response) => {
      if (asked.query.has("watch")) failure(response, 410, { message: "too old" });
      else response.end(listOf(asked));
    }],
  ];

/** A list that keeps what there is: one object, at a version that does not move. */
function listOf({ path }: Asked): string {
  const [, , , , namespace = "", , plural = ""] = path.split("/").length === 7 ? ["", ...path.split("/")] : [];
  const kind = KINDS.find((each) => each.plural === plural)?.kind ?? "";
  const metadata = { name: "x", namespace, resourceVersion: "150" };
  return JSON.stringify({
    kind: `${kind}List`,
    apiVersion: "traefik.io/v1alpha1",
    metadata: { resourceVersion: "150" },
    items: [{ metadata }],
  });
}

for (const [what, begin, answer] of outages) {
  test(`45 watches ask a server ${what} once a step, and are back in time`, () =>
    withConnection({
      kinds: Object.fromEntries(KINDS.map(({ plural, kind }) => [`traefik.io/v1alpha1/${plural}`, kind])),
      clock: CLOCK,
      prepare: (server) => {
        for (const kind of KINDS) for (const namespace of NAMESPACES) server.apply(object(kind, namespace, "x"));
      },
    }, async ({ follow, until }, server) => {
      const all: Followed[] = KINDS.flatMap((kind) => NAMESPACES.map((namespace) => follow(kind, namespace)));
      await until(() => all.every(({ objects }) => objects.size === 1));
      await server.until(() => server.openWatches === all.length);
      const before = server.asked.length;
      server.fault = answer === undefined ? undefined : (asked, response) => (answer(asked, response), true);
      await begin(server);
      await new Promise((resolve) => setTimeout(resolve, STEPS * STEP_MS)); // the outage itself
      const count = server.asked.length - before;
      assert.ok(count <= STEPS + CAUGHT, `${count} requests in ${STEPS} steps`);
      assert.ok(answer === undefined || count >= STEPS / 5, `only ${count} requests`);
      assert.ok(all.every(({ objects }) => objects.size === 1), "nothing is lost meanwhile");
      for (const kind of KINDS) for (const namespace of NAMESPACES) server.apply(object(kind, namespace, "y"));
      server.fault = undefined;
      if (answer === undefined) await server.listen();
      else server.cut(); // what still hangs breaks off, as behind a load balancer
      const backAt = performance.now();
      await until(() => all.every(({ objects }) => objects.has(`${[...objects.keys()][0]?.split("/")[0]}/y`)));
      const tookMs = performance.now() - backAt;
      assert.ok(tookMs < CONVERGED_MS, `back after ${Math.round(tookMs)} ms`);
    }));
}
