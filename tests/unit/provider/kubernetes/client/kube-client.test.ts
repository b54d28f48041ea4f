// Single requests: writes, what their failures mean, and how often they are sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeError, type KubeFailure } from "../../../../../src/provider/kubernetes/client/kube-error.ts";
import { KubeConnections } from "../../../../../src/provider/kubernetes/client/connection.ts";
import { runtime } from "#runtime";
import { memoryLogger, withConnection } from "./fixture.ts";
import { failure, json } from "./kube-server.ts";

const KINDS = { "/v1/services": "Service" };
const PATH = "/apis/networking.k8s.io/v1/namespaces/a/ingresses/x/status";

test("KubeClient writes with method, content type and body", () =>
  withConnection({ kinds: KINDS, options: { token: "abc" } }, async ({ connection: { client }, signal }, server) => {
    server.fault = ({ method }, response) => (json(response, 200, { kind: "Echo", method }), true);
    const write = { path: PATH, what: "write", signal, body: { a: 1 } };
    const answers = [
      await client.post(write),
      await client.put(write),
      await client.patch(write, "merge"),
      await client.patch(write, "json"),
      await client.patch(write, "strategic"),
      await client.patch({ ...write, path: `${PATH}?fieldManager=weir` }, "apply"),
      await client.delete({ path: PATH, what: "delete", signal }),
      await client.get({ path: PATH, what: "get", signal }),
    ];
    assert.deepEqual(answers.map(({ method }) => method), [
      "POST",
      "PUT",
      "PATCH",
      "PATCH",
      "PATCH",
      "PATCH",
      "DELETE",
      "GET",
    ]);
    assert.deepEqual(server.asked.map(({ headers }) => headers["content-type"]), [
      "application/json",
      "application/json",
      "application/merge-patch+json",
      "application/json-patch+json",
      "application/strategic-merge-patch+json",
      "application/apply-patch+yaml",
      undefined,
      undefined,
    ]);
    assert.deepEqual(server.asked.slice(0, 6).map(({ body }) => body), Array(6).fill('{"a":1}'));
    assert.ok(server.asked.every(({ headers }) => headers.authorization === "Bearer abc"));
    assert.ok(server.asked.every(({ headers }) => headers["user-agent"] === "weir"));
  }));

const statuses:
  readonly (readonly [status: number, body: Record<string, unknown>, failure: KubeFailure, reason: string])[] = [
    [400, { message: "the body is no object" }, "refused", ""],
    [403, { reason: "Forbidden", message: "no" }, "forbidden", "Forbidden"],
    [
      404,
      { reason: "NotFound", message: "ingresses x not found", details: { name: "x", kind: "ingresses" } },
      "not-found",
      "NotFound",
    ],
    [
      404,
      { reason: "NotFound", message: "the server could not find the requested resource", details: {} },
      "not-served",
      "NotFound",
    ],
    [409, { reason: "Conflict", message: "the object has been modified" }, "conflict", "Conflict"],
    [409, { reason: "AlreadyExists", message: "already exists" }, "conflict", "AlreadyExists"],
    [410, { reason: "Expired", message: "too old" }, "expired", "Expired"],
    [415, { message: "unsupported" }, "refused", ""],
    [422, { reason: "Invalid", message: "spec.x is wrong" }, "invalid", "Invalid"],
    [500, { message: "etcd" }, "server", ""],
    [504, { message: "timeout" }, "server", ""],
  ];

for (const [status, body, expected, reason] of statuses) {
  test(`KubeClient tells ${status}${reason === "" ? "" : ` ${reason}`} as ${expected}, and sends nothing twice`, () =>
    withConnection({ kinds: KINDS }, async ({ connection: { client }, signal }, server) => {
      server.fault = (_asked, response) => (failure(response, status, body), true);
      await assert.rejects(client.put({ path: PATH, what: "update the status", signal, body: {} }), (error) => {
        assert.ok(error instanceof KubeError);
        assert.deepEqual([error.failure, error.reason], [expected, reason]);
        assert.equal(error.message, `update the status: ${status} ${body["message"]}`);
        return true;
      });
      assert.equal(server.asked.length, 1);
    }));
}

test("KubeClient honours Retry-After for everybody", () =>
  withConnection({ kinds: KINDS }, async ({ connection: { client }, signal }, server) => {
    server.fault = (_asked, response) => {
      if (server.asked.length > 1) return json(response, 200, {}), true;
      failure(response, 429, { message: "slow down" }, { "retry-after": "1" });
      return true;
    };
    const request = { path: "/api/v1/services", what: "get", signal };
    await assert.rejects(client.get(request), (error) => error instanceof KubeError && error.retryAfterMs === 1000);
    await client.get(request);
    const [first, second] = server.asked;
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 990);
  }));

test("KubeClient refuses an answer that is no JSON object, and one that breaks off", () =>
  withConnection({ kinds: KINDS, clock: { stepMs: 10 } }, async ({ connection: { client }, signal }, server) => {
    const answers = ["[]", "nonsense", '{"a":'];
    server.fault = (_asked, response) => (response.end(answers.shift()), true);
    for (let left = answers.length; left > 0; left--) {
      await assert.rejects(client.get({ path: "/api/v1/services", what: "get", signal }), (error) => {
        return error instanceof KubeError && error.failure === "bad-answer";
      });
    }
    server.fault = (_asked, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("{", () => response.destroy());
      return true;
    };
    await assert.rejects(client.get({ path: "/api/v1/services", what: "get", signal }), (error) => {
      return error instanceof KubeError && error.failure === "unreachable";
    });
  }));

test("KubeConnections gives one connection to all with the same options, until the last has closed it", async () => {
  let made = 0;
  let closed = 0;
  const connections = new KubeConnections({
    logger: memoryLogger(() => {}),
    runtime: {
      ...runtime,
      env: {},
      createFetch: () => {
        made++;
        return { fetch: () => Promise.resolve(new Response("{}")), close: () => void closed++ };
      },
    },
  });
  const [first, second] = [connections.open({ endpoint: "http://a" }), connections.open({ endpoint: "http://a" })];
  const other = connections.open({ endpoint: "http://a", token: "t" });
  assert.equal(first.client, second.client);
  assert.notEqual(first.client, other.client);
  const signal = new AbortController().signal;
  await first.client.get({ path: "/version", what: "ask", signal });
  first.close();
  first.close();
  assert.deepEqual([made, closed], [1, 0]);
  second.close();
  assert.equal(closed, 1);
  assert.notEqual(connections.open({ endpoint: "http://a" }).client, first.client);
});
