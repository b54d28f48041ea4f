// Mirroring: who gets copies, of what, and that the main service never notices.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpService, Mirroring } from "../../../src/config/dynamic.ts";
import { BytesBody } from "../../../src/http/body.ts";
import type { ProxyRequest } from "../../../src/http/request.ts";
import type { ProxyResponse } from "../../../src/http/response.ts";
import { ProxyError } from "../../../src/net/error.ts";
import { MAX_COPIES } from "../../../src/service/mirror-state.ts";
import { BRANCH_LIMIT } from "../../../src/service/tee.ts";
import { answer, Bench, customService, failure, FedBody, loadBalancer, Reader, request, settled } from "./fakes.ts";

const MAIN = "http://10.0.0.1:80";
const COPY = "http://10.0.0.2:80";
const gone = new ProxyError("the client is gone", { code: "client-gone", source: "downstream", status: 499 });

function mirroring(percent: number, more: Partial<Mirroring> = {}): Mirroring {
  const mirrors = [{ name: "copy", percent }];
  return { kind: "mirroring", service: "main", mirrors, mirrorBody: true, maxBodySize: -1, ...more };
}

function servicesOf(mirror: Mirroring): Record<string, HttpService> {
  return { mirror, main: loadBalancer([MAIN]), copy: loadBalancer([COPY]) };
}

/** A mirroring service between two handlers made by hand. */
function custom(
  config: Mirroring,
  handlers: {
    readonly main?: (request: ProxyRequest) => ProxyResponse | Promise<ProxyResponse>;
    readonly copy?: (request: ProxyRequest) => ProxyResponse | Promise<ProxyResponse>;
  },
): { readonly bench: Bench; readonly handler: (request: ProxyRequest) => ProxyResponse | Promise<ProxyResponse> } {
  const bench = new Bench();
  bench.custom["main"] = customService("main", handlers.main ?? (() => answer(200)));
  bench.custom["copy"] = customService("copy", handlers.copy ?? (() => answer(200)));
  return { bench, handler: bench.build({ mirror: config }, "mirror").service.handler };
}

const counts = [
  { percent: 10, total: 100, due: [1, 11, 21, 31, 41, 51, 61, 71, 81, 91] },
  { percent: 50, total: 6, due: [1, 3, 5] },
  { percent: 100, total: 3, due: [1, 2, 3] },
  { percent: 0, total: 5, due: [] },
  { percent: 33, total: 10, due: [1, 4, 7, 10] },
];

for (const { percent, total, due } of counts) {
  test(`createMirroring() copies ${percent} % of ${total}: requests ${due.join(", ")}`, async () => {
    const bench = new Bench();
    const { service } = bench.build(servicesOf(mirroring(percent)), "mirror");
    const copied: number[] = [];
    for (let index = 1; index <= total; index++) {
      const before = bench.transport.sent.length;
      await service.handler(request());
      if (bench.transport.urls.slice(before).includes(COPY)) copied.push(index);
    }
    assert.deepEqual(copied, due);
  });
}

test("createMirroring() goes on counting after a reload", async () => {
  const bench = new Bench();
  for (let count = 0; count < 100; count++) {
    await bench.build(servicesOf(mirroring(10)), "mirror").service.handler(request());
  }
  assert.equal(bench.transport.urls.filter((url) => url === COPY).length, 10);
});

test("createMirroring() starts a changed share afresh, without a burst", async () => {
  const bench = new Bench();
  const before = bench.build(servicesOf(mirroring(0)), "mirror").service;
  for (let count = 0; count < 50; count++) await before.handler(request());
  const after = bench.build(servicesOf(mirroring(50)), "mirror").service;
  for (let count = 0; count < 10; count++) await after.handler(request());
  assert.equal(bench.transport.urls.filter((url) => url === COPY).length, 5);
});

for (const percent of [-1, 101, Number.NaN]) {
  test(`createMirroring() leaves a mirror of ${percent} % out with a problem`, async () => {
    const bench = new Bench();
    const { service, problems } = bench.build(servicesOf(mirroring(percent)), "mirror");
    assert.deepEqual(problems.map(({ path }) => path), [["mirrors", 0, "percent"]]);
    await service.handler(request());
    assert.deepEqual(bench.transport.urls, [MAIN]);
  });
}

test("createMirroring() leaves a missing mirror out with a problem, and throws for a missing main", () => {
  const { main, mirror } = servicesOf(mirroring(100));
  assert.ok(main !== undefined && mirror !== undefined);
  const { problems } = new Bench().build({ mirror, main }, "mirror");
  assert.deepEqual(problems.map(({ path }) => path), [["mirrors", 0, "name"]]);
  assert.throws(() => new Bench().build({ mirror, copy: main }, "mirror"), ProxyError);
});

test("createMirroring() copies method, path, query and headers as they came", async () => {
  const bench = new Bench();
  const { service } = bench.build(servicesOf(mirroring(100)), "mirror");
  await service.handler(request({ method: "DELETE", headers: [["X-A", "1"], ["X-A", "2"]] }));
  const copy = bench.transport.sent.find(({ url }) => url === COPY)?.request;
  assert.equal(copy?.method, "DELETE");
  assert.equal(copy.path + copy.search, "/x?y=1");
  assert.equal(copy.authority, "app.test");
  assert.deepEqual(copy.headers.all("x-a"), ["1", "2"]);
});

test("createMirroring() sends copies at once, in the same turn, after the main", () => {
  const order: string[] = [];
  const never = new Promise<ProxyResponse>(() => undefined);
  const { handler } = custom(mirroring(100), {
    main: () => {
      order.push("main");
      return never;
    },
    copy: () => {
      order.push("copy");
      return never;
    },
  });
  assert.ok(handler(request()) instanceof Promise);
  assert.deepEqual(order, ["main", "copy"]);
});

test("createMirroring() does not show the main's changes of the request to the mirror", async () => {
  let seen: string | undefined = "";
  const { handler } = custom(mirroring(100), {
    main: (one) => {
      one.headers.set("X-Main", "1");
      one.rewritePath("/rewritten");
      return answer(200);
    },
    copy: (one) => {
      seen = `${one.path} ${one.headers.get("x-main")}`;
      return answer(200);
    },
  });
  await handler(request());
  assert.equal(seen, "/x undefined");
});

const mirrorFailures: readonly {
  readonly name: string;
  readonly copy: () => ProxyResponse | Promise<ProxyResponse>;
}[] = [
  {
    name: "throws",
    copy: () => {
      throw new TypeError("a bug");
    },
  },
  { name: "rejects", copy: () => Promise.reject(failure("never")) },
  { name: "answers 500", copy: () => answer(500) },
  { name: "never answers", copy: () => new Promise<ProxyResponse>(() => undefined) },
];

for (const { name, copy } of mirrorFailures) {
  test(`createMirroring() answers as the main does when the mirror ${name}`, async () => {
    const { handler } = custom(mirroring(100), { main: () => answer(201), copy });
    assert.equal((await handler(request())).status, 201);
    await settled();
  });
}

test("createMirroring() still sends copies when the main fails", () => {
  let copies = 0;
  const { handler } = custom(mirroring(100), {
    main: () => {
      throw failure("never");
    },
    copy: () => {
      copies++;
      return answer(200);
    },
  });
  assert.throws(() => handler(request()), ProxyError);
  assert.equal(copies, 1);
});

test("createMirroring() streams the body to both", async () => {
  const readers: Reader[] = [];
  const read = (one: ProxyRequest): Promise<ProxyResponse> => {
    readers.push(new Reader(one.body).start());
    return Promise.resolve(answer(200));
  };
  const { handler } = custom(mirroring(100), { main: read, copy: read });
  const fed = new FedBody();
  fed.push("one ");
  await handler(request({ method: "POST", body: fed.body }));
  fed.push("two");
  fed.body.finish();
  assert.deepEqual(readers.map(({ text, ending }) => [text, ending]), [["one two", "end"], ["one two", "end"]]);
});

test("createMirroring() hands out a body that is in memory as a whole", async () => {
  const texts: string[] = [];
  const read = (one: ProxyRequest): ProxyResponse => {
    texts.push(new TextDecoder().decode(one.body?.takeWhole()));
    return answer(200);
  };
  const { handler } = custom(mirroring(100), { main: read, copy: read });
  const fed = new FedBody(5);
  fed.push("whole");
  fed.body.finish();
  await handler(request({ method: "POST", body: fed.body }));
  assert.deepEqual(texts, ["whole", "whole"]);
});

test("createMirroring() drops a mirror that falls behind, counts it, and lets the main finish", async () => {
  const { bench, handler } = custom(mirroring(100), {
    main: (one) => {
      new Reader(one.body).start();
      return answer(200);
    },
    copy: () => new Promise<ProxyResponse>(() => undefined),
  });
  const fed = new FedBody();
  const one = request({ method: "POST", body: fed.body });
  await handler(one);
  const chunk = new Uint8Array(BRANCH_LIMIT / 2);
  for (let count = 0; count < 3; count++) fed.body.push(chunk);
  assert.deepEqual(bench.drops, ["slow"]);
  assert.ok(bench.logger.at("debug").includes("dropped a mirrored copy"));
  assert.ok(!fed.calls.includes("pause"), "the client was never held back");
});

test("createMirroring() aborts mirrors of an unfinished body when the client goes away", () => {
  let copy: ProxyRequest | undefined;
  const { bench, handler } = custom(mirroring(100), {
    main: () => new Promise<ProxyResponse>(() => undefined),
    copy: (one) => {
      copy = one;
      return new Promise<ProxyResponse>(() => undefined);
    },
  });
  const one = request({ method: "POST", body: new FedBody().body });
  void handler(one);
  one.abort(gone);
  assert.equal(copy?.aborted?.code, "client-gone");
  assert.deepEqual(bench.drops, []);
});

test("createMirroring() lets a mirror finish that has everything when the client goes away", () => {
  let copy: ProxyRequest | undefined;
  const { handler } = custom(mirroring(100), {
    main: () => new Promise<ProxyResponse>(() => undefined),
    copy: (one) => {
      copy = one;
      return new Promise<ProxyResponse>(() => undefined);
    },
  });
  const one = request();
  void handler(one);
  one.abort(gone);
  assert.equal(copy?.aborted, undefined);
});

test("createMirroring() without mirrorBody sends no body and no header that speaks of one", async () => {
  let copy: ProxyRequest | undefined;
  const { handler } = custom(mirroring(100, { mirrorBody: false }), {
    copy: (one) => {
      copy = one;
      return answer(200);
    },
  });
  const fed = new FedBody(3);
  const headers = [["Content-Length", "3"], ["Expect", "100-continue"], ["X-A", "1"]] as const;
  const one = request({ method: "POST", body: fed.body, headers });
  await handler(one);
  assert.equal(copy?.body, undefined);
  assert.deepEqual([...(copy?.headers ?? [])].map(([name]) => name), ["Host", "X-A"]);
  assert.equal(one.body, fed.body);
});

test("createMirroring() copies no body longer than maxBodySize, and leaves it to the main", async () => {
  const copies: (string | undefined)[] = [];
  const texts: string[] = [];
  const { handler } = custom(mirroring(100, { maxBodySize: 3 }), {
    main: (one) => {
      texts.push(new TextDecoder().decode(one.body?.takeWhole()));
      return answer(200);
    },
    copy: (one) => {
      copies.push(new TextDecoder().decode(one.body?.takeWhole()));
      return answer(200);
    },
  });
  for (const text of ["123", "1234"]) {
    await handler(request({ method: "POST", body: new BytesBody(new TextEncoder().encode(text)) }));
  }
  const fed = new FedBody();
  fed.push("12345");
  fed.body.finish();
  await handler(request({ method: "POST", body: fed.body }));
  assert.deepEqual(texts, ["123", "1234", "12345"]);
  assert.deepEqual(copies, ["123"]);
});

test("createMirroring() reads short answers away and cuts long ones off", async () => {
  const bodies: FedBody[] = [];
  const { handler } = custom(mirroring(100), {
    copy: () => {
      const fed = new FedBody(bodies.length === 0 ? 4 : 10_000_000);
      bodies.push(fed);
      return answer(200, [], fed.body);
    },
  });
  await handler(request());
  await handler(request());
  bodies[0]?.push("read");
  bodies[0]?.body.finish();
  assert.deepEqual(bodies.map(({ calls }) => calls), [["resume"], ["cancel"]]);
});

test("createMirroring() cuts off an answer of unknown length that goes on and on", async () => {
  const fed = new FedBody();
  const { handler } = custom(mirroring(100), { copy: () => answer(200, [], fed.body) });
  await handler(request());
  for (let count = 0; count < 3; count++) fed.body.push(new Uint8Array(32 * 1024));
  assert.deepEqual(fed.calls.at(-1), "cancel");
});

test("createMirroring() caps the copies on their way, and gives up stale ones for new ones", async () => {
  const copies: ProxyRequest[] = [];
  const { bench, handler } = custom(mirroring(100), {
    copy: (one) => {
      copies.push(one);
      return new Promise<ProxyResponse>(() => undefined);
    },
  });
  for (let count = 0; count < MAX_COPIES + 5; count++) await handler(request());
  assert.equal(copies.length, MAX_COPIES);
  assert.deepEqual(bench.drops, Array.from({ length: 5 }, () => "busy"));
  await bench.clock.advance(60_000);
  await handler(request());
  assert.equal(copies.length, MAX_COPIES + 1);
  assert.equal(copies[0]?.aborted?.code, "mirror-stale");
});

test("createMirroring() nests", async () => {
  const bench = new Bench();
  const services = {
    ...servicesOf(mirroring(100)),
    outer: mirroring(100, { service: "main", mirrors: [{ name: "mirror", percent: 100 }] }),
  };
  const { service } = bench.build(services, "outer");
  const fed = new FedBody();
  fed.push("ab");
  fed.body.finish();
  await service.handler(request({ method: "POST", body: fed.body }));
  await settled();
  assert.deepEqual(bench.transport.urls.sort(), [MAIN, MAIN, COPY]);
});

test("createMirroring() does not copy protocol changes", async () => {
  const bench = new Bench();
  const { service } = bench.build(servicesOf(mirroring(100)), "mirror");
  const one = request();
  one.upgrade = "websocket";
  await service.handler(one);
  assert.deepEqual(bench.transport.urls, [MAIN]);
});

test("createMirroring() is as available as its main service", () => {
  const services = { ...servicesOf(mirroring(100)), main: loadBalancer([]) };
  assert.equal(new Bench().build(services, "mirror").service.available(), false);
});
