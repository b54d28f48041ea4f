// The curated corpus of hostile and valid HTTP/1.1 requests, sent to weir as a process on every runtime.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { type Backend, startBackend } from "../support/backend.ts";
import { everyRuntime, type RuntimeCommand } from "../support/runtimes.ts";
import { startWeir, temporaryFolder, type Weir } from "../support/weir.ts";

interface CorpusCase {
  readonly id: string;
  /** R: refuse; A, A1, A2: answer one or two requests; N: refuse or normalise. */
  readonly expect: "R" | "A" | "A1" | "A2" | "N";
  readonly bytes_b64?: string;
  readonly repeat?: {
    readonly prefix_b64: string;
    readonly byte: number;
    readonly count: number;
    readonly suffix_b64: string;
  };
}

interface Outcome {
  readonly statuses: readonly number[];
  readonly closed: boolean;
  readonly backendBytes: number;
}

const shared = process.env["WEIR_SHARED"];
const noCorpus = shared === undefined && "WEIR_SHARED does not name the folder with corpora/h1-curated.json";
const MUST_REJECT = 143;
const PATIENCE_MS = 4_000;
const UNFINISHED = "500ms"; // some cases never end their message: that, too, is refused, when this is over

for (const runtime of everyRuntime) {
  test(`the wire corpus is refused and accepted as it must be on ${runtime.name}`, { skip: noCorpus }, async () => {
    const cases = await readCorpus();
    assert.equal(cases.filter((each) => each.expect === "R").length, MUST_REJECT);
    const failures = await withProxy(runtime, async (weir, backend) => {
      const found: string[] = [];
      for (const each of cases) {
        const outcome = await send(each, weir.port("web"), backend);
        const complaint = judge(each, outcome);
        if (complaint !== undefined) {
          found.push(`${each.id} (${each.expect}): ${complaint}: ${JSON.stringify(outcome)}`);
        }
      }
      return found;
    });
    assert.deepEqual(failures, []);
  });
}

async function readCorpus(): Promise<readonly CorpusCase[]> {
  const text = await readFile(join(shared ?? "", "corpora/h1-curated.json"), "utf8");
  const corpus: { readonly cases: readonly CorpusCase[] } = JSON.parse(text);
  return corpus.cases;
}

async function withProxy<T>(runtime: RuntimeCommand, use: (weir: Weir, backend: Backend) => Promise<T>): Promise<T> {
  const backend = await startBackend("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
  const folder = await temporaryFolder();
  const file = await folder.write(
    "dynamic.yaml",
    `http:
  routers:
    all: { rule: "PathPrefix(\`/\`)", service: backend }
  services:
    backend: { loadBalancer: { servers: [{ url: "http://127.0.0.1:${backend.port}" }] } }
`,
  );
  const weir = await startWeir(runtime, [
    "--entrypoints.web.address=127.0.0.1:0",
    `--entrypoints.web.transport.respondingTimeouts.bodyIdleTimeout=${UNFINISHED}`,
    `--entrypoints.web.transport.respondingTimeouts.headerTimeout=${UNFINISHED}`,
    `--providers.file.filename=${file}`,
    "--log.level=FATAL",
  ]);
  try {
    return await use(weir, backend);
  } finally {
    await weir.stop();
    await backend.close();
    await folder.remove();
  }
}

function bytesOf(each: CorpusCase): Buffer {
  if (each.repeat === undefined) return Buffer.from(each.bytes_b64 ?? "", "base64");
  const { prefix_b64, byte, count, suffix_b64 } = each.repeat;
  const middle = Buffer.alloc(count, byte);
  return Buffer.concat([Buffer.from(prefix_b64, "base64"), middle, Buffer.from(suffix_b64, "base64")]);
}

/** Sends one case on a connection of its own and reads until weir closes, or nothing more can come. */
function send(each: CorpusCase, port: number, backend: Backend): Promise<Outcome> {
  const before = backend.bytes();
  return new Promise((resolve) => {
    let text = "";
    let closed = false;
    const socket = connect(port, "127.0.0.1", () => socket.write(bytesOf(each)));
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
      resolve({ statuses: statuses.filter((status) => status >= 200), closed, backendBytes: backend.bytes() - before });
    };
    const timer = setTimeout(finish, PATIENCE_MS);
    const wanted = each.expect === "A2" ? 2 : 1;
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const isAnswered = [...text.matchAll(/^HTTP\/1\.1 200/gm)].length >= wanted && text.includes("\r\n\r\n");
      if (each.expect !== "R" && each.expect !== "A1" && isAnswered) setImmediate(finish);
    });
    socket.on("error", () => undefined);
    socket.on("end", () => {
      closed = true;
      finish();
    });
    socket.on("close", () => {
      closed = true;
      finish();
    });
  });
}

function judge(each: CorpusCase, outcome: Outcome): string | undefined {
  const { statuses, closed, backendBytes } = outcome;
  const refused = statuses.every((status) => status >= 400) && closed;
  const served = statuses.filter((status) => status === 200).length;
  if (each.expect === "N") return served > 0 || refused ? undefined : "was neither answered nor refused";
  if (each.expect !== "R") {
    const wanted = each.expect === "A2" ? 2 : 1;
    return served === wanted ? undefined : `was answered ${served} times, not ${wanted}`;
  }
  if (backendBytes > 0) return "bytes reached the backend";
  return refused ? undefined : "was not refused";
}
