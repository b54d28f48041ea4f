// The conformance cases of h2spec, where that is at hand: WEIR_H2SPEC names its executable.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { eventually } from "../support/ask.ts";
import { startBackend } from "../support/backend.ts";
import { withProxy } from "../support/proxy-fixture.ts";
import { threeRuntimes } from "../support/runtimes.ts";

const program = process.env["WEIR_H2SPEC"];
const absent = program === undefined && "WEIR_H2SPEC does not name h2spec's executable";
const MOST_MS = 120_000;
const LEAST_PASSED = 143;
/** In the clear, what is no HTTP/2 is taken for HTTP/1.1: it gets a 400, then the end, which h2spec takes for a frame. */
const inTheClear = ["2: Sends invalid connection preface"];

interface Verdict {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly output: string;
}

function runH2spec(port: number, args: readonly string[]): Promise<Verdict> {
  const all = ["-h", "127.0.0.1", "-p", String(port), "-o", "3", ...args];
  return new Promise((resolve) => {
    execFile(program ?? "", all, { timeout: MOST_MS }, (_error, output) => {
      const failures = output.slice(output.indexOf("Failures:"));
      resolve({
        passed: Number(/(\d+) passed/.exec(output)?.[1] ?? 0),
        failed: [...new Set([...failures.matchAll(/× (.+)/g)].map((match) => match[1] ?? ""))],
        output,
      });
    });
  });
}

for (const runtime of threeRuntimes) {
  test(`h2spec finds nothing, in the clear and over TLS, on ${runtime.name}`, { skip: absent }, async () => {
    const backend = await startBackend("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
    const route = { rule: "PathPrefix(`/`)", service: "app" };
    const configuration = {
      http: {
        routers: { plain: route, secure: { ...route, tls: {} } },
        services: { app: { loadBalancer: { servers: [{ url: `http://127.0.0.1:${backend.port}` }] } } },
      },
    };
    try {
      await withProxy(runtime, configuration, [], async ({ port }) => {
        const secure = await eventually(() => runH2spec(port, ["-t", "-k"]), ({ passed }) => passed > 0);
        assert.deepEqual(secure.failed, [], secure.output);
        const plain = await runH2spec(port, []);
        assert.deepEqual(plain.failed, inTheClear, plain.output);
        assert.ok(Math.min(plain.passed, secure.passed) >= LEAST_PASSED, plain.output + secure.output);
      });
    } finally {
      await backend.close();
    }
  });
}
