// Unit tests of lists: pages, states of the past, versions of the future.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createKubeApi, type KubeApi } from "../../../../src/dev/api/kube-api.ts";
import { listAt, textAt, valueAt } from "../../../../src/dev/json.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";

function start(count: number) {
  const api = createKubeApi();
  const put = (name: string) => {
    const content = { metadata: { name, namespace: "default" } };
    return api.store.put(api.kinds.builtIn("ConfigMap"), content).metadata.resourceVersion;
  };
  for (let at = 0; at < count; at++) put(`c${at}`);
  return { api, put };
}

async function list(api: KubeApi, query: string) {
  const response = await api.fetch(new Request(`http://cluster${MAPS}?${query}`));
  const body: unknown = await response.json();
  const names = listAt(body, "items").map((item) => textAt(item, "metadata", "name")).join(",");
  return { status: response.status, body, names, token: textAt(body, "metadata", "continue") ?? "" };
}

test("pages show the state of the first one", async () => {
  const { api, put } = start(5);
  const first = await list(api, "limit=2");
  assert.deepEqual([first.names, valueAt(first.body, "metadata", "remainingItemCount")], ["c0,c1", 3]);
  put("c2a");
  api.store.remove(api.kinds.builtIn("ConfigMap"), "default", "c3");
  assert.equal((await list(api, `limit=9&continue=${first.token}`)).names, "c2,c3,c4");
  assert.equal((await list(api, "")).names, "c0,c1,c2,c2a,c4");
});

test("a token that is too old comes back with one that goes on regardless", async () => {
  const { api, put } = start(3);
  const { token } = await list(api, "limit=1");
  put("c1a");
  api.store.compact();
  const expired = await list(api, `limit=9&continue=${token}`);
  assert.deepEqual([expired.status, textAt(expired.body, "reason")], [410, "Expired"]);
  assert.equal((await list(api, `limit=9&continue=${expired.token}`)).names, "c1,c1a,c2");
});

test("Exact shows the past, and tells what it has forgotten or can't know yet", async () => {
  const { api, put } = start(1);
  const version = put("c1");
  put("c2");
  const exact = (wanted: string) => list(api, `resourceVersion=${wanted}&resourceVersionMatch=Exact`);
  assert.equal((await exact(version)).names, "c0,c1");
  assert.equal((await exact(String(api.store.version + 5))).status, 500);
  api.store.compact();
  assert.equal((await exact(version)).status, 410);
});

test("a version of the future is waited for", async () => {
  const { api, put } = start(1);
  const waiting = list(api, `resourceVersion=${api.store.version + 1}&resourceVersionMatch=NotOlderThan`);
  await new Promise((resolve) => setImmediate(resolve));
  put("c1");
  assert.equal((await waiting).names, "c0,c1");
});

test("options that make no sense are refused", async () => {
  const { api } = start(1);
  const rows: [query: string, status: number, message: RegExp][] = [
    ["limit=abc", 400, /strconv\.ParseInt: parsing "abc": invalid syntax/],
    ["resourceVersion=abc", 500, /strconv\.ParseUint: parsing "abc": invalid syntax/],
    ["resourceVersionMatch=Exact", 422, /forbidden unless resourceVersion is provided/],
    ["resourceVersion=0&resourceVersionMatch=Exact", 422, /"exact" is forbidden for resourceVersion "0"/],
    ["resourceVersion=1&resourceVersionMatch=Bogus", 422, /supported values: "Exact", "NotOlderThan", ""/],
    ["continue=garbage", 400, /continue key is not valid: invalid character '\\u0081'/],
    ["timeout=abc", 400, /time: invalid duration "abc"/],
  ];
  for (const [query, status, message] of rows) {
    const answer = await list(api, query);
    assert.equal(answer.status, status, query);
    assert.match(textAt(answer.body, "message") ?? "", message);
  }
});
