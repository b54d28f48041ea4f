// Idle keep-alive connections: opened, asked once, and left alone.

import { connect, type Socket } from "node:net";

/** Connections that rest after one answered request. */
export interface IdleCrowd {
  readonly failed: number;
  close(): void;
}

const AT_ONCE = 50; // openings in flight: below every listener's backlog
const ANSWER_MS = 10_000;

/**
 * @param port the proxy's, on 127.0.0.1
 * @param host what the one request names
 * @param path what the one request asks for
 * @param count connections
 */
export async function openIdle(port: number, host: string, path: string, count: number): Promise<IdleCrowd> {
  const sockets: Socket[] = [];
  const text = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  let failed = 0;
  for (let opened = 0; opened < count; opened += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - opened) }, () => askOnce(port, text));
    for (const socket of await Promise.all(batch)) {
      if (socket === undefined) failed++;
      else sockets.push(socket);
    }
  }
  return { failed, close: () => sockets.forEach((socket) => socket.destroy()) };
}

/** @returns the open connection after a whole answer of 200; undefined when it failed */
function askOnce(port: number, text: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let answer = "";
    const finish = (result: Socket | undefined) => {
      socket.setTimeout(0);
      if (result === undefined) socket.destroy();
      resolve(result);
    };
    socket.setTimeout(ANSWER_MS, () => finish(undefined));
    socket.on("error", () => finish(undefined));
    socket.on("close", () => finish(undefined));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (isWhole(answer)) finish(answer.startsWith("HTTP/1.1 200") ? socket : undefined);
    });
    socket.write(text);
  });
}

/** @returns whether an answer with Content-Length or a final chunk has arrived in full */
function isWhole(answer: string): boolean {
  const end = answer.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const length = answer.slice(0, end).match(/^content-length: *(\d+)/im)?.[1];
  return length === undefined ? answer.endsWith("0\r\n\r\n") : answer.length >= end + 4 + Number(length);
}
