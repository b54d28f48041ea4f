// HTTP/2 as real clients speak it to weir: curl, h2load and the platform's own, in the clear and over TLS.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import http2 from "node:http2";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startBackend } from "../support/backend.ts";
import { type Echo, startEcho, toEchoed } from "../support/echo.ts";
import { H2Client } from "../support/h2-client.ts";
import {
  ACK,
  block,
  bytes,
  codeOf,
  END_HEADERS,
  END_STREAM,
  frame,
  get,
  headers,
  hello,
  type,
} from "../support/h2-frames.ts";
import { H2_HOST, type H2Proxy, withH2Proxy } from "../support/h2-proxy.ts";
import { everyRuntime, type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";

const exec = promisify(execFile);
const LOAD = 20_000;
const UPLOAD = 5_000_000;
const CLIENT_MS = 60_000;

interface Bench extends H2Proxy {
  readonly echo: Echo;
  /** Real curl. @returns what `-w` prints, and the body */
  curl(scheme: "http" | "https", path: string, ...args: readonly string[]): Promise<{ facts: string; body: string }>;
}

async function withEcho(runtime: RuntimeCommand, use: (bench: Bench) => Promise<void>): Promise<void> {
  const echo = await startEcho();
  try {
    await withH2Proxy(runtime, { servers: [echo.url] }, (proxy) =>
      use({
        ...proxy,
        echo,
        curl: async (scheme, path, ...args) => {
          const to = ["--resolve", `${H2_HOST}:${proxy.port}:127.0.0.1`, "--cacert", proxy.caFile];
          const facts = ["-w", "\\n%{http_code} HTTP/%{http_version}"];
          const url = `${scheme}://${H2_HOST}:${proxy.port}${path}`;
          const { stdout } = await exec("curl", ["-sS", ...to, ...facts, ...args, url], { timeout: CLIENT_MS });
          const at = stdout.lastIndexOf("\n");
          return { facts: stdout.slice(at + 1), body: stdout.slice(0, at) };
        },
      }));
  } finally {
    echo.release();
    await echo.close();
  }
}

/** What curl is told, over what it connects, and which version comes of it. */
const ways: readonly (readonly [flag: string, scheme: "http" | "https", version: string])[] = [
  ["--http2", "https", "2"],
  ["--http1.1", "https", "1.1"],
  ["--http2-prior-knowledge", "http", "2"],
  ["--http1.1", "http", "1.1"],
  ["--http2", "http", "1.1"], // a wish to upgrade to h2c, which is not granted: RFC 9113 has no such thing any more
];

for (const runtime of everyRuntime) {
  test(`curl is served in HTTP/2 and HTTP/1.1 on one port, in the clear and over TLS, on ${runtime.name}`, () =>
    withEcho(runtime, async ({ curl, port }) => {
      for (const [flag, scheme, version] of ways) {
        const { facts, body } = await curl(scheme, "/a?b=c", flag, "-H", "X-Odd: 1", "-H", "X-Odd: 2");
        assert.equal(facts, `200 HTTP/${version}`, `${flag} ${scheme}`);
        const { method, url, headers: seen } = toEchoed(body);
        assert.deepEqual([method, url, seen["x-odd"]], ["GET", "/a?b=c", "1, 2"]);
        assert.deepEqual(
          [seen["host"], seen["x-forwarded-proto"], seen["upgrade"], seen["http2-settings"]],
          [`${H2_HOST}:${port}`, scheme, undefined, undefined],
        );
      }
      const nobody = await curl("https", "/", "--http2", "-H", "Host: b.test", "-o", "/dev/null");
      assert.match(nobody.facts, /^(?:400|404|421) HTTP\/2$/);
    }));
}

for (const runtime of threeRuntimes) {
  test(`curl uploads and downloads over HTTP/2 on ${runtime.name}`, () =>
    withEcho(runtime, async ({ curl, caFile, echo }) => {
      const file = join(dirname(caFile), "upload.bin");
      await writeFile(file, randomBytes(UPLOAD));
      for (const [flag, scheme] of [["--http2", "https"], ["--http2-prior-knowledge", "http"]] as const) {
        const posted = await curl(scheme, "/up", flag, "--data-binary", `@${file}`, "-H", "Expect:");
        assert.equal(posted.facts, "200 HTTP/2");
        assert.equal(toEchoed(posted.body).headers["content-length"], String(UPLOAD));
        const put = await curl(scheme, "/up", flag, "-T", file);
        assert.deepEqual([put.facts, toEchoed(put.body).method], ["200 HTTP/2", "PUT"]);
        const { facts, body } = await curl(scheme, "/big", flag);
        assert.deepEqual([facts, body.length], ["200 HTTP/2", 16 * 1024]);
        assert.equal((await curl(scheme, "/big", flag, "-I")).facts, "200 HTTP/2");
      }
      assert.equal(echo.paths.length, 8);
    }));

  test(`h2load gets ${LOAD} good answers in the clear and over TLS on ${runtime.name}`, async () => {
    const backend = await startBackend();
    try {
      await withH2Proxy(runtime, { servers: [`http://127.0.0.1:${backend.port}`] }, async ({ port }) => {
        for (const scheme of ["http", "https"]) {
          const args = ["-n", String(LOAD), "-c", "10", "-m", "20", "--connect-to", `127.0.0.1:${port}`];
          const url = `${scheme}://${H2_HOST}:${port}/`;
          const { stdout } = await exec("h2load", [...args, url], { timeout: CLIENT_MS });
          assert.match(stdout, new RegExp(`${LOAD} succeeded, 0 failed, 0 errored, 0 timeout`), stdout);
          assert.match(stdout, new RegExp(`status codes: ${LOAD} 2xx, 0 3xx, 0 4xx, 0 5xx`), stdout);
          assert.match(
            stdout,
            scheme === "https" ? /Application protocol: h2$/m : /Application protocol: h2c$/m,
            stdout,
          );
        }
        assert.equal(backend.heads().length, 2 * LOAD);
      });
    } finally {
      await backend.close();
    }
  });

  test(`100 requests at once on one connection are answered, each with its own answer, on ${runtime.name}`, () =>
    withEcho(runtime, async ({ port, ca }) => {
      const options = { ca, servername: H2_HOST };
      for (
        const session of [
          http2.connect(`http://127.0.0.1:${port}`),
          http2.connect(`https://127.0.0.1:${port}`, options),
        ]
      ) {
        try {
          const bodies = await Promise.all(Array.from({ length: 100 }, (_, index) => fetchOver(session, `/${index}`)));
          assert.deepEqual(
            bodies.map((body) => toEchoed(body).url),
            Array.from({ length: 100 }, (_, index) => `/${index}`),
          );
        } finally {
          session.close();
        }
      }
    }));

  test(`maxConcurrentStreams and the header tables' sizes are told and kept to on ${runtime.name}`, async () => {
    const echo = await startEcho();
    try {
      const flags = [
        "--entrypoints.web.http2.maxConcurrentStreams=2",
        "--entrypoints.web.http2.maxDecoderHeaderTableSize=1KiB",
        "--entrypoints.web.http2.maxEncoderHeaderTableSize=100",
      ];
      await withH2Proxy(runtime, { servers: [echo.url], flags }, async ({ port }) => {
        const client = await H2Client.open(port);
        client.send(hello, ...[1, 3, 5].map((stream) => headers(stream, [...get.slice(0, 3), [":path", "/held"]])));
        const told = await client.find((found) => found.type === type.settings, "SETTINGS");
        assert.ok(Buffer.from(told.payload).includes(Buffer.from([0, 3, 0, 0, 0, 2])));
        assert.ok(Buffer.from(told.payload).includes(Buffer.from([0, 1, 0, 0, 4, 0])));
        const refused = await client.find((found) => found.type === type.reset, "a refusal");
        assert.deepEqual([refused.stream, codeOf(refused)], [5, 7]);
        await echo.arrived("/held");
        echo.release();
        const first = await client.find((found) => found.type === type.headers, "an answer");
        assert.deepEqual([...first.payload.subarray(0, 2)], [0x3f, 100 - 31]); // a table of 100 bytes: RFC 7541 §6.3
        const shrunk = Uint8Array.of(0x3f, ...[0xe1, 0x07]); // to 1 KiB, which a client that got our settings must say
        client.send(frame(type.headers, END_STREAM | END_HEADERS, 7, bytes(shrunk, block(...get))));
        assert.equal((await client.answer(7)).status, 200);
        const other = await H2Client.open(port);
        other.send(hello, headers(1, get));
        assert.equal((await other.answer(1)).status, 200); // on its way before our settings came
        other.send(headers(3, get));
        const goAway = await other.find((found) => found.type === type.goAway, "GOAWAY");
        assert.equal(codeOf(goAway), 9); // COMPRESSION_ERROR
        for (const each of [client, other]) each.destroy();
      });
    } finally {
      echo.release();
      await echo.close();
    }
  });

  test(`SIGTERM lets HTTP/2 requests finish, and tells clients to open no more, on ${runtime.name}`, () =>
    withEcho(runtime, async ({ weir, port, echo }) => {
      const client = await H2Client.open(port);
      const ask = (stream: number, path: string) => headers(stream, [...get.slice(0, 3), [":path", path]]);
      client.send(hello, ask(1, "/held"));
      await echo.arrived("/held");
      const code = weir.stop();
      const first = await client.find((found) => found.type === type.goAway, "GOAWAY");
      assert.deepEqual([lastOf(first.payload), codeOf(first)], [2 ** 31 - 1, 0]);
      client.send(ask(3, "/late")); // on its way before the client heard
      const ping = await client.find((found) => found.type === type.ping, "PING");
      assert.equal((await client.answer(3)).status, 200);
      client.send(frame(type.ping, ACK, 0, bytes(ping.payload)));
      await client.until(
        () => client.frames.filter((found) => found.type === type.goAway).length === 2,
        "GOAWAY again",
      );
      const last = client.frames.findLast((found) => found.type === type.goAway);
      assert.deepEqual([lastOf(last?.payload ?? new Uint8Array(4)), last && codeOf(last)], [3, 0]);
      client.send(ask(5, "/too-late"));
      assert.equal((await client.answer(5)).reset, 7); // REFUSED_STREAM: certainly not looked at
      echo.release();
      assert.deepEqual([(await client.answer(1)).body], ["released"]);
      await client.until(() => client.closed, "the end of the connection");
      assert.equal(await code, 0);
      assert.deepEqual(echo.paths, ["/held", "/late"]);
    }));
}

function lastOf(payload: Uint8Array): number {
  return new DataView(payload.buffer, payload.byteOffset).getUint32(0);
}

function fetchOver(session: http2.ClientHttp2Session, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":path": path, ":authority": H2_HOST });
    let body = "";
    stream.setEncoding("utf8");
    stream.on("data", (text) => body += String(text));
    stream.on("end", () => resolve(body));
    stream.on("error", reject);
    stream.end();
  });
}
