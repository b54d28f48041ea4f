// Readers of answers that give up, and the Host that backends see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readWhole } from "../../../src/http/body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyRequest } from "../../../src/http/request.ts";
import type { ProxyResponse } from "../../../src/http/response.ts";
import { get, message, onBench, refusedDial, settled, target } from "../entrypoint/wire-bench.ts";
import { proxied } from "./http1-exchange.ts";

function plainRequest(): ProxyRequest {
  return new ProxyRequest({
    ...{ method: "GET", scheme: "http", authority: "", rawTarget: "/", path: "/", search: "", protocol: "HTTP/1.0" },
    ...{ headers: new HeaderList(), body: undefined, entryPoint: "web", tls: undefined, startedAt: 0 },
    ...{ remote: { ip: "192.0.2.7", port: 1 }, local: { ip: "127.0.0.1", port: 80 } },
  });
}

test("Http1Transport never pools a connection whose reader gave up in the last chunk", () =>
  onBench({}, async (bench) => {
    const send = async (): Promise<ProxyResponse> => {
      const answer = bench.transport.send(plainRequest(), target);
      await settled();
      bench.backend().send(message("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"));
      return await answer;
    };
    const { body } = await send();
    const whole = body === undefined ? undefined : readWhole(body, 2);
    bench.backend().send("3\r\nabc\r\n0\r\n\r\n");
    assert.equal(await whole, undefined);
    await settled();
    await send();
    assert.equal(bench.backends.length, 2);
  }));

test("Http1Transport sends nothing for a request that was given up before", () =>
  onBench({}, async (bench) => {
    const request = plainRequest();
    request.abort(refusedDial);
    await assert.rejects(bench.transport.send(request, target), { code: refusedDial.code });
    await settled();
    assert.equal(bench.dials.length, 0);
  }));

test("Http1Transport tells whoever reads an answer that the request was given up", () =>
  onBench({}, async (bench) => {
    const request = plainRequest();
    const sent = bench.transport.send(request, target);
    await settled();
    bench.backend().send(message("HTTP/1.1 200 OK", "Content-Length: 5"), "abc");
    const { body } = await sent;
    const whole = body === undefined ? Promise.resolve() : readWhole(body, 100);
    const outcome = assert.rejects(whole, { code: refusedDial.code });
    await settled();
    request.abort(refusedDial);
    await outcome;
  }));

const hosts: readonly (readonly [name: string, sent: string, passHostHeader: boolean, wanted: string])[] = [
  ["the client's", get(), true, "a.test"],
  ["the server's, when asked", get(), false, "backend"],
  ["the target's of an HTTP/1.0 client", message("GET http://b.test/ HTTP/1.0"), true, "b.test"],
  ["the server's for an HTTP/1.0 client that names none", message("GET / HTTP/1.0"), true, "backend"],
];

for (const [name, sent, passHostHeader, wanted] of hosts) {
  for (const appendsForwardedFor of [true, false]) {
    test(`upstreamHead() sends the host ${name} (X-Forwarded-For ${appendsForwardedFor ? "appended" : "left"})`, () => {
      const options = { server: { appendsForwardedFor } };
      return onBench(options, async (bench) => {
        const handler = bench.server.handler;
        bench.server.handler = (request) =>
          passHostHeader ? handler(request) : bench.transport.send(request, { ...target, passHostHeader });
        const { backend } = await proxied(bench, sent);
        assert.deepEqual(backend.text.match(/^Host: .*$/gim), [`Host: ${wanted}`]);
        assert.equal(backend.text.includes("X-Forwarded-For: 192.0.2.7\r\n"), appendsForwardedFor);
      });
    });
  }
}
