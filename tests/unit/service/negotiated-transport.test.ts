// What a server over TLS speaks is learnt by the first handshake, remembered, and learnt again when it changes.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProxyRequest } from "../../../src/http/request.ts";
import type { ProxyResponse } from "../../../src/http/response.ts";
import { Deadlines } from "../../../src/net/deadlines.ts";
import { ProxyError } from "../../../src/net/error.ts";
import type { DialHandler, DialOptions } from "../../../src/net/runtime.ts";
import type { TlsFacts } from "../../../src/net/tls.ts";
import { defaultTransportOptions } from "../../../src/service/http1-transport.ts";
import { defaultServerTls } from "../../../src/service/server-tls.ts";
import { defaultPing, ServerTransport } from "../../../src/service/server-transport.ts";
import type { Target } from "../../../src/service/transport.ts";
import { HeardServer } from "../../support/h2-sessions.ts";
import { MemoryConnection, settled } from "../../support/memory-connection.ts";
import { request } from "./fakes.ts";

const target: Target = {
  ...{ url: "https://app.test", protocol: "https", host: "app.test", port: 443, authority: "app.test" },
  ...{ pathPrefix: "", passHostHeader: true },
};
const relearnMs = 600_000;

/** A server that speaks what the test says, and dials that end when the test says. */
class Bench {
  time = 1_000_000;
  /** Chosen at each dial among what is offered. */
  speaks: "h2" | "http/1.1" = "h2";
  refuses: ProxyError | undefined = undefined;
  readonly deadlines = new Deadlines(() => this.time);
  readonly dials: DialOptions[] = [];
  cancelled = 0;
  readonly transport: ServerTransport;
  readonly #ends: MemoryConnection[] = [];
  #held: (() => void)[] | undefined = undefined;

  constructor(disableHttp2 = false) {
    const dial = (options: DialOptions, handler: DialHandler) => {
      this.dials.push(options);
      let isOver = false;
      const open = () => {
        if (!isOver) this.#open(options, handler);
      };
      if (this.#held === undefined) queueMicrotask(open);
      else this.#held.push(open);
      return {
        cancel: () => {
          isOver = true;
          this.cancelled++;
        },
      };
    };
    const options = { ...defaultTransportOptions, maxLifeMs: 0, ...defaultPing, disableHttp2 };
    this.transport = new ServerTransport({ dial }, this.deadlines, options, defaultServerTls);
  }

  /** What was offered at each dial. */
  get offers(): string[] {
    return this.dials.map(({ tls }) => tls?.alpn?.join(" ") ?? "clear");
  }

  hold(): void {
    this.#held = [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const open of held) open();
  }

  send(one: ProxyRequest = request(), to = target): Promise<ProxyResponse> {
    return this.transport.send(one, to);
  }

  /** Which protocols answered. */
  async versions(count: number): Promise<string[]> {
    const answers = await Promise.all(Array.from({ length: count }, () => this.send()));
    for (const { body } of answers) body?.cancel();
    return answers.map(({ headers }) => headers.first("x-version") ?? "");
  }

  async close(): Promise<void> {
    this.transport.dispose();
    for (const end of this.#ends) end.reset();
    await settled();
    assert.equal(this.deadlines.size, 0);
  }

  #open({ tls }: DialOptions, handler: DialHandler): void {
    if (this.refuses !== undefined) return handler.fail(this.refuses);
    const ours = new MemoryConnection();
    const theirs = ours.pair({ highWater: Number.POSITIVE_INFINITY });
    this.#ends.push(theirs);
    const alpn = tls?.alpn?.includes(this.speaks) ? this.speaks : "";
    if (this.speaks === "h2") this.#serveHttp2(theirs);
    else this.#serveHttp1(theirs);
    const facts: TlsFacts = {
      ...{ serverName: "app.test", alpn, version: "1.3", cipher: "", resumed: false, peer: undefined },
    };
    handler.open(ours, tls === undefined ? undefined : facts);
  }

  #serveHttp1(end: MemoryConnection): void {
    end.handle({
      data: () => void end.write("HTTP/1.1 200 OK\r\nX-Version: 1.1\r\nContent-Length: 0\r\n\r\n"),
      drain: () => undefined,
      end: () => end.end(),
      close: () => undefined,
    });
  }

  #serveHttp2(end: MemoryConnection): void {
    const backend = new HeardServer({});
    backend.answers = ({ stream }) => void stream.respond(200, "X-Version: 2\r\n", true);
    backend.write = (bytes) => end.write(bytes);
    backend.wake = () => queueMicrotask(() => backend.session.flush());
    end.handle({
      data: (chunk) => backend.session.receive(chunk),
      drain: () => backend.session.drained(),
      end: () => end.end(),
      close: () => undefined,
    });
    backend.session.flush();
  }
}

function benchTest(name: string, script: (bench: Bench) => Promise<void>, disableHttp2 = false): void {
  test(name, async () => {
    const bench = new Bench(disableHttp2);
    await script(bench);
    await bench.close();
  });
}

benchTest("ServerTransport sends all on one connection to a server that agrees on HTTP/2", async (bench) => {
  assert.deepEqual(await bench.versions(5), ["2", "2", "2", "2", "2"]);
  assert.deepEqual(await bench.versions(2), ["2", "2"]);
  assert.deepEqual(bench.offers, ["h2 http/1.1"]);
  assert.equal(bench.dials[0]?.tls?.serverName, "app.test");
});

benchTest(
  "ServerTransport uses the connection that showed HTTP/1.1, and offers only that from then on",
  async (bench) => {
    bench.speaks = "http/1.1";
    assert.deepEqual(await bench.versions(3), ["1.1", "1.1", "1.1"]);
    assert.deepEqual(bench.offers, ["h2 http/1.1", "http/1.1", "http/1.1"]);
    await bench.versions(1);
    assert.equal(bench.dials.length, 3);
  },
);

benchTest("ServerTransport asks a server of HTTP/1.1 again after a while, by one request", async (bench) => {
  bench.speaks = "http/1.1";
  await bench.versions(1);
  bench.speaks = "h2";
  bench.time += relearnMs + 1;
  bench.deadlines.sweep();
  assert.deepEqual(await bench.versions(1), ["2"]);
  assert.deepEqual(await bench.versions(2), ["2", "2"]);
  assert.deepEqual(bench.offers, ["h2 http/1.1", "h2 http/1.1"]);
});

benchTest("ServerTransport goes on in HTTP/1.1 when a server no longer agrees on HTTP/2", async (bench) => {
  await bench.versions(1);
  bench.speaks = "http/1.1";
  bench.time += 61_000; // past the idle limit
  bench.deadlines.sweep();
  await settled();
  assert.deepEqual(await bench.versions(2), ["1.1", "1.1"]);
  assert.deepEqual(bench.offers.slice(0, 2), ["h2 http/1.1", "h2 http/1.1"]);
  assert.ok(bench.offers.slice(2).every((offer) => offer === "http/1.1"));
});

benchTest("ServerTransport tells all who wait why a dial failed, and dials again for the next", async (bench) => {
  bench.refuses = new ProxyError("no", {
    code: "tls-certificate-refused",
    source: "upstream",
    status: 502,
    retry: "unsent",
  });
  const codes = await Promise.all([1, 2].map(() => bench.send().catch((error: ProxyError) => error.code)));
  assert.deepEqual([codes, bench.dials.length], [["tls-certificate-refused", "tls-certificate-refused"], 1]);
  bench.refuses = undefined;
  assert.deepEqual(await bench.versions(1), ["2"]);
});

benchTest("ServerTransport gives the dial up when nobody waits for it any more", async (bench) => {
  const gone = new ProxyError("gone", { code: "client-gone", source: "downstream", status: 499 });
  const [one, two] = [request(), request()];
  bench.hold();
  const sent = [one, two].map((each) => bench.send(each).catch((error: ProxyError) => error.code));
  one.abort(gone);
  assert.equal(bench.cancelled, 0);
  two.abort(gone);
  assert.equal(bench.cancelled, 1);
  assert.deepEqual(await Promise.all(sent), ["client-gone", "client-gone"]);
  bench.release();
  assert.deepEqual(await bench.versions(1), ["2"]);
});

benchTest("ServerTransport opens another protocol on a connection of HTTP/1.1, and never in h2c", async (bench) => {
  await bench.versions(1);
  bench.speaks = "http/1.1";
  const socket = request();
  socket.upgrade = "websocket";
  assert.equal((await bench.send(socket)).status, 200);
  assert.deepEqual(bench.offers, ["h2 http/1.1", "http/1.1"]);
  const other = request();
  other.upgrade = "websocket";
  const h2c = { ...target, url: "h2c://app.test", protocol: "h2c" } as const;
  await assert.rejects(bench.send(other, h2c), { code: "no-upgrade", status: 502, retry: "unsent" });
});

benchTest("ServerTransport speaks h2c with prior knowledge, and http in HTTP/1.1", async (bench) => {
  const answer = await bench.send(request(), { ...target, protocol: "h2c" });
  bench.speaks = "http/1.1";
  const other = await bench.send(request(), { ...target, protocol: "http" });
  assert.deepEqual([answer, other].map(({ headers }) => headers.first("x-version")), ["2", "1.1"]);
  assert.deepEqual(bench.offers, ["clear", "clear"]);
});

benchTest("ServerTransport offers no HTTP/2 where it is switched off", async (bench) => {
  bench.speaks = "http/1.1";
  assert.deepEqual(await bench.versions(2), ["1.1", "1.1"]);
  assert.deepEqual(bench.offers, ["http/1.1", "http/1.1"]);
}, true);
