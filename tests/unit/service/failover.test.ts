// Failover: by health, and by the status of the answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Failover } from "../../../src/config/dynamic.ts";
import { BytesBody } from "../../../src/http/body.ts";
import type { ProxyRequest } from "../../../src/http/request.ts";
import type { ProxyResponse } from "../../../src/http/response.ts";
import { ProxyError } from "../../../src/net/error.ts";
import {
  answer,
  Bench,
  customService,
  failure,
  FedBody,
  loadBalancer,
  Reader,
  request,
  settled,
  textOf,
} from "./fakes.ts";

type Handle = (request: ProxyRequest) => ProxyResponse | Promise<ProxyResponse>;

const plain: Failover = { kind: "failover", service: "main", fallback: "spare" };
const by5xx: Failover = { ...plain, errors: { status: [[500, 599]], maxRequestBodyBytes: -1 } };

function build(config: Failover, main: Handle, spare: Handle, up = { main: true, spare: true }): Handle {
  const bench = new Bench();
  bench.custom["main"] = customService("main", main, () => up.main);
  bench.custom["spare"] = customService("spare", spare, () => up.spare);
  return bench.build({ app: config }, "app").service.handler;
}

const choices = [
  { main: true, spare: true, status: 201 },
  { main: false, spare: true, status: 202 },
  { main: true, spare: false, status: 201 },
  { main: false, spare: false, status: 503 },
];

for (const up of choices) {
  for (const config of [plain, by5xx]) {
    const how = config.errors === undefined ? "health" : "errors";
    test(`createFailover() by ${how}: main ${up.main}, fallback ${up.spare} answers ${up.status}`, async () => {
      const handler = build(config, () => answer(201), () => answer(202), up);
      const response = await handler(request());
      assert.equal(response.status, up.status);
      if (up.status === 503) assert.equal(textOf(response), "Service Unavailable");
    });
  }
}

test("createFailover() uses the fallback when the main has no servers", async () => {
  const bench = new Bench();
  const services = { app: plain, main: loadBalancer([]), spare: loadBalancer(["http://10.0.0.2"]) };
  const { service } = bench.build(services, "app");
  assert.equal((await service.handler(request())).status, 200);
  assert.equal(service.available(), true);
});

test("createFailover() serves with the one that exists, and says what is missing", async () => {
  const servers = loadBalancer(["http://10.0.0.2"]);
  for (const [name, field] of [["spare", "service"], ["main", "fallback"]] as const) {
    const { service, problems } = new Bench().build({ app: by5xx, [name]: servers }, "app");
    assert.deepEqual(problems.map(({ path }) => path), [[field]]);
    assert.equal((await service.handler(request())).status, 200);
  }
  assert.throws(() => new Bench().build({ app: plain }, "app"), ProxyError);
});

const statuses = [
  { name: "an answer in the range", main: () => answer(503), status: 202 },
  { name: "an answer outside", main: () => answer(404), status: 404 },
  { name: "a failure in the range", main: () => Promise.reject(failure("never", 502)), status: 202 },
];

for (const { name, main, status } of statuses) {
  test(`createFailover() by errors: ${name} gives ${status}`, async () => {
    assert.equal((await build(by5xx, main, () => answer(202))(request())).status, status);
  });
}

test("createFailover() replays the request as it came, body included", async () => {
  const seen: string[] = [];
  const handler = build(by5xx, (one) => {
    new Reader(one.body).start();
    one.headers.set("X-Main", "1");
    one.rewritePath("/main");
    return answer(500);
  }, (one) => {
    const reader = new Reader(one.body).start();
    seen.push(`${one.method} ${one.path} ${one.headers.get("x-main")} ${reader.text}`);
    one.record.serverUrl = "http://spare";
    return answer(202);
  });
  const fed = new FedBody();
  const one = request({ method: "POST", body: fed.body });
  const pending = handler(one);
  fed.push("a bo");
  fed.push("dy");
  fed.body.finish();
  assert.equal((await pending).status, 202);
  assert.deepEqual(seen, ["POST /x undefined a body"]);
  assert.equal(one.record.serverUrl, "http://spare");
});

test("createFailover() answers 413 to a body over the limit, announced or not", async () => {
  const limited: Failover = { ...plain, errors: { status: [[500, 599]], maxRequestBodyBytes: 3 } };
  const handler = build(limited, () => answer(200), () => answer(202));
  const announced = await handler(request({ method: "POST", body: new BytesBody(new Uint8Array(4)) }));
  assert.equal(announced.status, 413);
  assert.equal(textOf(announced), "Request body too large\n");
  const fed = new FedBody();
  const pending = handler(request({ method: "POST", body: fed.body }));
  fed.push("1234");
  assert.equal((await pending).status, 413);
  assert.equal(fed.calls.at(-1), "cancel");
  assert.equal((await handler(request({ method: "POST", body: new BytesBody(new Uint8Array(3)) }))).status, 200);
});

test("createFailover() without a limit streams a long body to the main, whose answer stands", async () => {
  let reader: Reader | undefined;
  const handler = build(by5xx, (one) => {
    reader = new Reader(one.body).start();
    return answer(500);
  }, () => answer(202));
  const fed = new FedBody();
  const pending = handler(request({ method: "POST", body: fed.body }));
  const chunk = "x".repeat(256 * 1024);
  for (let count = 0; count < 5; count++) fed.push(chunk);
  assert.equal((await pending).status, 500);
  fed.push("end");
  fed.body.finish();
  assert.equal(reader?.text.length, 5 * chunk.length + 3);
  assert.equal(reader.ending, "end");
});

test("createFailover() keeps the main's answer when the fallback went down meanwhile", async () => {
  const up = { main: true, spare: true };
  const handler = build(
    by5xx,
    () => {
      up.spare = false;
      return answer(500);
    },
    () => answer(202),
    up,
  );
  assert.equal((await handler(request())).status, 500);
});

test("createFailover() does not replay for a client that is gone, and passes aborts on", async () => {
  const gone = new ProxyError("gone", { code: "client-gone", source: "downstream", status: 499 });
  let spares = 0;
  const left = build(by5xx, (one) => {
    one.abort(gone);
    return Promise.reject(failure("never"));
  }, () => {
    spares++;
    return answer(202);
  });
  await assert.rejects(Promise.resolve(left(request())));
  assert.equal(spares, 0);
  let second: ProxyRequest | undefined;
  const waits = build(by5xx, () => answer(500), (one) => {
    second = one;
    return new Promise<ProxyResponse>(() => undefined);
  });
  const one = request();
  void waits(one);
  await settled();
  one.abort(gone);
  assert.equal(second?.aborted, gone);
});

test("createFailover() lets interim answers of the fallback through", async () => {
  const informed: number[] = [];
  const handler = build(by5xx, () => answer(500), (one) => {
    one.inform?.(103, one.headers);
    return answer(202);
  });
  const one = request();
  one.inform = (status) => informed.push(status);
  await handler(one);
  assert.deepEqual(informed, [103]);
});

test("createFailover() fails when the body breaks off while it is read", async () => {
  const handler = build(by5xx, () => answer(200), () => answer(202));
  const fed = new FedBody();
  const pending = handler(request({ method: "POST", body: fed.body }));
  fed.body.fail(failure("never"));
  await assert.rejects(Promise.resolve(pending), ProxyError);
});

test("createFailover() leaves protocol changes to the main", async () => {
  const handler = build(by5xx, () => answer(500), () => answer(202));
  const one = request();
  one.upgrade = "websocket";
  assert.equal((await handler(one)).status, 500);
});
