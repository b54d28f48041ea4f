// stripPrefix: what is taken off, what is reported, what is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stripPrefix } from "../../../src/middleware/strip-prefix.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { sampleRequest } from "../telemetry/sample-request.ts";
import { build, origin, testContext } from "./context.ts";

const rows:
  readonly (readonly [prefixes: readonly string[], path: string, wanted: string, header: string | undefined])[] = [
    [["/api"], "/api/users", "/users", "/api"],
    [["/api"], "/api", "/", "/api"],
    [["/api"], "/api/", "/", "/api"],
    [["/api"], "/apis/x", "/s/x", "/api"],
    [["/api/"], "/api/users", "/users", "/api/"],
    [["/api/"], "/api", "/api", undefined],
    [["/api"], "/API/users", "/API/users", undefined],
    [["/"], "/users", "/users", "/"],
    [["/a", "/a/b"], "/a/b/c", "/b/c", "/a"],
    [["/a/b", "/a"], "/a/b/c", "/c", "/a/b"],
    [[" /a "], "/a/b", "/b", "/a"],
    [["/caf%c3%a9"], "/caf%C3%A9/x", "/x", "/caf%C3%A9"],
    [["/café"], "/caf%C3%A9/x", "/x", "/caf%C3%A9"],
    [["/a b"], "/a%20b/x", "/x", "/a%20b"],
    [["/a%2Fb"], "/a%2Fb/x", "/x", "/a%2Fb"],
    [["/%61"], "/a/x", "/x", "/a"],
    [["/a"], "/a%2Fb", "/%2Fb", "/a"],
    [["api"], "/api/x", "/api/x", undefined],
    [[], "/api/x", "/api/x", undefined],
  ];

for (const [prefixes, path, wanted, header] of rows) {
  test(`stripPrefix ${JSON.stringify(prefixes)} turns ${path} into ${wanted}`, async () => {
    const { handler, seen } = origin();
    await build(stripPrefix, { prefixes }, handler)(sampleRequest({ path, search: "?q=/api" }));
    assert.equal(seen[0]?.path, wanted);
    assert.equal(seen[0]?.search, "?q=/api");
    assert.equal(seen[0]?.headers.get("X-Forwarded-Prefix"), header);
  });
}

test("stripPrefix appends to an X-Forwarded-Prefix that is there", async () => {
  const { handler, seen } = origin();
  const inner = build(stripPrefix, { prefixes: ["/b"] }, handler);
  await build(stripPrefix, { prefixes: ["/a"] }, inner)(sampleRequest({ path: "/a/b/c" }));
  assert.deepEqual(seen[0]?.headers.all("x-forwarded-prefix"), ["/a", "/b"]);
});

for (const path of ["/a../b", "/a./b", "/a./../b"]) {
  test(`stripPrefix answers 400 when ${path} without /a is not a safe path`, () => {
    const { handler, seen } = origin();
    const request = sampleRequest({ path });
    assert.throws(
      () => build(stripPrefix, { prefixes: ["/a"] }, handler)(request),
      (error) => error instanceof ProxyError && error.status === 400 && error.code === "unsafe-path",
    );
    assert.equal(seen.length, 0);
  });
}

test("stripPrefix refuses a prefix with a broken percent-encoding", () => {
  assert.throws(
    () => build(stripPrefix, { prefixes: ["/a", "/100%"] }, origin().handler),
    (error) => error instanceof ProxyError && /^stripPrefix\.prefixes\[1\]: "\/100%" has a broken/.test(error.message),
  );
});

test("stripPrefix warns of what can't work", () => {
  const log: string[] = [];
  build(stripPrefix, { prefixes: ["api"], forceSlash: false }, origin().handler, testContext(log));
  assert.match(log.join(""), /forceSlash is deprecated/);
  assert.match(log.join(""), /never matches/);
  assert.match(log.join(""), /"middlewareName":"m@file"/);
});

test("stripPrefix's schema refuses unknown options and wrong types", () => {
  for (const options of [{ prefix: ["/a"] }, { prefixes: "/a" }, { prefixes: [""] }, { prefixes: [1] }]) {
    assert.equal(stripPrefix.schema.safeParse(options).success, false, JSON.stringify(options));
  }
});
