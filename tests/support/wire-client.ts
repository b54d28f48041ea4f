// A client that speaks HTTP/1.1 on a raw socket and tells a whole answer from one that was cut off.

import { once } from "node:events";
import { connect, type Socket } from "node:net";

/**
 * How an answer ended. `whole`: by its own framing, or by FIN where only that can tell; `cut`: FIN before that;
 * `reset`: the connection broke with an error.
 */
export type Ending = "whole" | "cut" | "reset";

/** An answer, as far as it came. */
export interface Answer {
  /** 0: no head came. */
  readonly status: number;
  readonly head: string;
  /** Without framing. */
  readonly body: Buffer;
  readonly ending: Ending;
}

const HEAD_END = "\r\n\r\n";

/** One connection; answers come in the order of the requests. */
export class WireClient {
  readonly socket: Socket;
  #input: Buffer = Buffer.alloc(0);
  #ending: Ending | undefined = undefined;
  readonly #waiting: { readonly parser: AnswerParser; readonly resolve: (answer: Answer) => void }[] = [];
  /** Bytes nobody waited for. */
  surplus = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
      this.#parse();
    });
    socket.on("error", () => this.#end("reset"));
    socket.on("end", () => this.#end("cut"));
    socket.on("close", () => this.#end("cut"));
  }

  /** Connects to a loopback port. */
  static async open(port: number): Promise<WireClient> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    await once(socket, "connect");
    return new WireClient(socket);
  }

  /** False once the peer has ended the connection. */
  get isOpen(): boolean {
    return this.#ending === undefined;
  }

  /** Sends bytes and waits for the next answer. */
  send(bytes: string | Uint8Array, method = "GET"): Promise<Answer> {
    if (typeof bytes === "string") this.socket.write(bytes, "latin1");
    else this.socket.write(bytes);
    return this.next(method);
  }

  /** Waits for an answer that was asked for already. */
  next(method = "GET"): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.push({ parser: new AnswerParser(method), resolve });
      this.#parse();
    });
  }

  /** Drops the connection. */
  close(): void {
    this.socket.destroy();
  }

  #end(ending: Ending): void {
    this.#ending ??= ending;
    this.#parse();
    if (ending === "cut") this.socket.end();
  }

  #parse(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { parser, resolve } = first;
      this.#input = parser.push(this.#input);
      const ending = parser.isWhole ? "whole" : this.#endOf(parser);
      if (ending === undefined) return;
      this.#waiting.shift();
      resolve({ status: parser.status, head: parser.head, body: Buffer.concat(parser.chunks), ending });
    }
    this.surplus += this.#input.length;
    this.#input = Buffer.alloc(0);
  }

  #endOf(parser: AnswerParser): Ending | undefined {
    return this.#ending === "cut" && parser.endsWithConnection ? "whole" : this.#ending;
  }
}

/** Takes one answer out of a stream of bytes; interim answers are skipped. */
class AnswerParser {
  status = 0;
  head = "";
  readonly chunks: Buffer[] = [];
  isWhole = false;
  endsWithConnection = false;
  readonly #method: string;
  #isChunked = false;
  /** Bytes of the body, or of the current chunk with its CRLF, still to come; -1: a chunk's size line is next. */
  #owed = 0;

  constructor(method: string) {
    this.#method = method;
  }

  /** @returns what it did not take */
  push(input: Buffer): Buffer {
    let rest = input;
    while (!this.isWhole) {
      const before = rest.length;
      const knew = this.head;
      rest = this.head === "" ? this.#readHead(rest) : this.#readBody(rest);
      if (rest.length === before && knew === this.head) return rest;
    }
    return rest;
  }

  #readHead(input: Buffer): Buffer {
    const end = input.indexOf(HEAD_END);
    if (end === -1) return input;
    const head = input.subarray(0, end).toString("latin1");
    const rest = input.subarray(end + HEAD_END.length);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
    if (status >= 100 && status < 200) return rest;
    this.head = head;
    this.status = status;
    this.#readFraming();
    return rest;
  }

  #readFraming(): void {
    const length = /^content-length: *(\d+)/im.exec(this.head)?.[1];
    this.#isChunked = /^transfer-encoding: *chunked/im.test(this.head);
    if (this.#method === "HEAD" || this.status === 204 || this.status === 304) this.isWhole = true;
    else if (this.#isChunked) this.#owed = -1;
    else if (length === undefined) this.endsWithConnection = true;
    else this.#owed = Number(length);
    if (length !== undefined && this.#owed === 0) this.isWhole = true;
  }

  #readBody(input: Buffer): Buffer {
    if (this.endsWithConnection) {
      if (input.length > 0) this.chunks.push(input);
      return Buffer.alloc(0);
    }
    if (this.#isChunked && this.#owed === -1) return this.#readChunkSize(input);
    const taken = input.subarray(0, this.#owed);
    this.#owed -= taken.length;
    const data = this.#isChunked ? taken.subarray(0, Math.max(0, taken.length + Math.min(0, this.#owed - 2))) : taken;
    if (data.length > 0) this.chunks.push(data);
    if (this.#owed === 0) {
      if (this.#isChunked) this.#owed = -1;
      else this.isWhole = true;
    }
    return input.subarray(taken.length);
  }

  #readChunkSize(input: Buffer): Buffer {
    const end = input.indexOf("\r\n");
    if (end === -1) return input;
    const size = Number.parseInt(input.subarray(0, end).toString("latin1"), 16);
    if (size > 0) {
      this.#owed = size + 2;
      return input.subarray(end + 2);
    }
    if (input.length < end + 4) return input;
    this.isWhole = true;
    return input.subarray(end + 4);
  }
}

/** Sends one request on a connection of its own. */
export async function ask(port: number, request: string, method = "GET"): Promise<Answer> {
  const client = await WireClient.open(port);
  const answer = await client.send(request, method);
  client.close();
  return answer;
}

/** The text of a request without a body. */
export function get(host: string, path = "/", lines = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n`;
}

/** The text of a request with a body. */
export function post(host: string, body: string, lines = ""): string {
  return `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n${lines}\r\n${body}`;
}

/** A client that keeps its connection and opens another one when the server ended it. */
export class SteadyClient {
  readonly #port: number;
  #client: WireClient | undefined = undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a request, on the open connection where there is one. */
  async send(request: string, method = "GET"): Promise<Answer> {
    if (this.#client?.isOpen !== true) this.#client = await WireClient.open(this.#port);
    return await this.#client.send(request, method);
  }

  /** Drops the connection. */
  close(): void {
    this.#client?.close();
  }
}
