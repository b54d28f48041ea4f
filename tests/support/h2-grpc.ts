// A gRPC service written by hand on the npm client and server: its messages are bytes, its methods the four shapes.

import * as grpc from "@grpc/grpc-js";

type Reply = grpc.sendUnaryData<Buffer>;

const SERVICE = "weir.test.Shapes";
/** Longer than any message of a test. */
const LARGEST = 32 * 1024 * 1024;

/** One method per shape. */
export const methods = {
  unary: { path: `/${SERVICE}/Unary`, requestStream: false, responseStream: false },
  collect: { path: `/${SERVICE}/Collect`, requestStream: true, responseStream: false },
  repeat: { path: `/${SERVICE}/Repeat`, requestStream: false, responseStream: true },
  chat: { path: `/${SERVICE}/Chat`, requestStream: true, responseStream: true },
} as const;

/** Messages are bytes already. */
export const same = (message: Buffer): Buffer => message;

/** Limits that messages of many megabytes pass. */
export const largeMessages = { "grpc.max_receive_message_length": LARGEST, "grpc.max_send_message_length": LARGEST };

/** A listening server. */
export interface GrpcServer {
  readonly port: number;
  /** Of calls that were cancelled: their methods' names. */
  readonly cancelled: readonly string[];
  /** Deadlines that calls came with, in milliseconds from then on. */
  readonly patience: readonly number[];
  /** Called whenever `cancelled` grows. */
  onCancelled: () => void;
  /** Cuts every connection. */
  close(): void;
}

/**
 * Starts it on a free loopback port.
 *
 * `unary` answers with the message, the metadata `x-asked` as `x-answered` and a trailer `x-end`; the message
 * `fail N text` fails with code N, and `hold` is never answered. `collect` answers with all messages in one. `repeat`
 * answers `N` with N messages, and `hold` with one and nothing more. `chat` answers each message at once.
 */
export async function startGrpc(credentials: grpc.ServerCredentials): Promise<GrpcServer> {
  const server = new grpc.Server(largeMessages);
  const cancelled: string[] = [];
  const patience: number[] = [];
  const shown = {
    port: 0,
    cancelled,
    patience,
    onCancelled: () => undefined,
    close: () => server.forceShutdown(),
  };
  const watch = (
    name: string,
    call: grpc.ServerUnaryCall<Buffer, Buffer> | grpc.ServerWritableStream<Buffer, Buffer>,
  ) =>
    call.on("cancelled", () => {
      cancelled.push(name);
      shown.onCancelled();
    });
  const unary = (call: grpc.ServerUnaryCall<Buffer, Buffer>, reply: Reply): void => {
    watch("unary", call);
    const deadline = Number(call.getDeadline());
    if (Number.isFinite(deadline)) patience.push(deadline - Date.now());
    answerUnary(call, reply);
  };
  const collect = (call: grpc.ServerReadableStream<Buffer, Buffer>, reply: Reply): void => {
    const messages: Buffer[] = [];
    call.on("data", (message: Buffer) => messages.push(message));
    call.on("end", () => reply(null, Buffer.concat(messages), endOf("collect")));
  };
  const repeat = (call: grpc.ServerWritableStream<Buffer, Buffer>): void => {
    watch("repeat", call);
    const wish = String(call.request);
    const count = wish === "hold" ? 1 : Number(wish);
    for (let turn = 0; turn < count; turn++) call.write(Buffer.from(`message ${turn}`));
    if (wish !== "hold") call.end(endOf("repeat"));
  };
  const chat = (call: grpc.ServerDuplexStream<Buffer, Buffer>): void => {
    call.on("data", (message: Buffer) => call.write(Buffer.from(`got ${message}`)));
    call.on("end", () => call.end(endOf("chat")));
  };
  server.addService(definition(), { unary, collect, repeat, chat });
  shown.port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => error === null ? resolve(port) : reject(error));
  });
  return shown;
}

function answerUnary(call: grpc.ServerUnaryCall<Buffer, Buffer>, reply: Reply): void {
  const [verb, code, ...words] = String(call.request.subarray(0, 64)).split(" ");
  if (verb === "hold") return;
  if (verb === "fail") {
    return reply({ code: Number(code), details: words.join(" "), metadata: endOf("fail") });
  }
  const head = new grpc.Metadata();
  for (const value of call.metadata.get("x-asked")) head.add("x-answered", value);
  for (const value of call.metadata.get("x-asked-bin")) head.add("x-answered-bin", value);
  call.sendMetadata(head);
  reply(null, call.request, endOf("unary"));
}

function endOf(name: string): grpc.Metadata {
  const metadata = new grpc.Metadata();
  metadata.set("x-end", name);
  return metadata;
}

function definition(): grpc.ServiceDefinition {
  const codec = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, { ...method, ...codec }]));
}
