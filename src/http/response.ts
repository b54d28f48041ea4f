// An answer on its way to the client, with the member names of `Response`.

import type { Body } from "./body.ts";
import { BytesBody, StreamBody } from "./body.ts";
import { HeaderList } from "./header-list.ts";

/** What a handler answers: status, headers and an optional body. Middlewares change it in place. */
export class ProxyResponse {
  /** 200 to 999. */
  status: number;
  /** Reason phrase; empty: the standard one is written. */
  statusText: string;
  readonly headers: HeaderList;
  /** No `content-length` or `transfer-encoding` in `headers` decides framing: it follows from this. */
  body: Body | undefined;

  constructor(status: number, headers: HeaderList, body?: Body) {
    this.status = status;
    this.statusText = "";
    this.headers = headers;
    this.body = body;
  }
}

const encoder = new TextEncoder();

/** A short answer of weir's own, in the form Traefik's are: plain text, `nosniff`. */
export function textResponse(status: number, text: string): ProxyResponse {
  const headers = HeaderList.of(["Content-Type", "text/plain; charset=utf-8"], ["X-Content-Type-Options", "nosniff"]);
  return new ProxyResponse(status, headers, new BytesBody(encoder.encode(text)));
}

/** Turns a real `Response`, of a Hono app for instance, into an answer. */
export function fromResponse(response: Response): ProxyResponse {
  const headers = new HeaderList();
  for (const [name, value] of response.headers) headers.append(name, value);
  const length = response.headers.get("content-length");
  const body = response.body === null
    ? undefined
    : new StreamBody(response.body, length === null ? undefined : Number(length));
  const answer = new ProxyResponse(response.status, headers, body);
  answer.statusText = response.statusText;
  return answer;
}
