// WebSocket (RFC 6455) over bare sockets, both sides, for tests: every frame, and every byte, is the test's choice.

import { createHash, randomBytes } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Frame types by their number on the wire. */
export const opcode = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame as it was received, unmasked. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 §1.3

/** Writes one final frame. @param masked as clients must */
export function encodeFrame(type: number, payload: string | Uint8Array, masked: boolean): Buffer {
  const data = Buffer.from(payload);
  const mask = masked ? randomBytes(4) : undefined;
  const head = frameHead(type, data.length, masked);
  if (mask === undefined) return Buffer.concat([head, data]);
  applyMask(data, mask);
  return Buffer.concat([head, mask, data]);
}

function frameHead(type: number, length: number, masked: boolean): Buffer {
  const bit = masked ? 128 : 0;
  if (length < 126) return Buffer.from([128 | type, bit | length]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = 128 | type;
  head[1] = bit | (length < 65_536 ? 126 : 127);
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** Frames out of bytes, however those are cut. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Uint8Array): Frame[] {
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#bytes, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) frames.push(frame);
    return frames;
  }

  #take(): Frame | undefined {
    const bytes = this.#bytes;
    const [first = 0, second = 0] = bytes;
    const wide = bytes.length < 2 ? 0 : wideLength(second & 127);
    const maskAt = 2 + wide;
    const start = maskAt + (second >= 128 ? 4 : 0);
    if (bytes.length < 2 || bytes.length < start) return undefined;
    const end = start + payloadLength(bytes, wide);
    if (bytes.length < end) return undefined;
    this.#bytes = bytes.subarray(end);
    const payload = Buffer.from(bytes.subarray(start, end));
    if (second >= 128) applyMask(payload, bytes.subarray(maskAt, start));
    return { opcode: first & 15, payload };
  }
}

/** Bytes of the extended length. */
function wideLength(short: number): number {
  if (short === 126) return 2;
  return short === 127 ? 8 : 0;
}

function payloadLength(bytes: Buffer, wide: number): number {
  if (wide === 0) return (bytes[1] ?? 0) & 127;
  return wide === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
}

function applyMask(data: Buffer, mask: Buffer): void {
  for (let at = 0; at < data.length; at++) data[at] = (data[at] ?? 0) ^ (mask[at % 4] ?? 0);
}

/**
 * A WebSocket server: answers 101 and echoes frames of data, pings with pongs, closes with closes; 426 to another
 * version than 13, 200 to anything that is no upgrade.
 */
export class WebSocketEcho {
  /** Conversations that are open. */
  readonly sockets = new Set<Socket>();
  /** Heads of requests received. */
  readonly heads: string[] = [];
  /** Bytes received after heads. */
  received = 0;
  readonly #all = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));

  static async start(): Promise<WebSocketEcho> {
    const echo = new WebSocketEcho();
    await new Promise<void>((resolve) => echo.#server.listen(0, "127.0.0.1", resolve));
    return echo;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  /** Resolves as soon as that many conversations are open. */
  until(open: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.sockets.size !== open) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  close(): Promise<void> {
    for (const socket of this.#all) socket.destroy();
    return new Promise((resolve) => void this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.#all.add(socket);
    socket.on("error", () => undefined);
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      this.#all.delete(socket);
      this.sockets.delete(socket);
      this.#changed();
    });
    let text = "";
    const onHead = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) return;
      const rest = Buffer.from(text.slice(end + 4), "latin1");
      const head = text.slice(0, end);
      text = "";
      this.heads.push(head);
      if (!accept(socket, head)) return void (this.received += rest.length);
      socket.off("data", onHead);
      this.#converse(socket, rest);
    };
    socket.on("data", onHead);
  }

  #converse(socket: Socket, first: Buffer): void {
    const reader = new FrameReader();
    const onFrames = (chunk: Uint8Array): void => {
      this.received += chunk.length;
      for (const frame of reader.push(chunk)) answer(socket, frame);
    };
    this.sockets.add(socket);
    socket.on("data", onFrames);
    if (first.length > 0) onFrames(first);
    this.#changed();
  }

  #changed(): void {
    for (const look of this.#waiting) look();
  }
}

/** @returns whether the connection speaks WebSocket now */
function accept(socket: Socket, head: string): boolean {
  const field = (name: string) => new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1] ?? "";
  if (field("upgrade").toLowerCase() !== "websocket") {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain");
    return false;
  }
  if (field("sec-websocket-version") !== "13") {
    socket.write("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n");
    return false;
  }
  const hash = createHash("sha1").update(field("sec-websocket-key") + MAGIC).digest("base64");
  const lines = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${hash}`, "X-Backend: echo"];
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
  return true;
}

function answer(socket: Socket, { opcode: type, payload }: Frame): void {
  if (type === opcode.pong) return;
  socket.write(encodeFrame(type === opcode.ping ? opcode.pong : type, payload, false));
  if (type === opcode.close) socket.end();
}

/** How to ask for a conversation. */
export interface WebSocketQuestion {
  /** Default: `app.test`. */
  readonly host?: string;
  /** Further header lines. */
  readonly lines?: readonly string[];
  /** Default: `/`. */
  readonly path?: string;
  /** Bytes right after the head, one per character. */
  readonly after?: string;
  /** Over TLS, whatever the certificate. Default: false. */
  readonly secure?: boolean;
}

/** A client's end of a conversation. */
export class WebSocketClient {
  readonly socket: Socket;
  /** Status line and headers of the answer. */
  head = "";
  /** The other side sent FIN; it was cut. */
  ended = false;
  error: Error | undefined = undefined;
  readonly #reader = new FrameReader();
  readonly #frames: Frame[] = [];
  #wake: (() => void) | undefined = undefined;
  #text = "";

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => this.#onData(chunk));
    socket.on("end", () => void (this.ended = true));
    socket.on("error", (error) => void (this.error = error));
    socket.on("close", () => this.#wake?.());
    socket.on("end", () => this.#wake?.());
  }

  /** Connects and asks. Resolves with the answer's head, whatever it is. */
  static async open(
    port: number,
    { host = "app.test", lines = [], path = "/", after = "", secure = false }: WebSocketQuestion = {},
  ): Promise<WebSocketClient> {
    const to = { port, host: "127.0.0.1", allowHalfOpen: true };
    const socket = secure ? connectTls({ ...to, servername: host, rejectUnauthorized: false }) : connect(to);
    const client = new WebSocketClient(socket);
    const own = lines.some((line) => /^sec-websocket-version:/i.test(line)) ? [] : ["Sec-WebSocket-Version: 13"];
    const key = `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`;
    const all = [`Host: ${host}`, "Connection: Upgrade", "Upgrade: websocket", key, ...own, ...lines];
    socket.write(`GET ${path} HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n${after}`, "latin1");
    await client.#until(() => client.head !== "");
    return client;
  }

  get status(): number {
    return Number(this.head.slice(9, 12));
  }

  /** Value of a header of the answer, or empty. */
  field(name: string): string {
    return new RegExp(`^${name}: *(.*)$`, "im").exec(this.head)?.[1] ?? "";
  }

  send(payload: string | Uint8Array, type: number = typeof payload === "string" ? opcode.text : opcode.binary): void {
    this.socket.write(encodeFrame(type, payload, true));
  }

  /** The next frame. @throws {Error} when the conversation is over before */
  async next(): Promise<Frame> {
    await this.#until(() => this.#frames.length > 0);
    const frame = this.#frames.shift();
    if (frame === undefined) throw new Error(`no frame came; ${this.error?.message ?? "the connection ended"}`);
    return frame;
  }

  /** Resolves when the connection is over, one way or another. */
  async over(): Promise<void> {
    await this.#until(() => this.ended || this.error !== undefined);
  }

  #onData(chunk: Buffer): void {
    if (this.head !== "") this.#frames.push(...this.#reader.push(chunk));
    else {
      this.#text += chunk.toString("latin1");
      const end = this.#text.indexOf("\r\n\r\n");
      if (end === -1) return;
      this.head = this.#text.slice(0, end);
      const rest = Buffer.from(this.#text.slice(end + 4), "latin1");
      if (this.status === 101) this.#frames.push(...this.#reader.push(rest));
    }
    this.#wake?.();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.socket.destroyed && !(this.ended && !holds())) {
      await new Promise<void>((resolve) => void (this.#wake = resolve));
    }
  }
}
