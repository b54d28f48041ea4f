// Between a fetch handler's Request and Response and weir's own: what a listener's codec does, for servers of others.

import { StreamBody } from "../http/body.ts";
import { ForwardedHeaders } from "../http/forwarded.ts";
import { HeaderList } from "../http/header-list.ts";
import { headerName, role } from "../http/header-name.ts";
import { canonicalPath } from "../http/path.ts";
import { ProxyRequest } from "../http/request.ts";
import type { ProxyResponse } from "../http/response.ts";
import { connectionTokens } from "../http1/framing.ts";
import { checkHost } from "../http1/target.ts";
import type { Address } from "../net/connection.ts";
import { ProxyError } from "../net/error.ts";

/** Where a Request came in. */
export interface FetchOrigin {
  readonly entryPoint: string;
  /** The client's address; undefined: nobody knows, and so nobody is told. */
  readonly remote: Address | undefined;
  /** Believes the request's own `X-Forwarded-*` and the like. */
  readonly trusted: boolean;
}

const SERVER_NAME = "weir";
const LAST_STATUS = 599; // of those that Response takes
const CLIENT_CLOSED = 499;
const unknownAddress: Address = { ip: "", port: 0 };
const nullBodies: ReadonlySet<number> = new Set([204, 205, 304]);
const perHop = role.hopByHop | role.host | role.contentLength | role.expect;

/**
 * The canonical request. The URL's host is its authority, whatever the Host header says: the server that made the
 * Request has decided, and rules and backends must see the same.
 * @throws {ProxyError} 400
 */
export function fromRequest(request: Request, { entryPoint, remote, trusted }: FetchOrigin): ProxyRequest {
  const url = new URL(request.url);
  const path = canonicalPath(url.pathname);
  if (path === undefined) throw badRequest("the path has a broken percent-encoding");
  checkHost(url.host);
  const secure = url.protocol === "https:";
  const inner = new ProxyRequest({
    method: request.method,
    scheme: secure ? "https" : "http",
    authority: url.host,
    rawTarget: url.pathname + url.search,
    path,
    search: url.search,
    protocol: "HTTP/1.1",
    headers: forwardable(request.headers, url.host, { ip: remote?.ip ?? "", secure, trusted }),
    body: request.body === null ? undefined : new StreamBody(request.body, lengthOf(request.headers)),
    remote: remote ?? unknownAddress,
    local: unknownAddress,
    entryPoint,
    tls: undefined,
    startedAt: performance.now(),
  });
  inner.appendsForwardedFor = remote !== undefined;
  followAbort(request.signal, inner);
  return inner;
}

/**
 * A real Response, whose body is read from the backend as it is consumed.
 * @throws {ProxyError} 502 for a status that Response can't have
 */
export function toResponse(answer: ProxyResponse, method: string): Response {
  const { status, statusText, body } = answer;
  if (status > LAST_STATUS) {
    body?.cancel();
    throw new ProxyError(`a fetch handler can't answer ${status}`, {
      code: "bad-status",
      source: "upstream",
      status: 502,
    });
  }
  const headers = answer.headers.toHeaders();
  const init = { status, statusText, headers };
  if (method === "HEAD" || nullBodies.has(status)) {
    body?.cancel();
    return new Response(null, init);
  }
  if (body === undefined) return new Response(null, init);
  if (body.length !== undefined) headers.set("content-length", String(body.length));
  const whole = body.takeWhole();
  return new Response(whole === undefined ? body.stream : new Uint8Array(whole), init);
}

/** What a proxy may send on: no header of the connection itself, no false claims of who asks. */
function forwardable(
  given: Headers,
  authority: string,
  peer: { readonly ip: string; readonly secure: boolean; readonly trusted: boolean },
): HeaderList {
  const nominated = connectionTokens(given.get("connection") ?? undefined);
  const headers = HeaderList.of(["Host", authority]);
  for (const [name, value] of given) {
    const { key, roles } = headerName(name);
    const isNominated = nominated.includes(key) && (roles & role.owned) === 0;
    if ((roles & perHop) === 0 && !isNominated) headers.append(name, value);
  }
  const policy = { underscore: "keep", serverName: SERVER_NAME, addSchemeHeaders: false } as const;
  new ForwardedHeaders(peer, policy).apply(headers, authority, undefined);
  headers.deleteWhere((key, value) => key === "x-real-ip" && value === "");
  return headers;
}

function followAbort(signal: AbortSignal, request: ProxyRequest): void {
  const abort = (): void =>
    request.abort(
      new ProxyError("the client is gone", { code: "client-gone", source: "downstream", status: CLIENT_CLOSED }),
    );
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
}

function lengthOf(headers: Headers): number | undefined {
  const text = headers.get("content-length");
  return text !== null && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

function badRequest(message: string): ProxyError {
  return new ProxyError(message, { code: "bad-target", source: "downstream", status: 400 });
}
