// Handlers of weir's message model behind node:http, for tests that must not depend on weir's own codec.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { BytesBody, readWhole } from "../../src/http/body.ts";
import type { Handler } from "../../src/http/handler.ts";
import { HeaderList } from "../../src/http/header-list.ts";
import { ProxyRequest } from "../../src/http/request.ts";
import type { Address } from "../../src/net/connection.ts";
import type { ProxyResponse } from "../../src/http/response.ts";

const BODY_LIMIT = 1024 * 1024;

/** Serves a handler; `close` cuts open connections. */
export async function serveHandler(
  options: { readonly host: string; readonly port: number },
  handler: Handler,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const response = await handler(await toProxyRequest(incoming));
  const body = response.body === undefined ? undefined : await readWhole(response.body, BODY_LIMIT);
  outgoing.writeHead(response.status, headersOf(response));
  outgoing.end(body);
}

function headersOf(response: ProxyResponse): string[] {
  return [...response.headers].flat();
}

async function toProxyRequest(incoming: IncomingMessage): Promise<ProxyRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const target = incoming.url ?? "/";
  const query = target.indexOf("?");
  const { remoteAddress, remotePort, localAddress, localPort } = incoming.socket;
  return new ProxyRequest({
    method: incoming.method ?? "GET",
    scheme: "http",
    authority: incoming.headers.host ?? "",
    rawTarget: target,
    path: query === -1 ? target : target.slice(0, query),
    search: query === -1 ? "" : target.slice(query),
    protocol: `HTTP/${incoming.httpVersion}`,
    headers: headerList(incoming.rawHeaders),
    body: chunks.length === 0 ? undefined : new BytesBody(new Uint8Array(Buffer.concat(chunks))),
    remote: toAddress(remoteAddress, remotePort),
    local: toAddress(localAddress, localPort),
    entryPoint: "",
    tls: undefined,
    startedAt: 0,
  });
}

function headerList(raw: readonly string[]): HeaderList {
  const headers = new HeaderList();
  for (let at = 0; at < raw.length; at += 2) headers.append(raw[at] ?? "", raw[at + 1] ?? "");
  return headers;
}

function toAddress(ip = "", port = 0): Address {
  return { ip, port };
}
