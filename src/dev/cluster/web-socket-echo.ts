// WebSocket as a simulated pod speaks it: every message comes back, frame by frame, while it still arrives.

import type { Body, BodyOwner, BodySink } from "../../http/body.ts";
import { PushBody } from "../../http/body.ts";
import { HeaderList } from "../../http/header-list.ts";
import type { ProxyRequest } from "../../http/request.ts";
import { ProxyResponse, textResponse } from "../../http/response.ts";
import type { Tunnel } from "../../http/upgrade.ts";
import { UpgradeResponse } from "../../http/upgrade.ts";
import { FrameDecoder, frameHead, opcode } from "./web-socket-frame.ts";
import type { FrameSink } from "./web-socket-frame.ts";

const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 §1.3
const PROTOCOL_ERROR = Uint8Array.of(0x03, 0xea); // 1002, RFC 6455 §7.4.1

/** Answers a request that asks for WebSocket: 101, or what is wrong with it. */
export async function answerWebSocket(request: ProxyRequest): Promise<ProxyResponse> {
  const key = request.headers.first("sec-websocket-key");
  if (request.headers.first("sec-websocket-version") !== "13") {
    return new ProxyResponse(426, HeaderList.of(["Sec-WebSocket-Version", "13"]));
  }
  if (key === undefined) return textResponse(400, "Sec-WebSocket-Key is missing\n");
  const hash = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key + MAGIC));
  const accept = btoa(String.fromCharCode(...new Uint8Array(hash)));
  return new UpgradeResponse("websocket", HeaderList.of(["Sec-WebSocket-Accept", accept]), new EchoTunnel());
}

/** Says what it hears; pings become pongs, a close is answered and ends the conversation. */
class EchoTunnel implements Tunnel, BodyOwner, BodySink, FrameSink {
  readonly body: PushBody;
  readonly #decoder: FrameDecoder;
  #uplink: Body | undefined = undefined;
  #isOver = false;
  #isPaused = false;
  /** What the current frame is; pongs are nobody's business. */
  #type = 0;

  constructor() {
    this.body = new PushBody(undefined, this);
    this.#decoder = new FrameDecoder(this);
  }

  connect(uplink: Body): void {
    this.#uplink = uplink;
    uplink.start(this);
  }

  // --- what the client says ----------------------------------------------------------------------------------------

  chunk(bytes: Uint8Array): boolean {
    if (!this.#isOver && !this.#decoder.push(bytes)) this.#close(PROTOCOL_ERROR);
    return !this.#isPaused;
  }

  end(): void {
    this.#isOver = true;
    this.body.finish();
  }

  fail(error: Parameters<BodySink["fail"]>[0]): void {
    this.#isOver = true;
    this.body.fail(error);
  }

  frame(first: number, length: number): void {
    this.#type = first & 15;
    if (this.#type === opcode.pong) return;
    const isPing = this.#type === opcode.ping;
    this.body.push(frameHead(isPing ? (first & 0xf0) | opcode.pong : first, length));
  }

  payload(bytes: Uint8Array): void {
    if (this.#type !== opcode.pong) this.body.push(bytes);
  }

  frameEnd(): void {
    if (this.#type !== opcode.close) return;
    this.#isOver = true;
    this.body.finish();
  }

  #close(reason: Uint8Array): void {
    this.body.push(frameHead(128 | opcode.close, reason.length));
    this.body.push(reason);
    this.#isOver = true;
    this.body.finish();
  }

  // --- who reads the echo ------------------------------------------------------------------------------------------

  pauseBody(): void {
    this.#isPaused = true;
  }

  resumeBody(): void {
    this.#isPaused = false;
    this.#uplink?.resume();
  }

  cancelBody(): void {
    this.#isOver = true;
    this.#uplink?.cancel();
  }
}
