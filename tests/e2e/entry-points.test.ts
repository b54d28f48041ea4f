// Options of entry points, each through a real process; and what weir says of its runtime at start.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { test } from "node:test";
import { type Answer, ask, type Question } from "../support/ask.ts";
import { toEchoed } from "../support/echo.ts";
import { routesTo, withProxy } from "../support/proxy-process.ts";
import { projectRoot, threeRuntimes } from "../support/runtimes.ts";

const oneRuntime = threeRuntimes.slice(0, 1);
const anyHost = (url: string) => routesTo(url, '    app: {rule: "PathPrefix(`/`)", service: app}\n');

interface Case {
  readonly name: string;
  readonly flags: readonly string[];
  readonly question: Omit<Question, "port">;
  /** What the client gets, and what the backend got where it was asked. */
  readonly check: (answer: Answer) => void;
}

const isStatus = (status: number) => (answer: Answer) => assert.equal(answer.status, status, answer.body);
const sees = (header: string, value: string | undefined) => (answer: Answer) =>
  assert.equal(toEchoed(answer.body).headers[header], value);

const forged = { "X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "forged.test" };

const cases: readonly Case[] = [
  {
    name: "a stranger's forwarded headers are replaced",
    flags: [],
    question: { host: "app.test:81", headers: { ...forged, X_Forwarded_For: "8.8.8.8" } },
    check({ body }) {
      const { headers } = toEchoed(body);
      const ours = ["for", "proto", "host", "port", "server"].map((name) => headers[`x-forwarded-${name}`]);
      assert.deepEqual(ours, ["127.0.0.1", "http", "app.test:81", "81", hostname()]);
      assert.equal(headers["x-real-ip"], "127.0.0.1");
      assert.equal(headers["x_forwarded_for"], undefined);
    },
  },
  {
    name: "forwardedHeaders.trustedIPs believes a peer in range",
    flags: ["--entrypoints.web.forwardedheaders.trustedips=10.0.0.0/8,127.0.0.1"],
    question: { headers: forged },
    check(answer) {
      sees("x-forwarded-for", "9.9.9.9, 127.0.0.1")(answer);
      sees("x-forwarded-proto", "https")(answer);
      sees("x-forwarded-host", "forged.test")(answer);
    },
  },
  {
    name: "forwardedHeaders.trustedIPs believes nobody else",
    flags: ["--entrypoints.web.forwardedheaders.trustedips=10.0.0.0/8"],
    question: { headers: forged },
    check: sees("x-forwarded-for", "127.0.0.1"),
  },
  {
    name: "forwardedHeaders.insecure believes everybody",
    flags: ["--entrypoints.web.forwardedheaders.insecure"],
    question: { headers: forged },
    check: sees("x-forwarded-for", "9.9.9.9, 127.0.0.1"),
  },
  {
    name: "forwardedHeaders.notAppendXForwardedFor leaves the peer out",
    flags: [
      "--entrypoints.web.forwardedheaders.insecure",
      "--entrypoints.web.forwardedheaders.notappendxforwardedfor",
    ],
    question: { headers: forged },
    check: sees("x-forwarded-for", "9.9.9.9"),
  },
  {
    name: "encodedCharacters: %2F passes by default",
    flags: [],
    question: { path: "/a%2fb" },
    check: ({ body }) => assert.equal(toEchoed(body).url, "/a%2Fb"),
  },
  {
    name: "encodedCharacters: %5C is refused by default",
    flags: [],
    question: { path: "/a%5Cb" },
    check: isStatus(400),
  },
  {
    name: "encodedCharacters.allowEncodedSlash=false refuses %2F",
    flags: ["--entrypoints.web.http.encodedcharacters.allowencodedslash=false"],
    question: { path: "/a%2fb" },
    check: isStatus(400),
  },
  {
    name: "sanitizePath removes dot segments before routing and for the backend",
    flags: [],
    question: { path: "/a/./b/../c//d/%2e%2e/e?x=%2e" },
    check: ({ body }) => assert.equal(toEchoed(body).url, "/a/c/e?x=%2e"),
  },
  {
    name: "maxHeaderBytes refuses a larger head",
    flags: ["--entrypoints.web.http.maxheaderbytes=2048"],
    question: { headers: { "X-Long": "a".repeat(3000) } },
    check: isStatus(431),
  },
  {
    name: "maxHeaderBytes takes a smaller head",
    flags: ["--entrypoints.web.http.maxheaderbytes=8192"],
    question: { headers: { "X-Long": "a".repeat(3000) } },
    check: isStatus(200),
  },
  {
    name: "underscoreHeadersStrategy keeps by default",
    flags: [],
    question: { headers: { x_own: "1" } },
    check: sees("x_own", "1"),
  },
  {
    name: "underscoreHeadersStrategy=delete deletes",
    flags: ["--entrypoints.web.http.underscoreheadersstrategy=delete"],
    question: { headers: { x_own: "1" } },
    check: sees("x_own", undefined),
  },
  {
    name: "underscoreHeadersStrategy=reject refuses",
    flags: ["--entrypoints.web.http.underscoreheadersstrategy=reject"],
    question: { headers: { x_own: "1" } },
    check: isStatus(400),
  },
  {
    name: "encodeQuerySemicolons encodes them",
    flags: ["--entrypoints.web.http.encodequerysemicolons"],
    question: { path: "/?a=1;b=2" },
    check: ({ body }) => assert.equal(toEchoed(body).url, "/?a=1%3Bb=2"),
  },
  {
    name: "transport.keepAliveMaxRequests closes the connection",
    flags: ["--entrypoints.web.transport.keepalivemaxrequests=1"],
    question: { headers: { Connection: "keep-alive" } },
    check: ({ headers }) => assert.equal(headers["connection"], "close"),
  },
];

for (const runtime of oneRuntime) {
  for (const { name, flags, question, check } of cases) {
    test(name, async () => {
      await withProxy(runtime, { flags, dynamic: anyHost }, async (proxy) => check(await proxy.ask(question)));
    });
  }

  test("asDefault chooses the entry points of routers that name none", async () => {
    const flags = ["--entrypoints.other.address=127.0.0.1:0", "--entrypoints.other.asdefault"];
    await withProxy(runtime, { flags }, async ({ weir, ask: askWeb }) => {
      assert.equal((await askWeb()).status, 404);
      assert.equal((await ask({ port: weir.port("other") })).status, 200);
    });
  });

  test("http.middlewares come before every router's own", async () => {
    const flags = ["--entrypoints.web.http.middlewares=first@file"];
    const rest = '  middlewares:\n    first: {headers: {customRequestHeaders: {X-Order: first, X-First: "1"}}}\n' +
      "    second: {headers: {customRequestHeaders: {X-Order: second}}}\n";
    const routers = '    app: {rule: "Host(`app.test`)", service: app, middlewares: [second]}\n';
    await withProxy(runtime, { flags, dynamic: (url) => routesTo(url, routers, rest) }, async (proxy) => {
      const { headers } = toEchoed((await proxy.ask()).body);
      assert.deepEqual([headers["x-order"], headers["x-first"]], ["second", "1"]);
    });
  });
}

for (const runtime of threeRuntimes) {
  test(`http.redirections sends requests to another entry point on ${runtime.name}`, async () => {
    const flags = [
      "--entrypoints.secure.address=127.0.0.1:0",
      "--entrypoints.web.http.redirections.entrypoint.to=:443",
      "--entrypoints.other.address=127.0.0.1:0",
      "--entrypoints.other.http.redirections.entrypoint.to=:8443",
      "--entrypoints.other.http.redirections.entrypoint.permanent=false",
    ];
    await withProxy(runtime, { flags, dynamic: anyHost }, async ({ weir, ask: askWeb }) => {
      const { status, headers } = await askWeb({ host: "app.test:8000", path: "/a?b=1" });
      assert.deepEqual([status, headers["location"]], [301, "https://app.test/a?b=1"]);
      assert.equal((await askWeb({ method: "POST", body: "x" })).status, 308);
      const port = weir.port("other");
      const other = await ask({ port, path: "/a" });
      assert.deepEqual([other.status, other.headers["location"]], [302, "https://app.test:8443/a"]);
      assert.equal((await ask({ port, method: "PUT", body: "x" })).status, 307);
      assert.equal((await ask({ port: weir.port("secure") })).status, 200);
    });
  });

  test(`what ${runtime.name} can't do is told at start`, async () => {
    const adapter = runtime.name.replace(/\d+$/, "");
    const source = await readFile(`${projectRoot}adapters/${adapter}/gaps.ts`, "utf8");
    const wanted = [...source.matchAll(/feature: "([^"]+)"/g)].map((match) => match[1]);
    await withProxy(runtime, { flags: ["--log.level=INFO"] }, ({ weir }) => {
      const told = [...weir.output().matchAll(/INF (\S+) does not work on (\S+) reason=/g)];
      assert.deepEqual(told.map((match) => match[1]), wanted);
      assert.ok(told.every((match) => match[2] === adapter));
      return Promise.resolve();
    });
  });
}
