// Unit tests of the limits of requests under way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubeApi } from "../../../../src/dev/api/kube-api.ts";

const MAPS = "http://cluster/api/v1/namespaces/default/configmaps";

test("too many reads at once are 429; changes, watches and masters are not counted with them", async () => {
  const tokens = { "t-admin": { name: "admin", groups: ["system:masters"] }, "t-alice": { name: "alice" } };
  const api = createKubeApi({ access: { tokens, authorize: false }, limits: { reads: 1, writes: 1 } });
  const call = (url: string, token: string, method = "GET", body: string | null = null) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return api.fetch(new Request(url, { method, headers, body }));
  };
  const future = call(`${MAPS}?resourceVersion=${api.store.version + 1}`, "t-alice"); // waits for the write below
  await new Promise((resolve) => setImmediate(resolve));
  const refused = await call(MAPS, "t-alice");
  assert.deepEqual([refused.status, refused.headers.get("retry-after"), await refused.text()], [
    429,
    "1",
    "Too many requests, please try again later.\n",
  ]);
  assert.equal((await call("http://cluster/healthz", "t-alice")).status, 429);
  assert.equal((await call(MAPS, "t-admin")).status, 200);
  const watch = await call(`${MAPS}?watch=true`, "t-alice");
  assert.equal(watch.status, 200);
  await watch.body?.cancel();
  assert.equal((await call(MAPS, "t-alice", "POST", JSON.stringify({ metadata: { name: "a" } }))).status, 201);
  assert.equal((await future).status, 200);
  assert.equal((await call(MAPS, "t-alice")).status, 200);
});
