// Whatever bytes come, a session neither throws nor forgets a stream.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProxyError } from "../../../src/net/error.ts";
import { ACK, block, bytes, frame, get, headers, hello, post, settings, type } from "../../support/h2-frames.ts";
import { HeardClient, HeardServer } from "../../support/h2-sessions.ts";

const fields = fc.constantFrom(get, post, [[":status", "200"]] as const, [["x", "1"]] as const);
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fields.map((pairs) => block(...pairs)),
  fc.constantFrom(bytes(0, 0, 0, 1), new Uint8Array(8), bytes(0, 4, 0, 0, 1, 0)),
);
const anyFrame = fc.record({
  kind: fc.integer({ min: 0, max: 10 }),
  flags: fc.oneof(fc.constantFrom(0, 1, 4, 5), fc.integer({ min: 0, max: 255 })),
  stream: fc.integer({ min: 0, max: 9 }),
  payload,
}).map(({ kind, flags, stream, payload: content }) => frame(kind, flags, stream, content));
const goodFrame = fc.tuple(fc.constantFrom(1, 3, 5, 7), fields, fc.constantFrom(0, 1)).map(([stream, pairs, flags]) =>
  headers(stream, pairs, flags)
);
const frames = fc.array(fc.oneof({ weight: 2, arbitrary: goodFrame }, { weight: 3, arbitrary: anyFrame }), {
  maxLength: 25,
});
const cuts = fc.array(fc.nat(2000), { maxLength: 6 });
const gone = new ProxyError("gone", { code: "gone", source: "downstream", status: 499 });

function pieces(all: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const borders = [0, ...places.map((place) => place % (all.length + 1)).sort((a, b) => a - b), all.length];
  return borders.slice(1).map((border, index) => all.subarray(borders[index], border));
}

test("ServerSession survives any frames, and tells every stream its end", () => {
  fc.assert(
    fc.property(frames, cuts, fc.boolean(), (sent, places, answers) => {
      const server = new HeardServer();
      if (answers) {
        server.answers = ({ stream }) => {
          stream.respond(200, "X: 1\r\n", false);
          stream.write(new Uint8Array(70_000));
          stream.end("Y: 1\r\n");
        };
      }
      for (const chunk of pieces(bytes(hello, frame(type.settings, ACK, 0), ...sent), places)) {
        server.session.receive(chunk);
      }
      server.session.close(gone);
      assert.equal(server.session.size, 0);
      assert.ok(server.requests.every((heard) => heard.isClosed));
      if (server.isOver && server.error !== undefined) assert.equal(server.error.source, "downstream");
    }),
    { numRuns: 400 },
  );
});

test("ClientSession survives any frames, and tells every stream its end", () => {
  fc.assert(
    fc.property(frames, cuts, (sent, places) => {
      const client = new HeardClient();
      const answers = [client.ask(), client.ask({ method: "HEAD" }), client.ask({ method: "POST" }, false)];
      for (const chunk of pieces(bytes(settings(), ...sent), places)) client.session.receive(chunk);
      client.session.close(gone);
      assert.equal(client.session.size, 0);
      assert.ok(answers.every((answer) => answer.isClosed));
      if (client.error !== undefined) assert.equal(client.error.source, "upstream");
    }),
    { numRuns: 400 },
  );
});
