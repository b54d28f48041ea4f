// gRPC's health protocol (grpc.health.v1.Health/Check) by hand: one message out, one message back, a status behind it.

import type { Body } from "../http/body.ts";
import { BytesBody, readWhole } from "../http/body.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { ServiceContext } from "./context.ts";
import { discard } from "./discard.ts";

/** Path of the call. */
export const GRPC_HEALTH_PATH = "/grpc.health.v1.Health/Check";

const PREFIX_BYTES = 5; // a byte that tells of compression, four of the message's length
const MOST_BYTES = 4096; // an answer has two bytes, and may get unknown fields
const SERVING = 1;
const STATUS_NAMES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
/** Codes that say something of health checks; the others are told by number. */
const GRPC_CODES: Readonly<Record<string, string>> = { "5": "NOT_FOUND", "12": "UNIMPLEMENTED", "14": "UNAVAILABLE" };

/** Asks for the server as a whole: a message in which the service has no name. */
export function createHealthBody(): Body {
  return new BytesBody(new Uint8Array(PREFIX_BYTES));
}

/**
 * @param context whose timers are used. Default: the system's
 * @returns why the server is not well, or undefined
 * @throws {ProxyError} when the answer broke off
 */
export async function judgeHealthAnswer(
  answer: ProxyResponse,
  context: Pick<ServiceContext, "after"> = {},
): Promise<string | undefined> {
  const { headers, body } = answer;
  const fault = headFault(answer);
  if (fault !== undefined) {
    discard(answer, context);
    return fault;
  }
  const whole = body === undefined ? new Uint8Array(0) : await readWhole(body, MOST_BYTES);
  if (whole === undefined) return `more than ${MOST_BYTES} bytes of answer`;
  // a call that failed at once has its status in the head
  const code = body?.trailers?.first("grpc-status") ?? headers.first("grpc-status");
  if (code === undefined) return "no grpc-status";
  if (code !== "0") return `grpc-status ${code}${code in GRPC_CODES ? ` ${GRPC_CODES[code]}` : ""}`;
  return judgeMessage(whole);
}

function headFault({ status, headers }: ProxyResponse): string | undefined {
  if (status !== 200) return `status ${status} instead of 200`;
  const isGrpc = headers.first("content-type")?.startsWith("application/grpc") === true;
  return isGrpc ? undefined : "the server does not speak gRPC";
}

function judgeMessage(bytes: Uint8Array): string | undefined {
  const state = readStatus(bytes);
  if (state === undefined) return "the answer is no HealthCheckResponse";
  return state === SERVING ? undefined : `it is ${STATUS_NAMES[state] ?? `in state ${state}`}`;
}

/** @returns field 1 of the message, 0 where it is left out; undefined: it is no such message */
function readStatus(bytes: Uint8Array): number | undefined {
  if (bytes.length < PREFIX_BYTES || bytes[0] !== 0) return undefined; // compression was not offered
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  if (length !== bytes.length - PREFIX_BYTES) return undefined;
  const message = new Message(bytes.subarray(PREFIX_BYTES));
  let status = 0;
  while (!message.isDone) {
    const tag = message.varint();
    const wire = tag & 7;
    if (tag >>> 3 === 1 && wire === 0) status = message.varint();
    else message.skip(wire);
  }
  return message.isBroken ? undefined : status;
}

/** Reads protobuf's wire format, as far as the message needs it. */
class Message {
  isBroken = false;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return this.isBroken || this.#at >= this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let power = 1; power < 2 ** 64; power *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * power;
      if (byte < 0x80) return value;
    }
    this.isBroken = true;
    return 0;
  }

  /** Passes over a field of that wire type. */
  skip(wire: number): void {
    if (wire === 0) this.varint();
    else if (wire === 1) this.#at += 8;
    else if (wire === 2) this.#advance(this.varint());
    else if (wire === 5) this.#at += 4;
    else this.isBroken = true;
    if (this.#at > this.#bytes.length) this.isBroken = true;
  }

  #advance(length: number): void {
    this.#at += length;
  }
}
