// gRPC's health protocol: which answers mean that a server is well.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BytesBody } from "../../../src/http/body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyResponse } from "../../../src/http/response.ts";
import { createHealthBody, judgeHealthAnswer } from "../../../src/service/grpc-health.ts";

interface Case {
  readonly name: string;
  readonly status?: number;
  readonly type?: string;
  /** In the head. */
  readonly early?: string;
  readonly bytes?: readonly number[];
  /** After the body. */
  readonly late?: string;
  readonly reason?: RegExp;
}

const serving = [0, 0, 0, 0, 2, 8, 1];
const cases: readonly Case[] = [
  { name: "SERVING", bytes: serving, late: "0" },
  { name: "fields nobody knows", bytes: [0, 0, 0, 0, 11, 18, 2, 1, 2, 8, 1, 37, 1, 2, 3, 4], late: "0" },
  { name: "NOT_SERVING", bytes: [0, 0, 0, 0, 2, 8, 2], late: "0", reason: /it is NOT_SERVING/ },
  { name: "no state", bytes: [0, 0, 0, 0, 0], late: "0", reason: /it is UNKNOWN/ },
  { name: "a state of the future", bytes: [0, 0, 0, 0, 3, 8, 0x80, 1], late: "0", reason: /in state 128/ },
  { name: "no health service", early: "12", reason: /grpc-status 12 UNIMPLEMENTED/ },
  { name: "an error behind a message", bytes: serving, late: "14", reason: /grpc-status 14/ },
  { name: "no grpc-status", bytes: serving, reason: /no grpc-status/ },
  { name: "status 503", status: 503, reason: /status 503 instead of 200/ },
  { name: "HTML", type: "text/html", bytes: serving, late: "0", reason: /does not speak gRPC/ },
  { name: "a compressed message", bytes: [1, ...serving.slice(1)], late: "0", reason: /no HealthCheckResponse/ },
  { name: "a cut message", bytes: serving.slice(0, 6), late: "0", reason: /no HealthCheckResponse/ },
  { name: "a field that ends too late", bytes: [0, 0, 0, 0, 2, 18, 9], late: "0", reason: /no HealthCheckResponse/ },
  { name: "a group", bytes: [0, 0, 0, 0, 1, 11], late: "0", reason: /no HealthCheckResponse/ },
  { name: "a number without end", bytes: [0, 0, 0, 0, 11, ...Array(11).fill(255)], late: "0", reason: /no Health/ },
  { name: "a long answer", bytes: Array(5000).fill(0), late: "0", reason: /more than 4096 bytes/ },
];

for (const { name, status = 200, type = "application/grpc", early, bytes, late, reason } of cases) {
  test(`judgeHealthAnswer() judges ${name}`, async () => {
    const headers = HeaderList.of(["Content-Type", type]);
    if (early !== undefined) headers.set("Grpc-Status", early);
    const trailers = late === undefined ? undefined : HeaderList.of(["Grpc-Status", late]);
    const body = bytes && new BytesBody(new Uint8Array(bytes), trailers);
    const verdict = await judgeHealthAnswer(new ProxyResponse(status, headers, body));
    if (reason === undefined) assert.equal(verdict, undefined);
    else assert.match(verdict ?? "", reason);
  });
}

test("createHealthBody() is one message without a service", () => {
  assert.deepEqual([...createHealthBody().takeWhole() ?? []], [0, 0, 0, 0, 0]);
});
