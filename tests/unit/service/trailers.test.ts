// The fields behind a body reach whoever reads it, whatever stands between.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Body } from "../../../src/http/body.ts";
import { BytesBody, readWhole } from "../../../src/http/body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { ProxyRequest } from "../../../src/http/request.ts";
import { bufferBody } from "../../../src/service/buffered-body.ts";
import { Tee } from "../../../src/service/tee.ts";
import { WatchedBody } from "../../../src/service/watched-body.ts";
import { answer, Bench, FedBody, loadBalancer, request, settled } from "./fakes.ts";

const trailers = HeaderList.of(["Grpc-Status", "0"]);

/** A body that arrives while it is read, or is there as a whole. */
function fed(isWhole: boolean): { readonly body: Body; arrive(): void } {
  if (isWhole) return { body: new BytesBody(new Uint8Array(9), trailers), arrive: () => undefined };
  const source = new FedBody();
  const arrive = (): void => {
    source.push("123456789");
    source.body.trailers = trailers;
    source.body.finish();
  };
  return { body: source.body, arrive };
}

const wrappers: Readonly<Record<string, (body: Body) => Body | Promise<Body>>> = {
  "a watched body": (body) => new WatchedBody(body, () => undefined),
  "a tee": (body) => new Tee(body, -1),
  "a longer body that was looked into": async (body) => {
    const buffered = await bufferBody(body, 3);
    assert.ok("rest" in buffered);
    return buffered.rest;
  },
  "a short body that was kept": async (body) => {
    const buffered = await bufferBody(body, 99);
    assert.ok("whole" in buffered);
    return new BytesBody(buffered.whole, buffered.trailers);
  },
};

for (const [name, wrap] of Object.entries(wrappers)) {
  for (const isWhole of [true, false]) {
    test(`trailers come through ${name} that ${isWhole ? "was here" : "arrives"}`, async () => {
      const { body, arrive } = fed(isWhole);
      const wrapped = wrap(body);
      if (wrapped instanceof Promise) arrive();
      const reader = await wrapped;
      const whole = readWhole(reader, 99);
      if (!(wrapped instanceof Promise)) arrive();
      assert.equal((await whole)?.length, 9);
      assert.equal(reader.trailers?.first("grpc-status"), "0");
    });
  }
}

test("trailers come to the branches of a tee", async () => {
  const { body, arrive } = fed(false);
  const tee = new Tee(body, -1);
  const branch = tee.branch();
  const both = [tee, branch].map((each) => readWhole(each, 99));
  arrive();
  await Promise.all(both);
  assert.deepEqual([tee, branch].map((each) => each.trailers?.first("grpc-status")), ["0", "0"]);
});

const services = { app: loadBalancer(["http://a.test:80"]), spare: loadBalancer(["http://b.test:80"]) };
const users = {
  mirroring: { service: "app", mirrors: [{ name: "spare", percent: 100 }], mirrorBody: true, maxBodySize: -1 },
  failover: { service: "app", fallback: "spare", errors: { status: [[500, 599]], maxRequestBodyBytes: -1 } },
} as const;

for (const isWhole of [true, false]) {
  for (const kind of ["mirroring", "failover"] as const) {
    test(`trailers of a request that ${isWhole ? "was here" : "arrives"} reach both servers of ${kind}`, async () => {
      const got: string[] = [];
      const read = async (one: ProxyRequest): Promise<void> => {
        const { body } = one;
        if (body !== undefined) await readWhole(body, 99);
        got.push(body?.trailers?.first("grpc-status") ?? "none");
      };
      const bench = new Bench(async ({ request: one }) => {
        await read(one);
        return answer(one.body === undefined ? 200 : 500);
      });
      const config = kind === "mirroring" ? { kind, ...users.mirroring } : { kind, ...users.failover };
      const { service } = bench.build({ ...services, top: config }, "top");
      const { body, arrive } = fed(isWhole);
      const sent = service.handler(request({ method: "POST", body }));
      arrive();
      await sent;
      await settled();
      assert.deepEqual(got, ["0", "0"]);
    });
  }
}
