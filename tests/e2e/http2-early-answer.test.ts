// Backends that answer before they have read the request: real HTTP/2 clients get the answer, and no error.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { H2Client } from "../support/h2-client.ts";
import { codeOf, data, END_STREAM, headers, hello, post, type } from "../support/h2-frames.ts";
import { H2_HOST, withH2Proxy } from "../support/h2-proxy.ts";
import { threeRuntimes } from "../support/runtimes.ts";
import { plainAnswer, startScripted } from "../support/scripted-backend.ts";

const exec = promisify(execFile);
const UPLOAD = 16_000_000; // more than two sockets hold: a connection that took it all would be used again
const CLIENT_MS = 60_000;
const FRAME = 16_384;
const TIMES = 6;
const LOAD = 100;

/** Takes the first bytes of each request, answers, and closes the connection or reads no more. */
async function startHasty(): Promise<{ readonly url: string; readonly seen: () => number; close(): Promise<void> }> {
  let seen = 0;
  const backend = await startScripted({
    connect: (socket) => {
      socket.on("data", (chunk: Uint8Array) => {
        const head = /^POST \/(\w+) /.exec(Buffer.from(chunk).toString("latin1"));
        if (head === null) return;
        seen++;
        const closes = head[1] === "closes";
        socket.write(plainAnswer("too large", closes ? "Connection: close\r\n" : "", "413 Content Too Large"));
        if (closes) socket.end();
        else socket.pause();
      });
      return true;
    },
  });
  return { url: backend.url, seen: () => seen, close: () => backend.close() };
}

const toLarge = [...post.slice(0, 3), [":path", "/closes"], ["content-length", String(UPLOAD)]] as const;

/** What comes after the answer is dropped, and its window given back; a moment later the client is told to stop. */
async function goOnRegardless(port: number): Promise<void> {
  const client = await H2Client.open(port);
  try {
    client.send(hello, headers(1, toLarge, 0), data(1, new Uint8Array(FRAME)));
    assert.deepEqual([(await client.answer(1)).status, (await client.answer(1)).reset], [413, undefined]);
    assert.equal(client.frames.some((found) => found.type === type.reset), false, "it has a moment to stop by itself");
    client.send(data(1, new Uint8Array(FRAME)));
    const found = await client.find((frame) => frame.type === type.reset, "RST_STREAM");
    assert.deepEqual([found.stream, codeOf(found)], [1, 0]);
    for (let turn = 0; turn < 100; turn++) client.send(data(1, new Uint8Array(FRAME))); // on its way before that
    client.send(headers(3, toLarge, 0), data(3, "x", END_STREAM));
    assert.equal((await client.answer(3)).reset, 1, "less than its content-length; the connection is in order");
    const given = client.frames.filter((frame) => frame.type === type.windowUpdate && frame.stream === 0);
    assert.ok(given.length > 1, "more window than at the start");
    assert.equal(client.closed, false);
  } finally {
    client.destroy();
  }
}

for (const runtime of threeRuntimes) {
  test(`clients of HTTP/2 get an answer that comes before they have sent their request, on ${runtime.name}`, async () => {
    const backend = await startHasty();
    try {
      await withH2Proxy(runtime, { servers: [backend.url] }, async ({ port, caFile }) => {
        const slow = goOnRegardless(port);
        slow.catch(() => undefined); // told below
        const file = join(dirname(caFile), "upload.bin");
        await writeFile(file, randomBytes(UPLOAD));
        const run = async (program: string, ...args: readonly string[]) =>
          (await exec(program, args, { timeout: CLIENT_MS })).stdout;
        const to = ["--resolve", `${H2_HOST}:${port}:127.0.0.1`, "--cacert", caFile, "-w", " %{http_code}"];
        for (const [flag, scheme] of [["--http2", "https"], ["--http2-prior-knowledge", "http"]] as const) {
          for (let turn = 0; turn < TIMES; turn++) {
            const url = `${scheme}://${H2_HOST}:${port}/${turn % 2 === 0 ? "closes" : "stalls"}`;
            const said = await run("curl", "-sS", flag, ...to, "-H", "Expect:", "--data-binary", `@${file}`, url);
            assert.equal(said, "too large 413", `${url}, time ${turn}`);
          }
        }
        const url = `http://127.0.0.1:${port}/closes`;
        const load = await run("h2load", "-d", file, "-n", String(LOAD), "-c", "2", "-m", "5", url);
        assert.match(load, new RegExp(`status codes: 0 2xx, 0 3xx, ${LOAD} 4xx, 0 5xx`), load);
        assert.match(load, /0 errored, 0 timeout/, load);
        const told = await run("nghttp", "-v", "-d", file, url);
        assert.match(told, /:status: 413[^]*too large/, told);
        await slow;
        assert.equal(backend.seen(), 2 * TIMES + LOAD + 1 + 1);
      });
    } finally {
      await backend.close();
    }
  });
}
