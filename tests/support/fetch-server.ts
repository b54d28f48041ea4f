// A fetch handler behind node:http, for tests that need a real port and no server of weir's own.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { TLSSocket } from "node:tls";

/** An open server. */
export interface FetchServer {
  readonly url: string;
  readonly port: number;
  /** Stops at once; open connections are cut. */
  close(): Promise<void>;
}

/**
 * Serves a fetch handler on a loopback port. Answers are streamed; a client that leaves aborts its request.
 * @param port default: a free one
 */
export async function serveFetch(
  handler: (request: Request) => Promise<Response> | Response,
  port = 0,
): Promise<FetchServer> {
  const server = createServer((incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch(() => outgoing.destroy());
  });
  return await listening(server, "http", port);
}

/** Who a client's certificate speaks of. */
export interface CertificateSubject {
  readonly name: string;
  readonly groups: readonly string[];
}

/** What a server with TLS needs; texts in PEM. */
export interface SecureOptions {
  readonly cert: string;
  readonly key: string;
  /** Signs the certificates of clients. */
  readonly clientCa: string;
}

/** The same with TLS; the handler is told whose certificate a client showed. */
export async function serveSecureFetch(
  handler: (request: Request, subject: CertificateSubject | undefined) => Promise<Response> | Response,
  { cert, key, clientCa }: SecureOptions,
): Promise<FetchServer> {
  const options = { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: false };
  const server = createSecureServer(options, (incoming, outgoing) => {
    const subject = subjectOf(incoming.socket);
    answer((request) => handler(request, subject), incoming, outgoing).catch(() => outgoing.destroy());
  });
  return await listening(server, "https");
}

function subjectOf(socket: unknown): CertificateSubject | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { CN, O } = socket.getPeerCertificate().subject;
  return { name: String(CN), groups: [O ?? []].flat() };
}

async function listening(server: Server, scheme: string, wanted = 0): Promise<FetchServer> {
  await new Promise<void>((resolve) => server.listen(wanted, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  handler: (request: Request) => Promise<Response> | Response,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  outgoing.on("close", () => abort.abort());
  const response = await handler(await toRequest(incoming, abort.signal));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  for await (const chunk of response.body) {
    if (outgoing.destroyed) break;
    outgoing.write(chunk);
  }
  outgoing.end();
}

async function toRequest(incoming: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  const body = chunks.length === 0 ? null : Buffer.concat(chunks);
  const method = incoming.method ?? "GET";
  return new Request(`http://${incoming.headers.host ?? "localhost"}${incoming.url ?? "/"}`, {
    method,
    headers,
    body,
    signal,
  });
}
