// Backends over TLS and HTTP/2 that tell what they saw, for tests that run on Node.

import { once } from "node:events";
import * as http from "node:http";
import * as http2 from "node:http2";
import * as https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { SecureContextOptions, TLSSocket } from "node:tls";
import type { KeyPairText } from "./private-authority.ts";

/** What a backend says of a request. */
export interface SeenByBackend {
  readonly name: string;
  readonly version: string;
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly body: string;
  /** Empty: none was asked for. */
  readonly serverName: string;
  readonly alpn: string;
  /** Common name of weir's certificate; empty: it showed none. */
  readonly client: string;
  /** Of weir's end of the connection. */
  readonly port: number;
}

/** How a backend speaks. */
export interface BackendOptions {
  readonly name?: string;
  /** Default: in the clear. */
  readonly identity?: KeyPairText;
  /** Default: HTTP/1.1 alone. `both`: the client may choose, over TLS. */
  readonly speaks?: "h1" | "h2" | "both";
  /** Refuses clients without a certificate of this authority. */
  readonly clientCa?: string;
  readonly tls?: SecureContextOptions;
  /** `grpc.health.v1` status it answers checks with; a function may change its mind. */
  readonly health?: () => number;
}

/** A running backend. */
export interface SecureBackend {
  readonly port: number;
  /** Connections accepted so far; over TLS those whose handshake succeeded. */
  readonly connections: number;
  /** Requests so far, without health checks. */
  readonly requests: number;
  /** Resolves when a connection closes that is open now. */
  closes(): Promise<void>;
  /** From the next handshake on. */
  show(identity: KeyPairText): void;
  stop(): Promise<void>;
}

type Answer = http.ServerResponse | http2.Http2ServerResponse;
type Asked = http.IncomingMessage | http2.Http2ServerRequest;

/** Starts it on a free port. The caller stops it. */
export async function startBackend(options: BackendOptions = {}): Promise<SecureBackend> {
  const { identity, speaks = "h1", clientCa, tls } = options;
  const counts = { connections: 0, requests: 0 };
  const handler = (request: Asked, answer: Answer): void => void respond(request, answer, options, counts);
  const secure = {
    ...identity,
    ...tls,
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  };
  const server = createServer(identity === undefined ? undefined : secure, speaks, handler);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    if (identity === undefined) counts.connections++;
  });
  server.on("secureConnection", () => counts.connections++);
  server.on("tlsClientError", () => undefined);
  server.on("sessionError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get connections() {
      return counts.connections;
    },
    get requests() {
      return counts.requests;
    },
    closes: () => Promise.race([...sockets].map((socket) => once(socket, "close"))).then(() => undefined),
    show: (next) => {
      if ("setSecureContext" in server) (server as https.Server).setSecureContext({ ...secure, ...next });
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function createServer(
  secure: https.ServerOptions | undefined,
  speaks: "h1" | "h2" | "both",
  handler: (request: Asked, answer: Answer) => void,
): http.Server | https.Server | http2.Http2Server | http2.Http2SecureServer {
  if (secure === undefined) return speaks === "h1" ? http.createServer(handler) : http2.createServer(handler);
  if (speaks === "h1") return https.createServer(secure, handler);
  return http2.createSecureServer({ ...secure, allowHTTP1: speaks === "both" }, handler);
}

async function respond(
  request: Asked,
  answer: Answer,
  { name = "", health }: BackendOptions,
  counts: { requests: number },
): Promise<void> {
  if (request.url === "/grpc.health.v1.Health/Check") return answerHealth(request, answer, health?.() ?? 1);
  counts.requests++;
  let body = "";
  request.setEncoding("latin1");
  for await (const chunk of request) body += String(chunk);
  const { headers } = request;
  const seen: SeenByBackend = {
    name,
    version: request.httpVersion,
    method: request.method ?? "",
    url: request.url ?? "",
    host: String(headers[":authority"] ?? headers.host ?? ""),
    body,
    ...describe(request.socket as TLSSocket),
  };
  answer.end(JSON.stringify(seen));
}

function describe(socket: TLSSocket): Pick<SeenByBackend, "serverName" | "alpn" | "client" | "port"> {
  const { remotePort: port = 0 } = socket;
  if (!("getPeerCertificate" in socket)) return { serverName: "", alpn: "", client: "", port };
  const { servername, alpnProtocol } = socket as TLSSocket & { readonly servername?: string | false };
  const subject = socket.getPeerCertificate().subject;
  return {
    serverName: servername === undefined || servername === false ? "" : servername,
    alpn: alpnProtocol || "",
    client: String(subject?.CN ?? ""),
    port,
  };
}

/** A HealthCheckResponse, and a status behind it. */
function answerHealth(request: Asked, answer: Answer, status: number): void {
  request.resume();
  if (!("stream" in answer)) {
    answer.statusCode = 415;
    answer.end();
    return;
  }
  answer.setHeader("content-type", "application/grpc");
  answer.addTrailers({ "grpc-status": "0" });
  answer.end(new Uint8Array([0, 0, 0, 0, 2, 8, status]));
}
