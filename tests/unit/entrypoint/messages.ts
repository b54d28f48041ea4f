// Requests, handlers and answers that the tests of client connections share.

import { BytesBody, PushBody, readWhole } from "../../../src/http/body.ts";
import type { Handler } from "../../../src/http/handler.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyResponse } from "../../../src/http/response.ts";
import { fromLatin1, toLatin1 } from "../../../src/net/bytes.ts";
import type { Peer } from "../../support/memory-connection.ts";
import type { WireBench } from "./wire-bench.ts";
import { message, settled } from "./wire-bench.ts";

/** Answers with what it was sent: request line, then body. */
export const echo: Handler = async (request) => {
  const body = request.body === undefined ? new Uint8Array() : await readWhole(request.body, 1 << 20);
  return text(`${request.method} ${request.path}${request.search} ${toLatin1(body ?? new Uint8Array())}`);
};

/** An answer whose body is in memory. */
export function text(content: string, status = 200): ProxyResponse {
  return new ProxyResponse(status, new HeaderList(), new BytesBody(fromLatin1(content)));
}

/** How such an answer looks to a client. */
export function answerOf(content: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n${content}`;
}

/** A body whose bytes the test pushes. */
export function fed(length?: number): { body: PushBody; calls: string[] } {
  const calls: string[] = [];
  const owner = {
    pauseBody: () => void calls.push("pause"),
    resumeBody: () => void calls.push("resume"),
    cancelBody: () => void calls.push("cancel"),
  };
  return { body: new PushBody(length, owner), calls };
}

/** An answer with that body. */
export function streamed(body: PushBody): ProxyResponse {
  return new ProxyResponse(200, new HeaderList(), body);
}

/** A client that has sent these pieces, when everything they set off has happened. */
export async function exchange(bench: WireBench, ...pieces: readonly string[]): Promise<Peer> {
  const client = bench.connect();
  client.send(...pieces);
  await settled();
  return client;
}

/** A request with a body of known length. */
export const post = message("POST /p HTTP/1.1", "Host: a.test", "Content-Length: 5") + "hello";
/** A request with a chunked body, an extension and a trailer. */
export const chunkedPost = message("POST /c HTTP/1.1", "Host: a.test", "Transfer-Encoding: chunked") +
  "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n";
