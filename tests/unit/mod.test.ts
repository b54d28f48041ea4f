// The embedded routing core against a real backend, alone and in a Hono app.

import { runtime } from "#runtime";
import { Hono } from "hono";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { test } from "node:test";
import { createEdge } from "../../src/mod.ts";
import type { Edge, EdgeOptions } from "../../src/mod.ts";

/** A real backend: says who it is and what it was asked; `/slow` answers in pieces, when told to. */
class Backend {
  readonly #server: Server;
  readonly requests: { readonly line: string; readonly headers: IncomingMessage["headers"]; readonly body: string }[] =
    [];
  release: () => void = () => undefined;
  readonly aborted = Promise.withResolvers<void>();
  port = 0;

  constructor(name: string) {
    this.#server = createServer((request, response) => this.#answer(name, request, response));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(name: string, request: IncomingMessage, response: ServerResponse): void {
    const { method, url = "", headers } = request;
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", () => {
      this.requests.push({ line: `${method} ${url}`, headers, body: new TextDecoder().decode(concat(chunks)) });
      if (url.startsWith("/slow")) {
        response.on("close", () => this.aborted.resolve());
        response.write("one,");
        this.release = () => response.end("two");
        return;
      }
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      response.setHeader("X-Backend", name);
      response.statusCode = url.startsWith("/empty") ? 204 : 201;
      response.end(url.startsWith("/empty") ? undefined : `${name} ${url}`);
    });
  }
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

async function withEdge(
  configuration: (port: number) => EdgeOptions["configuration"],
  use: (edge: Edge, backend: Backend) => Promise<void>,
  options: Partial<EdgeOptions> = {},
): Promise<void> {
  const backend = await new Backend("one").start();
  const edge = createEdge({ runtime, configuration: configuration(backend.port), ...options });
  try {
    await use(edge, backend);
  } finally {
    await edge.stop();
    await backend.stop();
  }
}

const shop = (port: number) => `
http:
  routers:
    shop: { rule: "Host(\`shop.test\`) && PathPrefix(\`/shop\`)", service: app, middlewares: [strip] }
    rest: { rule: "Host(\`a.test\`)", service: app }
    gone: { rule: "Host(\`gone.test\`)", service: app, middlewares: [nobody] }
    local: { rule: "ClientIP(\`192.0.2.0/24\`)", service: app }
  middlewares:
    strip: { stripPrefix: { prefixes: [/shop] } }
  services:
    app: { loadBalancer: { servers: [{ url: "http://127.0.0.1:${port}" }] } }
`;

test("Edge.fetch() routes, rewrites and sends on", async () => {
  await withEdge(shop, async (edge, backend) => {
    const response = await edge.fetch(
      new Request("http://shop.test/shop/cart?x=1", { method: "POST", body: "hello", headers: { "X-One": "1" } }),
      { ip: "198.51.100.7", port: 5 },
    );
    assert.equal(response.status, 201);
    assert.equal(await response.text(), "one /cart?x=1");
    assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
    const [request] = backend.requests;
    assert.equal(request?.line, "POST /cart?x=1");
    assert.equal(request?.body, "hello");
    assert.equal(request?.headers["host"], "shop.test");
    assert.equal(request?.headers["x-one"], "1");
    assert.equal(request?.headers["x-forwarded-for"], "198.51.100.7");
    assert.equal(request?.headers["x-forwarded-host"], "shop.test");
    assert.equal(request?.headers["x-forwarded-proto"], "http");
    assert.equal(request?.headers["x-real-ip"], "198.51.100.7");
  });
});

const answers: readonly (readonly [title: string, request: () => Request, status: number, body: string])[] = [
  ["404 where no router fits", () => new Request("http://nobody.test/"), 404, "404 page not found\n"],
  ["503 for a router that is closed", () => new Request("http://gone.test/"), 503, "Service Unavailable"],
  ["400 for a broken encoding", () => new Request("http://a.test/%zz"), 400, ""],
  ["no body for HEAD", () => new Request("http://a.test/", { method: "HEAD" }), 201, ""],
  ["no body with 204", () => new Request("http://a.test/empty"), 204, ""],
  ["https URLs alike", () => new Request("https://a.test/x"), 201, "one /x"],
];

for (const [title, request, status, body] of answers) {
  test(`Edge.fetch() answers ${title}`, async () => {
    await withEdge(shop, async (edge) => {
      const response = await edge.fetch(request());
      assert.equal(response.status, status);
      assert.equal(await response.text(), body);
    });
  });
}

test("Edge.fetch() sends on no header of the connection, and no false claim of who asks", async () => {
  await withEdge(shop, async (edge, backend) => {
    // a plain object: runtimes differ in which of these a Request may carry
    const headers = new Headers({
      "X-Forwarded-For": "203.0.113.1",
      "X_Forwarded_For": "203.0.113.2",
      "X-Real-Ip": "203.0.113.3",
      "Proxy-Authorization": "Basic x",
      "X-Kept": "yes",
    });
    await (await edge.fetch(new Request("http://a.test/", { headers }))).text();
    const sent = backend.requests[0]?.headers ?? {};
    assert.equal(sent["x-kept"], "yes");
    for (const name of ["x-forwarded-for", "x_forwarded_for", "x-real-ip", "proxy-authorization"]) {
      assert.equal(sent[name], undefined, name);
    }
  });
});

test("Edge.fetch() believes forwarded headers when told to", async () => {
  await withEdge(shop, async (edge, backend) => {
    const headers = { "X-Forwarded-For": "203.0.113.1", "X-Forwarded-Proto": "https" };
    await (await edge.fetch(new Request("http://a.test/", { headers }), { ip: "192.0.2.9", port: 1 })).text();
    assert.equal(backend.requests[0]?.headers["x-forwarded-for"], "203.0.113.1, 192.0.2.9");
    assert.equal(backend.requests[0]?.headers["x-forwarded-proto"], "https");
  }, { trustsForwarded: true });
});

test("Edge.fetch() knows the client's address when told", async () => {
  await withEdge(shop, async (edge) => {
    const status = async (ip?: string) => {
      const response = await edge.fetch(new Request("http://x.test/"), ip === undefined ? undefined : { ip, port: 1 });
      await response.text();
      return response.status;
    };
    assert.deepEqual([await status("192.0.2.1"), await status("198.51.100.1"), await status()], [201, 404, 404]);
  });
});

test("Edge.fetch() streams answers, and gives up the backend's when the reader leaves", async () => {
  await withEdge(shop, async (edge, backend) => {
    const read = async () => {
      const response = await edge.fetch(new Request("http://a.test/slow"));
      const reader = response.body?.getReader();
      assert.ok(reader !== undefined);
      const { value } = await reader.read();
      assert.equal(new TextDecoder().decode(value), "one,");
      return reader;
    };
    const reader = await read();
    backend.release();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "two");
    assert.equal((await reader.read()).done, true);
    await (await read()).cancel();
    await backend.aborted.promise;
  });
});

test("Edge.fetch() gives up when the request is aborted", async () => {
  await withEdge(shop, async (edge) => {
    const controller = new AbortController();
    controller.abort();
    const response = await edge.fetch(new Request("http://a.test/", { signal: controller.signal }));
    assert.equal(response.status, 499);
    await response.text();
  });
});

test("createEdge() tells what is wrong with its configuration, and takes an object as well as text", async () => {
  const object = (port: number) => ({
    http: {
      routers: { a: { rule: "Host(`a.test`)", service: "app" }, bad: { rule: "Hots(`b.test`)", service: "app" } },
      services: { app: { loadBalancer: { servers: [{ url: `http://127.0.0.1:${port}` }] } } },
    },
  });
  await withEdge(object, async (edge) => {
    assert.deepEqual(edge.problems.map(({ code }) => code), ["bad-rule"]);
    assert.equal(await (await edge.fetch(new Request("http://a.test/"))).text(), "one /");
  });
  const edge = createEdge({ runtime, configuration: "http:\n  routers: [", file: "mine.yaml" });
  const source = edge.problems[0]?.source;
  assert.ok(source?.type === "file" && source.file === "mine.yaml");
  assert.equal((await edge.fetch(new Request("http://a.test/"))).status, 404);
  await edge.stop();
});

test("Edge.update() replaces the routes and keeps the connections; stop() ends everything", async () => {
  await withEdge(shop, async (edge, backend) => {
    await (await edge.fetch(new Request("http://a.test/1"))).text();
    edge.update(shop(backend.port).replace("a.test", "b.test"));
    assert.equal((await edge.fetch(new Request("http://a.test/2"))).status, 404);
    assert.equal(await (await edge.fetch(new Request("http://b.test/3"))).text(), "one /3");
    await edge.stop();
    assert.equal((await edge.fetch(new Request("http://b.test/4"))).status, 503);
  });
});

test("Edge.fetch() says that it can't change to WebSocket, and asks no backend", async () => {
  await withEdge(shop, async (edge, backend) => {
    const headers = { Connection: "Upgrade", Upgrade: "websocket" };
    const response = await edge.fetch(new Request("http://a.test/chat", { headers }));
    assert.equal(response.status, 501);
    assert.match(await response.text(), /can't change to WebSocket here/);
    assert.equal(backend.requests.length, 0);
  });
});

test("Edge can be mounted in a Hono app", async () => {
  await withEdge(shop, async (edge) => {
    const app = new Hono();
    app.get("/own", (context) => context.text("own"));
    app.all("*", (context) => edge.fetch(context.req.raw));
    assert.equal(await (await app.request("http://a.test/own")).text(), "own");
    const response = await app.request("http://shop.test/shop/x", { method: "PUT", body: "data" });
    assert.deepEqual([response.status, await response.text()], [201, "one /x"]);
  });
});
