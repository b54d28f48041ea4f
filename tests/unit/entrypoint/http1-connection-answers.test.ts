// Answers on a client connection: their framing, their failures, and what comes before them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BytesBody, StreamBody } from "../../../src/http/body.ts";
import type { Handler } from "../../../src/http/handler.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyResponse } from "../../../src/http/response.ts";
import { fromLatin1 } from "../../../src/net/bytes.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { echo, exchange, fed, streamed, text } from "./messages.ts";
import { get, message, onBench, settled, undated } from "./wire-bench.ts";

const forms: readonly (readonly [name: string, method: string, answer: () => ProxyResponse, wanted: string])[] = [
  ["HEAD", "HEAD", () => text("hidden"), "HTTP/1.1 200 OK\r\n\r\n"],
  [
    "204",
    "GET",
    () => new ProxyResponse(204, HeaderList.of(["Content-Length", "3"])),
    "HTTP/1.1 204 No Content\r\n\r\n",
  ],
  [
    "304",
    "GET",
    () => new ProxyResponse(304, HeaderList.of(["Content-Length", "3"]), new BytesBody(fromLatin1("abc"))),
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n",
  ],
  ["no body", "GET", () => new ProxyResponse(200, new HeaderList()), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
  [
    "framing of a handler",
    "GET",
    () => {
      const framing = HeaderList.of(["Content-Length", "9"], ["Transfer-Encoding", "chunked"], ["Connection", "x"]);
      return new ProxyResponse(200, framing, new BytesBody(fromLatin1("abc")));
    },
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
  ],
];

for (const [name, method, answer, wanted] of forms) {
  test(`Http1Connection frames an answer itself: ${name}`, () =>
    onBench({ handler: answer }, async (bench) => {
      const client = await exchange(bench, message(`${method} / HTTP/1.1`, "Host: a.test"));
      assert.equal(undated(client.take()), wanted);
      client.send(get());
      await settled();
      assert.equal(bench.requests.length, 2);
    }));
}

test("Http1Connection dates an answer once", () =>
  onBench({ handler: () => new ProxyResponse(200, HeaderList.of(["Date", "then"])) }, async (bench) => {
    assert.match((await exchange(bench, get())).text, /^HTTP\/1\.1 200 OK\r\nDate: then\r\nContent-Length: 0\r\n\r\n$/);
  }));

const wrongLengths: readonly (readonly [string, readonly string[]])[] = [["more", ["abcd"]], ["fewer", ["ab"]]];

for (const [which, pieces] of wrongLengths) {
  test(`Http1Connection resets when a body has ${which} bytes than its length says`, () => {
    const { body } = fed(3);
    return onBench({ handler: () => streamed(body) }, async (bench) => {
      const client = await exchange(bench, get());
      for (const piece of pieces) body.push(fromLatin1(piece));
      body.finish();
      await settled();
      assert.equal(client.error?.code, "connection-reset");
      assert.equal(bench.failed[0]?.code, "body-length");
      assert.equal(bench.finished.length, 1);
    });
  });
}

test("Http1Connection resets, and never ends cleanly, when a chunked body breaks off", () => {
  const { body } = fed();
  return onBench({ handler: () => streamed(body) }, async (bench) => {
    const client = await exchange(bench, get());
    body.push(fromLatin1("abc"));
    await settled();
    body.fail(new ProxyError("gone", { code: "backend-gone", source: "upstream", status: 502 }));
    await settled();
    assert.match(client.text, /3\r\nabc\r\n$/);
    assert.equal(client.error?.code, "connection-reset");
  });
});

test("Http1Connection answers the error itself when a body breaks off before its first byte was sent", () =>
  onBench({
    handler: () => {
      const { body } = fed();
      body.fail(new ProxyError("gone", { code: "backend-gone", source: "upstream", status: 502 }));
      return streamed(body);
    },
  }, async (bench) => {
    const client = await exchange(bench, get() + get());
    assert.equal(client.text.split("HTTP/1.1 502 Bad Gateway\r\n").length - 1, 2);
    assert.deepEqual(bench.finished.map(({ status }) => status), [502, 502]);
  }));

const failures: readonly (readonly [string, Handler])[] = [
  ["throws", () => {
    throw new Error("oops");
  }],
  ["rejects", () => Promise.reject(new Error("oops"))],
  ["answers a used body", () => {
    const body = new StreamBody(new ReadableStream());
    body.start({ chunk: () => true, end: () => undefined, fail: () => undefined });
    return Promise.resolve(new ProxyResponse(200, new HeaderList(), body));
  }],
];

for (const [name, handler] of failures) {
  test(`Http1Connection answers 500, and goes on, when a handler ${name}`, () =>
    onBench({ handler }, async (bench) => {
      const client = await exchange(bench, get());
      assert.match(client.take(), /^HTTP\/1\.1 500 Internal Server Error\r\n.*\r\n.*\r\n\r\nInternal Server Error$/);
      assert.equal(bench.finished[0]?.status, 500);
      client.send(get());
      await settled();
      assert.match(client.text, /^HTTP\/1\.1 500 /);
    }));
}

test("Http1Connection passes interim answers on before the final one, not after, on every request", () => {
  const handler: Handler = (request) => {
    request.inform?.(103, HeaderList.of(["Link", "</a>"]));
    return text("x");
  };
  return onBench({ handler }, async (bench) => {
    const client = bench.connect();
    for (let round = 0; round < 2; round++) {
      client.send(get());
      await settled();
      assert.match(client.take(), /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    }
    bench.requests[0]?.inform?.(103, new HeaderList());
    await settled();
    assert.equal(client.text, "");
    assert.equal((await exchange(bench, message("GET / HTTP/1.0"))).text.includes("103"), false);
  });
});

test("Http1Connection answers OPTIONS * itself", () =>
  onBench({ handler: echo }, async (bench) => {
    const options = await exchange(bench, message("OPTIONS * HTTP/1.1", "Host: a.test"));
    assert.match(options.text, /^HTTP\/1\.1 200 OK/);
    assert.equal(bench.requests.length, 0);
  }));
