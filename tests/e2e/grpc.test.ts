// gRPC through weir, with the client and the server that people use: in the clear and over TLS, on both sides alike.

import * as grpc from "@grpc/grpc-js";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, test } from "node:test";
import { type GrpcServer, largeMessages, methods, same, startGrpc } from "../support/h2-grpc.ts";
import { H2_HOST, withH2Proxy } from "../support/h2-proxy.ts";
import { createAuthority } from "../support/private-authority.ts";
import { type RuntimeCommand, threeRuntimes } from "../support/runtimes.ts";

const { unary, collect, repeat, chat } = methods;
const LARGE = 10 * 1024 * 1024;
const CALLS = 100;
const MESSAGES = 20;
const BACKEND = "backend.test";

const authority = await createAuthority("grpc-authority");
const backendPair = await authority.issue({ subject: BACKEND, names: `DNS:${BACKEND}` });
after(() => authority.remove());

/** Whether both sides speak TLS. */
type Way = "h2c" | "TLS";

interface Bench {
  readonly client: grpc.Client;
  readonly server: GrpcServer;
}

async function withGrpc(runtime: RuntimeCommand, way: Way, use: (bench: Bench) => Promise<void>): Promise<void> {
  const isSecure = way === "TLS";
  const pair = { cert_chain: Buffer.from(backendPair.cert), private_key: Buffer.from(backendPair.key) };
  const server = await startGrpc(
    isSecure ? grpc.ServerCredentials.createSsl(null, [pair]) : grpc.ServerCredentials.createInsecure(),
  );
  const backend = isSecure
    ? {
      servers: [`https://127.0.0.1:${server.port}`],
      balancer: "        serversTransport: private\n",
      more: `  serversTransports:\n    private: {rootCAs: ["${authority.folder}/ca.crt"], serverName: ${BACKEND}}\n`,
    }
    : { servers: [`h2c://127.0.0.1:${server.port}`] };
  try {
    await withH2Proxy(runtime, backend, async ({ port, ca }) => {
      const credentials = isSecure ? grpc.credentials.createSsl(Buffer.from(ca)) : grpc.credentials.createInsecure();
      const client = new grpc.Client(`127.0.0.1:${port}`, credentials, {
        ...largeMessages,
        "grpc.default_authority": H2_HOST,
        "grpc.enable_retries": 0,
        ...(isSecure && { "grpc.ssl_target_name_override": H2_HOST }),
      });
      try {
        await use({ client, server });
      } finally {
        client.close();
      }
    }, authority);
  } finally {
    server.close();
  }
}

/** What came of a call. */
interface Outcome {
  readonly messages: readonly Buffer[];
  readonly head: grpc.Metadata;
  readonly status: grpc.StatusObject;
}

interface CallOptions {
  readonly metadata?: grpc.Metadata;
  readonly deadlineMs?: number;
  /** Of the method; default: `unary`'s. */
  readonly path?: string;
}

function callUnary(client: grpc.Client, message: Buffer, options: CallOptions = {}): Promise<Outcome> {
  const { metadata = new grpc.Metadata(), deadlineMs, path = unary.path } = options;
  return new Promise((resolve) => {
    const messages: Buffer[] = [];
    let head = new grpc.Metadata();
    const call = client.makeUnaryRequest(
      ...[path, same, same, message, metadata] as const,
      deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs },
      (_error, value) => {
        if (value !== undefined) messages.push(value);
      },
    );
    call.on("metadata", (value) => head = value);
    call.on("status", (status) => resolve({ messages, head, status }));
  });
}

function read(call: grpc.ClientReadableStream<Buffer> | grpc.ClientDuplexStream<Buffer, Buffer>): Promise<Outcome> {
  return new Promise((resolve) => {
    const messages: Buffer[] = [];
    let head = new grpc.Metadata();
    call.on("metadata", (value: grpc.Metadata) => head = value);
    call.on("data", (message: Buffer) => messages.push(message));
    call.on("error", () => undefined); // the status says it
    call.on("status", (status: grpc.StatusObject) => resolve({ messages, head, status }));
  });
}

function textsOf({ messages }: Outcome): readonly string[] {
  return messages.map(String);
}

/** Status, and the trailer that the server ends with. */
function endOf({ status }: Outcome): readonly unknown[] {
  return [status.code, status.metadata.get("x-end")[0]];
}

function cancelledAt(server: GrpcServer, name: string): Promise<void> {
  return new Promise((resolve) => {
    server.onCancelled = () => {
      if (server.cancelled.includes(name)) resolve();
    };
    server.onCancelled();
  });
}

/** Sends the next message when the answer to the one before is here. */
async function converse(client: grpc.Client, name: string): Promise<void> {
  const call = client.makeBidiStreamRequest(chat.path, same, same);
  const outcome = read(call);
  let turn = 0;
  call.on("data", () => {
    if (++turn < MESSAGES) call.write(Buffer.from(`${name} ${turn}`));
    else call.end();
  });
  call.write(Buffer.from(`${name} 0`));
  const wanted = Array.from({ length: MESSAGES }, (_, index) => `got ${name} ${index}`);
  assert.deepEqual([textsOf(await outcome), endOf(await outcome)], [wanted, [0, "chat"]]);
}

for (const runtime of threeRuntimes) {
  for (const way of ["h2c", "TLS"] as const) {
    const where = `over ${way} on ${runtime.name}`;

    test(`gRPC calls of all four shapes end with their trailers ${where}`, () =>
      withGrpc(runtime, way, async ({ client }) => {
        const one = await callUnary(client, Buffer.from("hello"));
        assert.deepEqual([textsOf(one), endOf(one)], [["hello"], [0, "unary"]]);

        const collected = await new Promise<readonly unknown[]>((resolve) => {
          const answers: string[] = [];
          const call = client.makeClientStreamRequest(collect.path, same, same, (_error, value) => {
            answers.push(String(value));
          });
          call.on("status", (status) => resolve([answers, status.code, status.metadata.get("x-end")]));
          for (const message of ["a", "b", "c"]) call.write(Buffer.from(message));
          call.end();
        });
        assert.deepEqual(collected, [["abc"], 0, ["collect"]]);

        const many = await read(client.makeServerStreamRequest(repeat.path, same, same, Buffer.from("1000")));
        assert.deepEqual(textsOf(many), Array.from({ length: 1000 }, (_, turn) => `message ${turn}`));
        assert.deepEqual(endOf(many), [0, "repeat"]);

        await converse(client, "alone");
      }));

    test(`gRPC metadata, text and bytes, passes both ways ${where}`, () =>
      withGrpc(runtime, way, async ({ client }) => {
        const metadata = new grpc.Metadata();
        metadata.add("x-asked", "one");
        metadata.add("x-asked", "two");
        metadata.add("x-asked-bin", Buffer.from([0, 255, 10, 13]));
        const { head, status } = await callUnary(client, Buffer.from("hello"), { metadata });
        assert.deepEqual(head.get("x-answered").join(", "), "one, two");
        assert.deepEqual(head.get("x-answered-bin"), [Buffer.from([0, 255, 10, 13])]);
        assert.equal(status.code, 0);
      }));

    test(`gRPC errors come as the server says them, also without a message before ${where}`, () =>
      withGrpc(runtime, way, async ({ client, server }) => {
        for (const code of [1, 3, 5, 7, 8, 13, 14, 16]) {
          const failed = await callUnary(client, Buffer.from(`fail ${code} for 100 % good reason: ä`));
          assert.deepEqual([failed.status.details, ...endOf(failed)], ["for 100 % good reason: ä", code, "fail"]);
          assert.equal(failed.messages.length, 0);
        }
        const unknown = await callUnary(client, Buffer.from(""), { path: "/weir.test.Shapes/None" });
        assert.equal(unknown.status.code, grpc.status.UNIMPLEMENTED);
        server.close();
        const gone = await callUnary(client, Buffer.from("hello"));
        assert.equal(gone.status.code, grpc.status.UNAVAILABLE);
      }));

    test(`gRPC deadlines and cancellations reach the server ${where}`, () =>
      withGrpc(runtime, way, async ({ client, server }) => {
        const late = await callUnary(client, Buffer.from("hold"), { deadlineMs: 500 });
        assert.equal(late.status.code, grpc.status.DEADLINE_EXCEEDED);
        await cancelledAt(server, "unary");
        assert.ok((server.patience[0] ?? 0) > 0 && (server.patience[0] ?? 0) <= 500, String(server.patience));
        const call = client.makeServerStreamRequest(repeat.path, same, same, Buffer.from("hold"));
        call.once("data", () => call.cancel());
        const cancelled = await read(call);
        assert.deepEqual([cancelled.messages.length, cancelled.status.code], [1, grpc.status.CANCELLED]);
        await cancelledAt(server, "repeat");
        assert.equal((await callUnary(client, Buffer.from("hello"))).status.code, 0);
      }));

    test(`gRPC messages of 10 MiB pass both ways ${where}`, () =>
      withGrpc(runtime, way, async ({ client }) => {
        const message = randomBytes(LARGE);
        const { messages, status } = await callUnary(client, message);
        assert.equal(status.code, 0, status.details);
        assert.ok(messages[0]?.equals(message));
      }));

    test(`${CALLS} gRPC conversations go on at once ${where}`, () =>
      withGrpc(runtime, way, async ({ client }) => {
        await Promise.all(Array.from({ length: CALLS }, (_, index) => converse(client, `call ${index}`)));
      }));

    test(`a gRPC stream whose server dies does not end well ${where}`, () =>
      withGrpc(runtime, way, async ({ client, server }) => {
        const call = client.makeServerStreamRequest(repeat.path, same, same, Buffer.from("hold"));
        call.once("data", () => server.close());
        const { messages, status } = await read(call);
        assert.equal(messages.length, 1);
        assert.notEqual(status.code, 0);
      }));
  }
}
