// Unit tests of the API server that fails on demand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubeApi } from "../../../../src/dev/api/kube-api.ts";
import { type Fault, FaultyApi } from "../../../../src/dev/fault/faults.ts";
import { textAt } from "../../../../src/dev/json.ts";

const MAPS = "http://cluster/api/v1/namespaces/default/configmaps";

function start() {
  const api = createKubeApi();
  const faulty = new FaultyApi((request) => api.fetch(request));
  const kind = api.kinds.builtIn("ConfigMap");
  const put = (name: string) => api.store.put(kind, { metadata: { name, namespace: "default" } });
  return { api, faulty, put, get: (url = MAPS) => faulty.fetch(new Request(url)) };
}

/** Reads lines of a watch as they come. */
function lines(response: Response) {
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? undefined : new TextDecoder().decode(value);
    },
    cancel: () => reader.cancel(),
  };
}

const answers: [fault: Fault, status: number, body: RegExp][] = [
  [{ type: "status" }, 500, /"reason":"InternalError"/],
  [{ type: "status", code: 503 }, 503, /"reason":"ServiceUnavailable"/],
  [{ type: "throttle", retryAfter: 7 }, 429, /^Too many requests/],
  [{ type: "garbage" }, 200, /^<html>/],
  [{ type: "wrong-kind" }, 200, /"kind":"PotatoList"/],
];

test("a fault answers in its way until it is cleared", async () => {
  const { faulty, get } = start();
  for (const [fault, status, body] of answers) {
    faulty.set(fault);
    const answer = await get();
    assert.equal(answer.status, status, fault.type);
    assert.match(await answer.text(), body);
  }
  faulty.set({ type: "throttle", retryAfter: 7 });
  assert.equal((await get()).headers.get("retry-after"), "7");
  faulty.clear();
  assert.equal((await get()).status, 200);
  assert.equal(faulty.requests, answers.length + 2);
});

test("a refused request rejects, and a filter spares others", async () => {
  const { faulty, get } = start();
  faulty.set({ type: "refuse" }, (request) => request.url.includes("configmaps"));
  await assert.rejects(get(), { code: "kube-refused" });
  assert.equal((await get("http://cluster/api/v1/services")).status, 200);
});

test("what hangs is answered when the fault is over", async () => {
  const { faulty, get } = start();
  faulty.set({ type: "hang" });
  const answer = get();
  faulty.clear();
  assert.equal((await answer).status, 200);
});

test("a truncated answer is no JSON", async () => {
  const { faulty, get, put } = start();
  put("a");
  faulty.set({ type: "truncate" });
  const text = await (await get()).text();
  assert.ok(text.length > 0);
  assert.throws(() => JSON.parse(text));
});

test("a slow answer is late and whole", async () => {
  const { faulty, get } = start();
  faulty.set({ type: "slow", delay: 20 });
  const begun = performance.now();
  assert.equal(textAt(await (await get()).json(), "kind"), "ConfigMapList");
  assert.ok(performance.now() - begun >= 15);
});

test("versions go back", async () => {
  const { faulty, get, put } = start();
  const version = Number(put("a").metadata.resourceVersion);
  faulty.set({ type: "rewind", by: 100 });
  assert.equal(textAt(await (await get()).json(), "items", 0, "metadata", "resourceVersion"), String(version - 100));
});

test("watches are stalled, resumed and cut", async () => {
  const { faulty, get, put } = start();
  const watch = lines(await get(`${MAPS}?watch=true`));
  put("a");
  assert.match(await watch.next() ?? "", /"name":"a"/);
  faulty.stallWatches();
  put("b");
  const late = watch.next();
  const other = await Promise.race([late, new Promise((resolve) => setImmediate(() => resolve("nothing")))]);
  assert.equal(other, "nothing");
  faulty.resumeWatches();
  assert.match(await late ?? "", /"name":"b"/);
  assert.equal(faulty.watches, 1);
  faulty.cutWatches();
  assert.equal(await watch.next(), undefined);
  assert.equal(faulty.watches, 0);
});
