import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { BodySink } from "../../../src/http/body.ts";
import { BytesBody, PushBody, readWhole, StreamBody } from "../../../src/http/body.ts";
import type { Handler } from "../../../src/http/handler.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyResponse, textResponse } from "../../../src/http/response.ts";
import { fromLatin1, toLatin1 } from "../../../src/net/bytes.ts";
import { ProxyError } from "../../../src/net/error.ts";
import type { Peer } from "../../support/memory-connection.ts";
import type { WireBench } from "./wire-bench.ts";
import { get, message, onBench, settled, undated } from "./wire-bench.ts";

/** Answers with what it was sent: request line, then body. */
const echo: Handler = async (request) => {
  const body = request.body === undefined ? new Uint8Array() : await readWhole(request.body, 1 << 20);
  return text(`${request.method} ${request.path}${request.search} ${toLatin1(body ?? new Uint8Array())}`);
};

function text(content: string, status = 200): ProxyResponse {
  return new ProxyResponse(status, new HeaderList(), new BytesBody(fromLatin1(content)));
}

function answerOf(content: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n${content}`;
}

/** A body whose bytes the test pushes. */
function fed(length?: number): { body: PushBody; calls: string[] } {
  const calls: string[] = [];
  const owner = {
    pauseBody: () => void calls.push("pause"),
    resumeBody: () => void calls.push("resume"),
    cancelBody: () => void calls.push("cancel"),
  };
  return { body: new PushBody(length, owner), calls };
}

function streamed(body: PushBody): ProxyResponse {
  return new ProxyResponse(200, new HeaderList(), body);
}

async function exchange(bench: WireBench, ...pieces: readonly string[]): Promise<Peer> {
  const client = bench.connect();
  client.send(...pieces);
  await settled();
  return client;
}

const post = message("POST /p HTTP/1.1", "Host: a.test", "Content-Length: 5") + "hello";
const chunkedPost = message("POST /c HTTP/1.1", "Host: a.test", "Transfer-Encoding: chunked") +
  "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n";

// --- requests, one after the other -----------------------------------------------------------------------------------

test("Http1Connection serves request after request, bodies of every kind between them", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = await exchange(bench);
    for (const [sent, wanted] of [[get("/1"), "GET /1 "], [post, "POST /p hello"], [chunkedPost, "POST /c abcde"]]) {
      for (let round = 0; round < 2; round++) {
        client.send(sent ?? "");
        await settled();
        assert.equal(undated(client.take()), answerOf(wanted ?? ""));
      }
    }
    assert.equal(bench.finished.length, 6);
  }));

test("Http1Connection gives the same answers wherever the bytes are cut", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(get("/1"), post, chunkedPost, `\r\n${get("/2")}`), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(400), { maxLength: 12 }),
      (messages, cuts) =>
        onBench({ handler: echo }, async (bench) => {
          const bytes = messages.join("");
          const borders = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
          const client = await exchange(bench, ...borders.slice(1).map((end, at) => bytes.slice(borders[at], end)));
          const paths: Record<string, string> = { [post]: "POST /p hello", [chunkedPost]: "POST /c abcde" };
          const wanted = messages.map((each) => paths[each] ?? (each === get("/1") ? "GET /1 " : "GET /2 "));
          assert.equal(undated(client.text), wanted.map(answerOf).join(""));
        }),
    ),
    { numRuns: 60 },
  ));

test("Http1Connection reads a message byte by byte", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = await exchange(bench, ...chunkedPost, ...post);
    await settled(2_000);
    assert.equal(undated(client.text), answerOf("POST /c abcde") + answerOf("POST /p hello"));
  }));

for (const [kind, handler] of [["at once", () => text("x")], ["later", () => Promise.resolve(text("x"))]] as const) {
  test(`Http1Connection serves 5000 pipelined requests of one chunk, answered ${kind}`, () =>
    onBench({ handler }, async (bench) => {
      const accepted = { highWater: Number.POSITIVE_INFINITY };
      const client = bench.connect(accepted);
      client.send(get().repeat(5_000));
      while (bench.finished.length < 5_000) await settled();
      await settled(6_000);
      assert.equal(client.text.split("HTTP/1.1 200 OK").length - 1, 5_000);
    }));
}

test("Http1Connection serves no further request while the client takes no answers", () =>
  onBench({ handler: () => text("x".repeat(1_000)) }, async (bench) => {
    const client = bench.connect({ highWater: 4_000 });
    client.connection.pause();
    client.send(get().repeat(50));
    await settled();
    assert.ok(bench.requests.length < 6, `${bench.requests.length} requests were served`);
    client.connection.resume();
    await settled(1_000);
    assert.equal(bench.requests.length, 50);
    assert.equal(client.text.split("HTTP/1.1 200 OK").length - 1, 50);
  }));

test("Http1Connection ignores what follows a request with Connection: close", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = await exchange(bench, get("/1", "Connection: close") + get("/2"));
    assert.equal(bench.requests.length, 1);
    assert.match(client.text, /Connection: close\r\n\r\nGET \/1 $/);
    assert.equal(client.ended, true);
  }));

test("Http1Connection answers everything that was sent before the client's FIN", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = bench.connect();
    client.send(get("/1") + get("/2") + post);
    client.connection.end();
    await settled();
    const wanted = answerOf("GET /1 ") + answerOf("GET /2 ");
    const last = answerOf("POST /p hello").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    assert.equal(undated(client.text), wanted + last);
    assert.equal(client.closed, true);
  }));

test("Http1Connection closes when the client's FIN cuts a pipelined request short", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = bench.connect();
    client.send(get("/1") + post.slice(0, -1));
    client.connection.end();
    await settled();
    assert.equal(undated(client.text), answerOf("GET /1 "));
    assert.equal(client.closed, true);
  }));

// --- limits on connections -------------------------------------------------------------------------------------------

test("Http1Connection announces the end after keepAliveMaxRequests", () =>
  onBench({ handler: echo, server: { keepAliveMaxRequests: 2 } }, async (bench) => {
    const client = await exchange(bench, get().repeat(3));
    assert.equal(bench.requests.length, 2);
    assert.equal(client.text.split("Connection: close").length - 1, 1);
    assert.equal(client.ended, true);
  }));

test("Http1Connection announces the end after keepAliveMaxMs", () =>
  onBench({ handler: echo, timeouts: { keepAliveMaxMs: 1_000 } }, async (bench) => {
    const client = await exchange(bench, get());
    assert.equal(client.ended, false);
    await bench.advance(1_001);
    client.send(get());
    await settled();
    assert.equal(client.ended, true);
  }));

// --- HTTP/1.0 --------------------------------------------------------------------------------------------------------

test("Http1Connection keeps an HTTP/1.0 connection only when asked", () =>
  onBench({ handler: echo }, async (bench) => {
    const kept = await exchange(bench, message("GET / HTTP/1.0", "Connection: keep-alive"));
    assert.match(kept.text, /^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*Connection: keep-alive\r\n\r\n/);
    assert.equal(kept.ended, false);
    const closed = await exchange(bench, message("GET / HTTP/1.0"));
    assert.match(closed.text, /Connection: close\r\n/);
    assert.equal(closed.ended, true);
  }));

test("Http1Connection ends a body of unknown length with the connection for HTTP/1.0, with a chunk for HTTP/1.1", () =>
  onBench({
    handler: () => {
      const { body } = fed();
      body.push(fromLatin1("abc"));
      body.finish();
      const stream = body.stream; // a whole body would get a length
      return new ProxyResponse(200, new HeaderList(), new StreamBody(stream));
    },
  }, async (bench) => {
    const old = await exchange(bench, message("GET / HTTP/1.0", "Connection: keep-alive"));
    await settled();
    assert.equal(undated(old.text), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
    assert.equal(old.ended, true);
    const modern = await exchange(bench, get());
    await settled();
    assert.equal(undated(modern.text), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    assert.equal(modern.ended, false);
  }));

// --- Expect: 100-continue --------------------------------------------------------------------------------------------

const expecting = message("POST / HTTP/1.1", "Host: a.test", "Expect: 100-continue", "Content-Length: 5");

test("Http1Connection sends 100 Continue when the body is wanted, for each request anew", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = bench.connect();
    for (let round = 0; round < 2; round++) {
      client.send(expecting);
      await settled();
      assert.equal(client.take(), "HTTP/1.1 100 Continue\r\n\r\n");
      client.send("hello");
      await settled();
      assert.equal(undated(client.take()), answerOf("POST / hello"));
    }
  }));

test("Http1Connection sends no 100 Continue, and closes, when it answers without the body", () =>
  onBench({ handler: () => text("no", 403) }, async (bench) => {
    const client = await exchange(bench, expecting);
    assert.equal(undated(client.text), "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    assert.equal(client.ended, true);
  }));

test("Http1Connection sends no 100 Continue when the body is there already, or to HTTP/1.0", () =>
  onBench({ handler: echo }, async (bench) => {
    const impatient = await exchange(bench, `${expecting}hello`);
    assert.equal(undated(impatient.text), answerOf("POST / hello"));
    const old = await exchange(bench, message("POST / HTTP/1.0", "Expect: 100-continue", "Content-Length: 1"));
    assert.equal(old.text, "");
  }));

test("Http1Connection waits for a promised body as long as nobody asked for it", () =>
  onBench({ handler: () => new Promise(() => undefined) }, async (bench) => {
    const client = await exchange(bench, expecting);
    await bench.advance(120_000);
    assert.equal(client.text, "");
    assert.equal(client.closed, false);
  }));

// --- early answers ---------------------------------------------------------------------------------------------------

const early: readonly (readonly [name: string, head: string, bodies: readonly string[], kept: boolean])[] = [
  ["swallows the rest of a short body", "Content-Length: 50000", ["x".repeat(20_000), "x".repeat(30_000)], true],
  ["closes before a long body", "Content-Length: 500000", [], false],
  ["closes before a chunked body", "Transfer-Encoding: chunked", ["1\r\nx\r\n0\r\n\r\n"], false],
];

for (const [name, framing, bodies, kept] of early) {
  test(`Http1Connection ${name} that nobody read`, () =>
    onBench({ handler: () => text("early") }, async (bench) => {
      const client = await exchange(bench, message("POST / HTTP/1.1", "Host: a.test", framing));
      assert.match(client.take(), /early$/);
      client.send(...bodies);
      await settled();
      if (kept) client.send(get());
      await settled();
      assert.equal(client.text.includes("200 OK"), kept);
      assert.equal(client.ended, !kept);
    }));
}

test("Http1Connection stops swallowing after 64 KiB", () => {
  const handler: Handler = (request) => {
    request.body?.start({ chunk: () => true, end: () => undefined, fail: () => undefined });
    return text("early");
  };
  return onBench({ handler }, async (bench) => {
    const client = await exchange(bench, message("POST / HTTP/1.1", "Host: a.test", "Transfer-Encoding: chunked"));
    assert.match(client.text, /early$/);
    for (let round = 0; round < 3 && !client.ended; round++) {
      client.send(`8000\r\n${"x".repeat(0x8000)}\r\n`);
      await settled();
    }
    assert.equal(client.ended, true);
  });
});

// --- answers ---------------------------------------------------------------------------------------------------------

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

test("Http1Connection answers OPTIONS * and WebSocket upgrades itself", () =>
  onBench({ handler: echo }, async (bench) => {
    const options = await exchange(bench, message("OPTIONS * HTTP/1.1", "Host: a.test"));
    assert.match(options.text, /^HTTP\/1\.1 200 OK/);
    const socket = await exchange(bench, get("/", "Connection: Upgrade", "Upgrade: websocket") + get("/2"));
    assert.match(socket.text, /^HTTP\/1\.1 501 Not Implemented/);
    assert.equal(bench.requests.length, 0);
    assert.equal(socket.ended, true);
  }));

// --- backpressure ----------------------------------------------------------------------------------------------------

test("Http1Connection pauses an answer's body while the client doesn't read, and goes on when it does", () => {
  const { body, calls } = fed();
  return onBench({ handler: () => streamed(body) }, async (bench) => {
    const client = bench.connect({ highWater: 1_000 });
    client.send(get());
    await settled();
    client.connection.pause();
    assert.deepEqual(calls, ["resume"]);
    body.push(new Uint8Array(2_000));
    assert.deepEqual(calls, ["resume", "pause"]);
    client.connection.resume();
    await settled();
    assert.deepEqual(calls, ["resume", "pause", "resume"]);
    body.finish();
    await settled();
    assert.match(client.text, /\r\n0\r\n\r\n$/);
  });
});

test("Http1Connection stops reading an upload that nobody takes, and goes on when somebody does", () => {
  let sink: BodySink | undefined;
  let taken = 0;
  let room = true;
  const handler: Handler = (request) => {
    sink = {
      chunk: (bytes) => {
        taken += bytes.length;
        return room;
      },
      end: () => undefined,
      fail: () => undefined,
    };
    request.body?.start(sink);
    return new Promise(() => undefined);
  };
  return onBench({ handler }, async (bench) => {
    const client = await exchange(bench, message("POST / HTTP/1.1", "Host: a.test", "Content-Length: 4000"));
    room = false;
    for (let sent = 0; sent < 4_000; sent += 1_000) client.send("x".repeat(1_000));
    await settled();
    assert.equal(taken, 1_000);
    assert.equal(bench.downstream.paused, true);
    await bench.advance(120_000);
    assert.equal(client.closed, false, "the client is not to blame for the time");
    room = true;
    bench.requests[0]?.body?.resume();
    await settled();
    assert.equal(taken, 4_000);
  });
});

// --- timeouts --------------------------------------------------------------------------------------------------------

const never: Handler = () => new Promise(() => undefined);
const reading: Handler = (request) => {
  request.body?.start({ chunk: () => true, end: () => undefined, fail: () => undefined });
  return new Promise(() => undefined);
};

const slow: readonly (readonly [name: string, sent: string, ms: number, handler: Handler, wanted: RegExp])[] = [
  ["sends nothing", "", 10_000, never, /^$/],
  ["never finishes a head", "GET / HT", 10_000, never, /^HTTP\/1\.1 408 /],
  ["stalls within a body", post.slice(0, -1), 60_000, reading, /^HTTP\/1\.1 408 /],
  ["idles between requests", get(), 180_000, () => text("x"), /^HTTP\/1\.1 200 /],
];

for (const [name, sent, ms, handler, wanted] of slow) {
  test(`Http1Connection closes on a client that ${name}`, () =>
    onBench({ handler }, async (bench) => {
      const client = bench.connect();
      if (sent !== "") client.send(sent);
      await settled();
      await bench.advance(ms - 1);
      assert.equal(client.ended || client.closed, false);
      await bench.advance(2);
      assert.equal(client.ended || client.closed, true);
      assert.match(client.text, wanted);
      await bench.advance(2_001);
      assert.equal(bench.server.connections, 0);
    }));
}

test("Http1Connection does not let dripping bytes prolong a head", () =>
  onBench({ handler: never }, async (bench) => {
    const client = bench.connect();
    for (const piece of get().slice(0, 12)) {
      client.send(piece);
      await bench.advance(999);
    }
    assert.match(client.text, /^HTTP\/1\.1 408 /);
  }));

test("Http1Connection gives a client that connects after a long silence its full time", () =>
  onBench({ handler: echo }, async (bench) => {
    bench.time += 3_600_000; // nobody was connected: the clock stood still
    const client = bench.connect();
    await bench.advance(100);
    client.send(get("/late"));
    await settled();
    assert.equal(undated(client.text), answerOf("GET /late "));
  }));

test("Http1Connection ends a whole request after readMs however the bytes drip", () =>
  onBench({ handler: reading, timeouts: { readMs: 5_000 } }, async (bench) => {
    const client = await exchange(bench, post.slice(0, -5));
    for (let second = 0; second < 5; second++) {
      client.send("x");
      await bench.advance(1_001);
    }
    assert.equal(client.ended, true);
  }));

test("Http1Connection ends a whole answer after writeMs", () => {
  const { body } = fed();
  return onBench({ handler: () => streamed(body), timeouts: { writeMs: 5_000 } }, async (bench) => {
    const client = await exchange(bench, get());
    for (let second = 0; second < 5; second++) {
      body.push(fromLatin1("x"));
      await bench.advance(1_001);
    }
    assert.equal(client.error?.code, "connection-reset");
  });
});

for (const [name, content] of [["streamed", undefined], ["whole", "x".repeat(2_000)]] as const) {
  test(`Http1Connection cuts a client that takes nothing of its ${name} answer`, () => {
    const { body } = fed();
    const handler = () => content === undefined ? streamed(body) : text(content);
    return onBench({ handler }, async (bench) => {
      const client = bench.connect({ highWater: 1_000 });
      client.connection.pause();
      client.send(get());
      await settled();
      body.push(new Uint8Array(2_000));
      await settled();
      await bench.advance(59_000);
      assert.equal(bench.server.connections, 1);
      await bench.advance(2_000);
      assert.equal(bench.server.connections, 0);
    });
  });
}

test("Http1Connection gives a slow client time to take its last answer", () =>
  onBench({ handler: () => text("x".repeat(5_000)) }, async (bench) => {
    const client = bench.connect({ highWater: 1_000 });
    client.connection.pause();
    client.send(get("/", "Connection: close"));
    await settled();
    await bench.advance(10_000);
    client.connection.resume();
    await settled();
    assert.equal(client.text.length - client.text.indexOf("\r\n\r\n") - 4, 5_000);
  }));

test("Http1Connection goes on with a half-closed client while bytes move, and gives up when they don't", () => {
  const { body, calls } = fed();
  return onBench({ handler: () => streamed(body) }, async (bench) => {
    const client = bench.connect();
    client.send(get());
    client.connection.end();
    await settled();
    for (let round = 0; round < 4; round++) {
      body.push(fromLatin1("x"));
      await bench.advance(4_000);
      assert.equal(client.closed, false);
    }
    await bench.advance(5_001);
    await bench.advance(5_001);
    assert.equal(client.closed, true);
    assert.equal(calls.at(-1), "cancel");
    assert.equal(bench.finished[0]?.status, 499);
  });
});

// --- refusals --------------------------------------------------------------------------------------------------------

const refusals: readonly (readonly [name: string, sent: string, status: number])[] = [
  ["garbage", "\x16\x03\x01", 400],
  ["a head without Host", message("GET / HTTP/1.1"), 400],
  ["a bad chunk in the head's own piece", chunkedPost.replace("3\r\n", "+3\r\n"), 400],
  ["CONNECT", message("CONNECT a:1 HTTP/1.1", "Host: a:1"), 501],
  ["a long target", `GET /${"a".repeat(70_000)}`, 414],
  ["a long head", `GET / HTTP/1.1\r\nX: ${"a".repeat(70_000)}`, 431],
];

for (const [name, sent, status] of refusals) {
  test(`Http1Connection refuses ${name} with ${status}, asks no handler and closes`, () =>
    onBench({ handler: echo }, async (bench) => {
      const client = await exchange(bench, sent + get("/smuggled"));
      assert.match(client.text, new RegExp(`^HTTP/1\\.1 ${status} [^]*Connection: close\\r\\n\\r\\n`));
      assert.equal(client.text.split("HTTP/1.1").length, 2);
      assert.equal(bench.requests.length, 0);
      assert.equal(bench.refused.length, 1);
      assert.equal(client.ended, true);
    }));
}

test("Http1Connection refuses a second request after having answered the first", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = await exchange(bench, `${get("/1")}nonsense\r\n\r\n`);
    assert.match(undated(client.text), /^HTTP\/1\.1 200 OK\r\nContent-Length: 7\r\n\r\nGET \/1 HTTP\/1\.1 400 /);
  }));

test("Http1Connection refuses a body that turns bad while it is read, once", () =>
  onBench({ handler: echo }, async (bench) => {
    const client = await exchange(bench, chunkedPost.slice(0, -30));
    client.send("zz\r\n");
    await settled();
    assert.match(client.text, /^HTTP\/1\.1 400 /);
    assert.equal(client.ended, true);
    assert.equal(bench.finished.length, 1);
    assert.equal(bench.finished[0]?.status, 400);
  }));

test("Http1Connection resets instead when the answer has begun", () => {
  const { body } = fed();
  const handler: Handler = (request) => {
    request.body?.start({ chunk: () => true, end: () => undefined, fail: () => undefined });
    return streamed(body);
  };
  return onBench({ handler }, async (bench) => {
    const client = await exchange(bench, chunkedPost.slice(0, -30));
    body.push(fromLatin1("x"));
    client.send("zz\r\n");
    await settled();
    assert.equal(client.error?.code, "connection-reset");
    assert.equal(client.text.includes(" 400 "), false);
    assert.equal(bench.finished.length, 1);
  });
});

// --- the client goes away --------------------------------------------------------------------------------------------

test("Http1Connection tells everybody once when the client goes away while its answer is made", () =>
  onBench({ handler: never }, async (bench) => {
    const client = await exchange(bench, get());
    const heard: string[] = [];
    bench.requests[0]?.onAbort((reason) => heard.push(reason.code));
    client.connection.reset();
    await settled();
    assert.deepEqual(heard, ["client-gone"]);
    assert.equal(bench.finished.length, 1);
    assert.equal(bench.finished[0]?.status, 499);
    assert.equal(bench.finished[0]?.responseBytes, 0);
  }));

test("Http1Connection cancels an answer that comes after the client has gone", () => {
  const { body, calls } = fed();
  let answer: (response: ProxyResponse) => void = () => undefined;
  const handler: Handler = () => new Promise((resolve) => answer = resolve);
  return onBench({ handler }, async (bench) => {
    const client = await exchange(bench, get());
    client.connection.reset();
    await settled();
    answer(streamed(body));
    await settled();
    assert.deepEqual(calls, ["cancel"]);
    assert.equal(bench.finished.length, 1);
  });
});

test("Http1Connection fails a request's body when the client goes away, or sends FIN, within it", () =>
  onBench({ handler: echo }, async (bench) => {
    for (const leave of [(peer: Peer) => peer.connection.reset(), (peer: Peer) => peer.connection.end()]) {
      const client = await exchange(bench, post.slice(0, -1));
      const failed = bench.requests.at(-1)?.aborted;
      assert.equal(failed, undefined);
      leave(client);
      await settled();
      assert.notEqual(bench.requests.at(-1)?.aborted, undefined);
      assert.equal(bench.server.connections, 0);
    }
    assert.equal(bench.finished.length, 2);
  }));

test("Http1Connection reports no bytes of an earlier answer for a request that was given up", () =>
  onBench(
    { handler: (request) => request.path === "/1" ? text("12345") : new Promise(() => undefined) },
    async (bench) => {
      const client = await exchange(bench, get("/1"), get("/2"));
      client.connection.reset();
      await settled();
      assert.deepEqual(bench.finished.map(({ responseBytes }) => responseBytes), [5, 0]);
    },
  ));

// --- drain -----------------------------------------------------------------------------------------------------------

test("Http1Server.drain() closes idle connections, lets busy ones finish, and resolves", () => {
  let answer: (response: ProxyResponse) => void = () => undefined;
  const handler: Handler = () => new Promise((resolve) => answer = resolve);
  return onBench({ handler }, async (bench) => {
    const idle = bench.connect();
    const busy = await exchange(bench, get());
    let isDrained = false;
    const drained = bench.server.drain().then(() => isDrained = true);
    await settled();
    assert.equal(idle.ended, true);
    idle.connection.end();
    await settled();
    assert.equal(isDrained, false);
    answer(textResponse(200, "done"));
    await settled();
    assert.match(busy.text, /Connection: close\r\n\r\ndone$/);
    busy.connection.end();
    await drained;
    const late = bench.connect();
    await settled();
    assert.equal(late.ended, true);
  });
});
