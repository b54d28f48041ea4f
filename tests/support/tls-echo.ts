// An HTTPS server that tells what it saw of its client, as a process on Node: Bun's server tells no client certificate.

import { spawn } from "node:child_process";
import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import type { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { projectRoot } from "./runtimes.ts";
import type { KeyPairText } from "./private-authority.ts";

/** What the server says of a request. */
export interface Seen {
  /** Common name of the client's certificate; empty: none. */
  readonly client: string;
  readonly authorized: boolean;
  readonly serverName: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Of the client's end of the connection. */
  readonly port: number;
  /** Requests seen under this path, this one counted. */
  readonly count: number;
}

interface Setup {
  readonly server: KeyPairText;
  readonly clientAuthority: string;
}

/** A server in another process. */
export interface TlsEcho {
  readonly url: string;
  /** The same without TLS. */
  readonly plainUrl: string;
  /** An HTTP proxy that understands CONNECT only, and wants `user:secret` when the path of the test says so. */
  readonly proxyUrl: string;
  stop(): Promise<void>;
}

/** Starts it. The caller stops it. */
export async function startTlsEcho(server: KeyPairText, clientAuthority: string): Promise<TlsEcho> {
  const script = fileURLToPath(import.meta.url);
  const child = spawn(`${projectRoot}node_modules/node24/bin/node`, [script, "serve"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const setup: Setup = { server, clientAuthority };
  child.stdin.end(JSON.stringify(setup));
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const [secure, plain, proxy] = JSON.parse(String(value));
  return {
    url: `https://127.0.0.1:${secure}`,
    plainUrl: `http://127.0.0.1:${plain}`,
    proxyUrl: `http://127.0.0.1:${proxy}`,
    stop: async () => {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

/** How paths answer; any other tells what was seen. */
const SPECIAL: Readonly<Record<string, (response: http.ServerResponse) => void>> = {
  "/never": () => {},
  "/empty": (response) => response.writeHead(204).end(),
  "/forbidden": (response) => response.writeHead(403).end("no"),
  "/moved": (response) => response.writeHead(302, { location: "/elsewhere" }).end(),
  "/stream": (response) => {
    response.writeHead(200);
    response.write("first\n");
  },
  "/large": (response) => response.end("x".repeat(8 * 1024 * 1024)),
  "/cut": (response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("some of it", () => response.socket?.destroy());
  },
  "/cut-zipped": (response) => {
    response.writeHead(200, { "content-encoding": "gzip" });
    response.write(gzipSync("x".repeat(100)).subarray(0, 15), () => response.socket?.destroy());
  },
  "/zipped": (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("whole")),
};

const counts = new Map<string, number>();

async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const path = request.url ?? "/";
  const count = (counts.get(path) ?? 0) + 1;
  counts.set(path, count);
  const special = SPECIAL[path];
  if (special !== undefined) return special(response);
  let body = "";
  for await (const chunk of request) body += chunk;
  const socket = request.socket;
  const isTls = "getPeerCertificate" in socket;
  const tls = socket as TLSSocket;
  const seen: Seen = {
    client: isTls ? String(tls.getPeerCertificate().subject?.CN ?? "") : "",
    authorized: isTls && tls.authorized,
    serverName: isTls ? String((tls as { servername?: string | false }).servername || "") : "",
    method: request.method ?? "",
    headers: request.headers as Record<string, string>,
    body,
    port: socket.remotePort ?? 0,
    count,
  };
  response.end(JSON.stringify(seen), () => {
    // The server lets the connection go without saying so in time, as one that restarts.
    if (path === "/dies-idle") setImmediate(() => socket.destroy());
  });
}

function tunnel(request: http.IncomingMessage, socket: NodeJS.WritableStream & NodeJS.ReadableStream): void {
  const wanted = `Basic ${Buffer.from("user:secret").toString("base64")}`;
  const given = request.headers["proxy-authorization"];
  if (given !== undefined && given !== wanted) {
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    return;
  }
  const [host = "", port = ""] = (request.url ?? "").split(":");
  const upstream = connect(Number(port), host, () => {
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on("error", () => socket.end());
  socket.on("error", () => upstream.destroy());
}

async function serve(): Promise<void> {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  const { server, clientAuthority }: Setup = JSON.parse(text);
  const options = { ...server, ca: clientAuthority, requestCert: true, rejectUnauthorized: false };
  const handler = (request: http.IncomingMessage, response: http.ServerResponse) => void answer(request, response);
  const proxy = http.createServer().on("connect", tunnel);
  const servers = [https.createServer(options, handler), http.createServer(handler), proxy];
  const ports: number[] = [];
  for (const each of servers) {
    each.listen(0, "127.0.0.1");
    await once(each, "listening");
    ports.push((each.address() as AddressInfo).port);
  }
  process.stdout.write(`${JSON.stringify(ports)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === "serve") await serve();
