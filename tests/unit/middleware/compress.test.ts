// compress: what is compressed, how headers change, and that streams flow, stall, break off and end as they should.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as zlib from "node:zlib";
import { runtime } from "#runtime";
import type { Body } from "../../../src/http/body.ts";
import { BytesBody, PushBody, readWhole } from "../../../src/http/body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyResponse } from "../../../src/http/response.ts";
import { compress } from "../../../src/middleware/compress.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { sampleRequest } from "../telemetry/sample-request.ts";
import { build, origin, testContext } from "./context.ts";

const text = new TextEncoder().encode("All work and no play makes Jack a dull boy. ".repeat(100));
const HTML = ["Content-Type", "text/html; charset=utf-8"] as const;
const EVENTS = ["Content-Type", "text/event-stream"] as const;

type Pair = readonly [string, string];

interface Case {
  readonly options?: object;
  readonly method?: string;
  readonly accept?: string;
  readonly sent?: readonly Pair[];
  readonly status?: number;
  readonly answered?: readonly Pair[];
  readonly body?: Body | undefined;
}

async function exchange(given: Case): Promise<ProxyResponse> {
  const { options = {}, method = "GET", accept = "gzip", sent = [], status = 200, answered = [HTML] } = given;
  const body = "body" in given ? given.body : new BytesBody(text);
  const next = () => new ProxyResponse(status, HeaderList.of(...answered), body);
  const headers = HeaderList.of(["Accept-Encoding", accept], ...sent);
  return await build(compress, options, next)(sampleRequest({ method, headers }));
}

async function bytesOf(response: ProxyResponse): Promise<Uint8Array> {
  if (response.body === undefined) return new Uint8Array();
  return await readWhole(response.body, 1 << 26) ?? new Uint8Array();
}

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => zlib.gunzipSync(bytes),
  br: (bytes) => zlib.brotliDecompressSync(bytes),
  zstd: (bytes) => zlib.zstdDecompressSync(bytes),
};

function decode(coding: string, bytes: Uint8Array): Uint8Array {
  const decoder = decoders[coding];
  assert.ok(decoder, coding);
  return new Uint8Array(decoder(bytes));
}

for (const coding of ["gzip", "br", "zstd"]) {
  test(`compress with ${coding} gives back the same bytes, and fewer on the wire`, async () => {
    const response = await exchange({ accept: coding });
    assert.equal(response.headers.get("Content-Encoding"), coding);
    const bytes = await bytesOf(response);
    assert.ok(bytes.length < text.length / 10, `${bytes.length} bytes`);
    assert.deepEqual(decode(coding, bytes), text);
  });
}

test("compress corrects the headers that speak of the bytes", async () => {
  const answered: Pair[] = [
    HTML,
    ["Content-Length", String(text.length)],
    ["ETag", '"abc"'],
    ["Accept-Ranges", "bytes"],
    ["Content-MD5", "x"],
    ["Content-Digest", "sha-256=:x:"],
    ["Vary", "Cookie"],
    ["X-Other", "1"],
  ];
  const response = await exchange({ answered });
  assert.equal(response.body?.length, undefined);
  assert.deepEqual([...response.headers], [
    [...HTML],
    ["ETag", 'W/"abc"'],
    ["Vary", "Cookie, Accept-Encoding"],
    ["X-Other", "1"],
    ["Content-Encoding", "gzip"],
  ]);
});

const small = new Uint8Array(1023);
const typed = (type: string): readonly Pair[] => [["Content-Type", type]];
const partly: readonly Pair[] = [HTML, ["Content-Range", "bytes 0-1/3"]];

/** What happens to an answer: compressed; left alone; left alone, but caches are told that it may vary. */
type Outcome = "compressed" | "untouched" | "varying";

const outcomes: readonly (readonly [name: string, given: Case, wanted: Outcome])[] = [
  ["a page", {}, "compressed"],
  ["a body of exactly the minimum", { body: new BytesBody(new Uint8Array(1024)) }, "compressed"],
  ["a body below the minimum", { body: new BytesBody(small) }, "untouched"],
  [
    "the minimum 0, which means 1024",
    { options: { minResponseBodyBytes: 0 }, body: new BytesBody(small) },
    "untouched",
  ],
  ["a lower minimum", { options: { minResponseBodyBytes: 10 }, body: new BytesBody(small) }, "compressed"],
  ["no body", { body: undefined }, "untouched"],
  ["a client that takes nothing", { accept: "identity" }, "varying"],
  ["HEAD", { method: "HEAD", body: undefined }, "varying"],
  ["no media type", { answered: [] }, "compressed"],
  ["status 204", { status: 204 }, "untouched"],
  ["status 206", { status: 206, answered: partly }, "untouched"],
  ["status 304", { status: 304 }, "untouched"],
  ["status 404", { status: 404 }, "compressed"],
  ["an encoded body", { answered: [HTML, ["Content-Encoding", "br"]] }, "untouched"],
  ["Content-Encoding identity", { answered: [HTML, ["Content-Encoding", "identity"]] }, "compressed"],
  ["no-transform in the answer", { answered: [HTML, ["Cache-Control", "public, No-Transform"]] }, "untouched"],
  ["no-transform in the request", { sent: [["Cache-Control", "no-transform"]] }, "untouched"],
  ["a gRPC request", { sent: typed("application/grpc+proto") }, "untouched"],
  ["a gRPC answer", { answered: typed("application/grpc") }, "untouched"],
  ["a JPEG", { answered: typed("image/jpeg") }, "untouched"],
  ["an SVG", { answered: typed("image/svg+xml") }, "compressed"],
  ["an excluded type", { options: { excludedContentTypes: ["Text/HTML"] } }, "untouched"],
  ["an excluded type of the request", {
    options: { excludedContentTypes: ["text/event-stream"] },
    sent: typed("text/event-stream"),
  }, "untouched"],
  ["an included type", { options: { includedContentTypes: ["text/html; charset=x"] } }, "compressed"],
  ["a type that is not included", { options: { includedContentTypes: ["application/json"] } }, "untouched"],
  ["a JPEG that is included", {
    options: { includedContentTypes: ["image/jpeg"] },
    answered: typed("image/jpeg"),
  }, "compressed"],
];

for (const [name, given, wanted] of outcomes) {
  test(`compress leaves ${name} ${wanted}`, async () => {
    const response = await exchange(given);
    const isCompressed = response.headers.get("Content-Encoding") === "gzip";
    const outcome = isCompressed ? "compressed" : response.headers.has("Vary") ? "varying" : "untouched";
    assert.equal(outcome, wanted);
    assert.equal(response.headers.get("Vary"), wanted === "untouched" ? undefined : "Accept-Encoding");
    if (isCompressed) response.body?.cancel();
  });
}

const broken: readonly (readonly [options: object, message: RegExp])[] = [
  [{ includedContentTypes: ["a/b"], excludedContentTypes: ["c/d"] }, /exclude each other/],
  [{ includedContentTypes: ["html"] }, /^compress\.includedContentTypes\[0\]: "html" is not a media type/],
  [{ encodings: ["br"], defaultEncoding: "gzip" }, /^compress\.defaultEncoding: "gzip" is not one of/],
];

for (const [options, message] of broken) {
  test(`compress can't be built from ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => build(compress, options, origin().handler),
      (error) => error instanceof ProxyError && message.test(error.message),
    );
  });
}

test("compress does without a coding the runtime lacks, and says so", async () => {
  const log: string[] = [];
  const context = testContext(log, {
    compressor: (coding, handler) => coding === "zstd" ? undefined : runtime.compressor(coding, handler),
  });
  const next = () => new ProxyResponse(200, HeaderList.of(HTML), new BytesBody(text));
  const handler = build(compress, { encodings: ["zstd", "gzip"] }, next, context);
  const response = await handler(sampleRequest({ headers: HeaderList.of(["Accept-Encoding", "zstd, gzip"]) }));
  assert.equal(response.headers.get("Content-Encoding"), "gzip");
  assert.match(log.join(""), /can't produce zstd/);
  response.body?.cancel();
});

/** A body the test feeds, and what it was told. */
function feed() {
  const told: string[] = [];
  const body = new PushBody(undefined, {
    pauseBody: () => void told.push("pause"),
    resumeBody: () => void told.push("resume"),
    cancelBody: () => void told.push("cancel"),
  });
  return { body, told };
}

/** Reads a compressed body and decodes it as far as it has come. */
function reader(body: Body | undefined) {
  const decoder = zlib.createGunzip();
  let decoded = "";
  let waiting: { readonly wanted: string; readonly resolve: () => void } | undefined;
  decoder.on("data", (chunk: Uint8Array) => {
    decoded += new TextDecoder().decode(chunk);
    if (waiting !== undefined && decoded.includes(waiting.wanted)) waiting.resolve();
  });
  const ended = new Promise<string>((resolve, reject) => {
    decoder.on("end", () => resolve(decoded));
    body?.start({
      chunk: (bytes) => {
        decoder.write(bytes);
        return true;
      },
      end: () => void decoder.end(),
      fail: reject,
    });
  });
  const comes = (wanted: string) => {
    return new Promise<void>((resolve) => {
      waiting = { wanted, resolve };
      if (decoded.includes(wanted)) resolve();
    });
  };
  return { ended, comes };
}

for (const [name, type] of [["an event stream", EVENTS], ["a slow body", HTML]] as const) {
  test(`compress lets each chunk of ${name} through before the next one comes`, async () => {
    const { body } = feed();
    const response = await exchange({ answered: [type], body });
    assert.equal(response.headers.get("Content-Encoding"), "gzip");
    const { ended, comes } = reader(response.body);
    for (const word of ["data: 1\n\n", "data: two\n\n", "data: three\n\n"]) {
      body.push(new TextEncoder().encode(word));
      await comes(word);
    }
    body.finish();
    assert.equal(await ended, "data: 1\n\ndata: two\n\ndata: three\n\n");
  });
}

test("compress takes a body of unknown length that is there already for what it is", async () => {
  for (const [bytes, isCompressed] of [[small, false], [text, true]] as const) {
    const { body } = feed();
    body.push(bytes);
    body.finish();
    const response = await exchange({ body });
    assert.equal(response.headers.has("Content-Encoding"), isCompressed);
    const got = await bytesOf(response);
    assert.deepEqual(isCompressed ? decode("gzip", got) : got, bytes);
  }
});

/** Bytes no compressor makes smaller. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

test("compress keeps trailers, but for those that speak of the bytes", async () => {
  const fields: readonly Pair[] = [["Server-Timing", "db;dur=5"], ["Content-Digest", "sha-256=:x:"], ["X-Rows", "3"]];
  const kept = "Server-Timing: db;dur=5\r\nX-Rows: 3\r\n";
  const owner = { pauseBody() {}, resumeBody() {}, cancelBody() {} };
  const streamed = new PushBody(undefined, owner);
  const bodies: readonly (readonly [string, Body])[] = [
    ["a body that is there", new BytesBody(text, HeaderList.of(...fields))],
    ["a streamed body", streamed],
  ];
  for (const [name, body] of bodies) {
    const response = await exchange({ body });
    const read = bytesOf(response);
    if (body === streamed) {
      streamed.push(text);
      streamed.trailers = HeaderList.of(...fields);
      streamed.finish();
    }
    assert.deepEqual(decode("gzip", await read), text, name);
    assert.equal(response.body?.trailers?.toText(), kept, name);
  }
  const small = new PushBody(undefined, owner);
  small.push(text.subarray(0, 10));
  small.trailers = HeaderList.of(...fields);
  small.finish();
  const plain = await exchange({ body: small });
  assert.equal(plain.headers.get("Content-Encoding"), undefined);
  assert.deepEqual(
    plain.body?.trailers?.first("content-digest"),
    "sha-256=:x:",
    "what is not compressed stays as it is",
  );
});

test("compress stops its source while the reader stalls, and loses nothing", async () => {
  const { body, told } = feed();
  const response = await exchange({ body });
  const chunks: Uint8Array[] = [];
  const got: Uint8Array[] = [];
  let isStalled = true;
  let received = () => {};
  const first = new Promise<void>((resolve) => received = resolve);
  const ended = new Promise<void>((resolve, reject) => {
    response.body?.start({
      chunk: (bytes) => {
        got.push(bytes);
        received();
        return !isStalled;
      },
      end: resolve,
      fail: reject,
    });
  });
  const isPaused = () => told.lastIndexOf("pause") > told.lastIndexOf("resume");
  let pushed = 0;
  while (!isPaused() && pushed < 1000) {
    const chunk = noise(16_384, ++pushed);
    chunks.push(chunk);
    body.push(chunk);
    if (pushed % 4 === 0) await first;
  }
  assert.ok(pushed < 100, `${pushed} chunks of 16 KiB were taken while nobody read`);
  isStalled = false;
  response.body?.resume();
  for (let more = 0; more < 50; more++) {
    const chunk = noise(16_384, 5000 + more);
    chunks.push(chunk);
    body.push(chunk); // a pushed chunk is kept even while paused
  }
  body.finish();
  await ended;
  assert.deepEqual(decode("gzip", Buffer.concat(got)), new Uint8Array(Buffer.concat(chunks)));
});

test("compress cancels its source when the reader goes away", async () => {
  const { body, told } = feed();
  const response = await exchange({ body });
  const { comes } = reader(response.body);
  body.push(new TextEncoder().encode("hello"));
  await comes("hello");
  response.body?.cancel();
  assert.equal(told.at(-1), "cancel");
  body.push(text); // arrives too late and goes nowhere
  body.finish();
});

test("compress cancels its source when nobody ever reads", async () => {
  const { body, told } = feed();
  (await exchange({ body })).body?.cancel();
  assert.deepEqual(told, ["cancel"]);
});

test("compress breaks off when its source does", async () => {
  const { body } = feed();
  const response = await exchange({ body });
  const { ended, comes } = reader(response.body);
  body.push(new TextEncoder().encode("half"));
  await comes("half");
  const error = new ProxyError("the server died", { code: "upstream-reset", source: "upstream", status: 502 });
  body.fail(error);
  await assert.rejects(ended, error);
});

test("compress breaks off when the compressor does", async () => {
  const { body, told } = feed();
  const context = testContext([], {
    compressor: (_coding, handler) => ({
      write: () => {
        handler.fail(new TypeError("out of memory"));
        return true;
      },
      flush() {},
      end() {},
      cancel() {},
    }),
  });
  const next = () => new ProxyResponse(200, HeaderList.of(HTML), body);
  const request = sampleRequest({ headers: HeaderList.of(["Accept-Encoding", "gzip"]) });
  const response = await build(compress, {}, next, context)(request);
  const failed = new Promise<ProxyError>((resolve) => {
    response.body?.start({ chunk: () => true, end() {}, fail: resolve });
  });
  body.push(text);
  const error = await failed;
  assert.equal(error.code, "compress-failed");
  assert.match(error.message, /gzip failed: out of memory/);
  assert.equal(told.at(-1), "cancel");
});
