// Requests to a backend that speaks HTTP/2 with prior knowledge, in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BytesBody, PushBody, readWhole } from "../../../src/http/body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyRequest, type RequestParts } from "../../../src/http/request.ts";
import { toLatin1 } from "../../../src/net/bytes.ts";
import { Deadlines } from "../../../src/net/deadlines.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { Http2Transport, type Http2TransportOptions } from "../../../src/service/http2-transport.ts";
import { HeardServer, type HeardStream } from "../../support/h2-sessions.ts";
import { MemoryConnection, settled } from "../../support/memory-connection.ts";

const target = {
  url: "h2c://backend:80",
  ...{ host: "backend", port: 80, authority: "backend", pathPrefix: "/base", passHostHeader: true },
};
const usual: Http2TransportOptions = {
  ...{ dialTimeoutMs: 1000, responseHeaderTimeoutMs: 60_000, idleTimeoutMs: 60_000, maxLifeMs: 0, maxIdlePerHost: 1 },
  ...{ readIdleTimeoutMs: 0, pingTimeoutMs: 15_000 },
};

/** A backend whose connections a script answers. */
class Bench {
  time = 1_000_000;
  readonly deadlines = new Deadlines(() => this.time);
  readonly transport: Http2Transport;
  readonly backends: HeardServer[] = [];
  readonly ends: MemoryConnection[] = [];
  answers: ((heard: HeardStream) => void) | undefined = undefined;
  refuses = false;
  maxStreams = 100;

  constructor(options: Partial<Http2TransportOptions> = {}) {
    const dial = (_options: unknown, handler: { open(c: MemoryConnection): void; fail(error: ProxyError): void }) => {
      queueMicrotask(() => {
        if (this.refuses) {
          handler.fail(new ProxyError("no", { code: "connect-refused", source: "upstream", status: 502 }));
        } else handler.open(this.#connect());
      });
      return { cancel: () => undefined };
    };
    this.transport = new Http2Transport({ dial }, this.deadlines, { ...usual, ...options });
  }

  #connect(): MemoryConnection {
    const ours = new MemoryConnection();
    const theirs = ours.pair({ highWater: Number.POSITIVE_INFINITY });
    const backend = new HeardServer({ maxConcurrentStreams: this.maxStreams });
    backend.answers = (heard) => this.answers?.(heard);
    backend.write = (bytes) => theirs.write(bytes);
    backend.wake = () => queueMicrotask(() => backend.session.flush());
    theirs.handle({
      data: (chunk) => backend.session.receive(chunk),
      drain: () => backend.session.drained(),
      end: () => theirs.end(),
      close: () => undefined,
    });
    backend.session.flush();
    this.backends.push(backend);
    this.ends.push(theirs);
    return ours;
  }

  async advance(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1000) {
      this.time += 1000;
      this.deadlines.sweep();
      await settled(50);
    }
  }

  close(): void {
    for (const end of this.ends) end.reset();
  }
}

function requestOf(parts: Partial<RequestParts> = {}): ProxyRequest {
  return new ProxyRequest({
    ...{ method: "GET", scheme: "http", authority: "a.test", rawTarget: "/p?q", path: "/p", search: "?q" },
    ...{ protocol: "HTTP/1.1", headers: HeaderList.of(["Host", "a.test"], ["X-A", "1"]), body: undefined },
    ...{ remote: { ip: "192.0.2.1", port: 1 }, local: { ip: "192.0.2.2", port: 2 }, entryPoint: "web", tls: undefined },
    ...{ startedAt: 0, ...parts },
  });
}

async function onBench(
  options: Partial<Http2TransportOptions>,
  script: (bench: Bench) => Promise<void>,
): Promise<void> {
  const bench = new Bench(options);
  try {
    await script(bench);
  } finally {
    bench.close();
    await settled();
  }
  assert.equal(bench.deadlines.size, 0);
}

function hello(heard: HeardStream): void {
  heard.stream.respond(200, "X-B: 2\r\n", false);
  heard.stream.write(new TextEncoder().encode(`${heard.head?.method} ${heard.head?.path}`));
  heard.stream.end("Grpc-Status: 0\r\n");
}

function answerBare(heard: HeardStream): void {
  heard.stream.respond(413, "", true);
}

async function bodyOf(body: { length: number | undefined } | undefined): Promise<string> {
  return body instanceof PushBody ? toLatin1((await readWhole(body, 1e9)) ?? new Uint8Array(0)) : "";
}

test("Http2Transport sends many requests on one connection, and brings answers with trailers", () =>
  onBench({}, async (bench) => {
    bench.answers = hello;
    const answers = await Promise.all(Array.from({ length: 20 }, () => bench.transport.send(requestOf(), target)));
    for (const answer of answers) {
      assert.deepEqual([answer.status, answer.headers.get("x-b")], [200, "2"]);
      assert.equal(await bodyOf(answer.body), "GET /base/p");
      assert.equal(answer.body?.trailers?.get("grpc-status"), "0");
    }
    assert.equal(bench.backends.length, 1);
    const head = bench.backends[0]?.requests[0]?.head;
    assert.deepEqual([head?.authority, head?.search, head?.text], [
      ...["a.test", "?q", "host: a.test\r\nx-a: 1\r\nx-forwarded-for: 192.0.2.1\r\n"],
    ]);
  }));

test("Http2Transport opens another connection when the streams of one don't suffice", () =>
  onBench({}, async (bench) => {
    bench.maxStreams = 2;
    const first = bench.transport.send(requestOf(), target);
    await settled();
    const more = Array.from({ length: 4 }, () => bench.transport.send(requestOf(), target));
    await settled(1000);
    assert.deepEqual(bench.backends.map(({ requests }) => requests.length), [2, 2, 1]);
    for (const { requests } of bench.backends) requests.forEach(hello);
    for (const { session } of bench.backends) session.flush();
    for (const answer of await Promise.all([first, ...more])) assert.equal(await bodyOf(answer.body), "GET /base/p");
  }));

test("Http2Transport uploads bodies, whole ones and streams with trailers", () =>
  onBench({}, async (bench) => {
    bench.answers = undefined;
    const whole = bench.transport.send(
      requestOf({ method: "POST", body: new BytesBody(new Uint8Array(100_000)) }),
      target,
    );
    const here = new PushBody(undefined, { pauseBody() {}, resumeBody() {}, cancelBody() {} });
    here.trailers = HeaderList.of(["X-Here", "1"]);
    here.finish();
    const empty = bench.transport.send(requestOf({ method: "PUT", body: here }), target);
    const body = new PushBody(undefined, { pauseBody() {}, resumeBody() {}, cancelBody() {} });
    const streamed = bench.transport.send(requestOf({ method: "PUT", body }), target);
    await settled(2000);
    for (let turn = 0; turn < 5; turn++) {
      body.push(new Uint8Array(50_000));
      await settled(500);
    }
    body.trailers = HeaderList.of(["X-Sum", "7"]);
    body.finish();
    await settled(2000);
    const [first, third, second] = bench.backends[0]?.requests ?? [];
    assert.deepEqual([first?.body.length, first?.head?.length, first?.ended], [100_000, 100_000, true]);
    assert.deepEqual([second?.body.length, second?.head?.length, second?.trailers], [
      250_000,
      undefined,
      "x-sum: 7\r\n",
    ]);
    assert.deepEqual([third?.body, third?.trailers], ["", "x-here: 1\r\n"]);
    for (const heard of [first, second, third]) heard?.stream.respond(204, "", true);
    assert.deepEqual((await Promise.all([whole, streamed, empty])).map(({ status }) => status), [204, 204, 204]);
  }));

test("Http2Transport sends again what was certainly not looked at, but not for ever", () =>
  onBench({}, async (bench) => {
    let refused = 0;
    bench.answers = (heard) => refused++ === 0 ? heard.stream.reset(7) : hello(heard);
    assert.equal((await bench.transport.send(requestOf({ method: "POST" }), target)).status, 200);
    bench.answers = (heard) => heard.stream.reset(7);
    await assert.rejects(bench.transport.send(requestOf(), target), { code: "stream-reset", retry: "unsent" });
    const body = new PushBody(undefined, { pauseBody() {}, resumeBody() {}, cancelBody() {} });
    await assert.rejects(bench.transport.send(requestOf({ method: "POST", body }), target), { retry: "never" });
  }));

test("Http2Transport repeats idempotent requests alone when a used connection breaks", () =>
  onBench({}, async (bench) => {
    bench.answers = hello;
    await bodyOf((await bench.transport.send(requestOf(), target)).body);
    bench.answers = undefined;
    const [again, once] = [requestOf(), requestOf({ method: "POST" })].map((each) =>
      bench.transport.send(each, target)
    );
    once?.catch(() => undefined);
    await settled();
    bench.answers = hello;
    bench.ends[0]?.reset();
    assert.equal((await again)?.status, 200);
    await assert.rejects(once ?? Promise.resolve(), { code: "backend-gone" });
    assert.equal(bench.backends.length, 2);
  }));

test("Http2Transport tells a refused dial, and a backend that is too slow", () =>
  onBench({ responseHeaderTimeoutMs: 5000 }, async (bench) => {
    bench.refuses = true;
    await assert.rejects(bench.transport.send(requestOf(), target), { code: "connect-refused" });
    bench.refuses = false;
    const late = bench.transport.send(requestOf(), target);
    late.catch(() => undefined);
    await settled();
    await bench.advance(8000);
    await assert.rejects(late, { code: "response-timeout", status: 504 });
    assert.equal(bench.backends[0]?.requests[0]?.isClosed, true);
  }));

test("Http2Transport gives an exchange up with its client, before and within the answer", () =>
  onBench({}, async (bench) => {
    const gone = new ProxyError("gone", { code: "client-gone", source: "downstream", status: 499 });
    const early = requestOf();
    const waiting = bench.transport.send(early, target);
    early.abort(gone);
    await assert.rejects(waiting, gone);
    bench.answers = ({ stream }) => {
      stream.respond(200, "", false);
      stream.write(new Uint8Array(10));
    };
    const request = requestOf();
    const answer = await bench.transport.send(request, target);
    const read = readWhole(answer.body ?? new BytesBody(new Uint8Array(0)), 1e6);
    request.abort(gone);
    await assert.rejects(read, gone);
    await settled();
    assert.equal(bench.backends[0]?.requests.at(-1)?.isClosed, true);
  }));

test("Http2Transport stops an upload when the backend has answered, and lets one end that is on its way", () =>
  onBench({}, async (bench) => {
    const owner = { cancelled: 0, pauseBody() {}, resumeBody() {}, cancelBody: () => void owner.cancelled++ };
    for (const [index, answers] of [answerBare, hello].entries()) {
      bench.answers = answers;
      const body = new PushBody(undefined, owner);
      const answer = await bench.transport.send(requestOf({ method: "POST", body }), target);
      assert.equal(await bodyOf(answer.body), index === 0 ? "" : "POST /base/p");
      await settled();
      const heard = bench.backends[0]?.requests.at(-1);
      assert.deepEqual([owner.cancelled, heard?.ended, heard?.isClosed], [index + 1, false, true]);
    }
    bench.answers = answerBare;
    const large = new BytesBody(new Uint8Array(100_000)); // more than the first window
    assert.equal((await bench.transport.send(requestOf({ method: "POST", body: large }), target)).status, 413);
    await settled();
    assert.equal((await bench.transport.send(requestOf(), target)).status, 413);
    assert.deepEqual([bench.backends.length, bench.backends[0]?.isOver], [1, false]);
  }));

test("Http2Transport holds no more of an answer than its reader takes", () =>
  onBench({}, async (bench) => {
    bench.answers = ({ stream }) => {
      stream.respond(200, "", false);
      stream.write(new Uint8Array(1_000_000), true);
    };
    const { body } = await bench.transport.send(requestOf(), target);
    await settled(2000);
    const unsent = bench.backends[0]?.requests[0]?.stream.queueSent ?? 0;
    assert.ok(unsent > 0 && unsent <= 131_072, `${unsent} bytes came`);
    assert.equal((await bodyOf(body)).length, 1_000_000);
  }));

test("Http2Transport breaks an answer off that breaks off", () =>
  onBench({}, async (bench) => {
    bench.answers = ({ stream }) => {
      stream.respond(200, "Content-Length: 20\r\n", false);
      stream.write(new Uint8Array(10));
    };
    const { body } = await bench.transport.send(requestOf(), target);
    const read = bodyOf(body);
    read.catch(() => undefined);
    await settled();
    bench.ends[0]?.reset();
    await assert.rejects(read, { code: "backend-gone", retry: "never" });
  }));

test("Http2Transport closes connections that idle, and those that give no sign of life", () =>
  onBench(
    { idleTimeoutMs: 5000, readIdleTimeoutMs: 3000, pingTimeoutMs: 2000, responseHeaderTimeoutMs: 0 },
    async (bench) => {
      bench.answers = hello;
      await bodyOf((await bench.transport.send(requestOf(), target)).body);
      await bench.advance(10_000);
      assert.equal(bench.deadlines.size, 0);
      bench.answers = undefined;
      const dead = bench.transport.send(requestOf(), target);
      dead.catch(() => undefined);
      await settled();
      await bench.advance(10_000);
      assert.equal(bench.backends[1]?.requests[0]?.isClosed, false, "a backend that answers PING is alive");
      bench.ends[1]?.pause();
      await bench.advance(10_000);
      await assert.rejects(dead, { code: "http2-connection-error" });
    },
  ));
