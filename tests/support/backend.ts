// A backend for tests that speaks HTTP/1.1 on a raw socket and remembers every byte it was sent.

import { createServer, type Server, type Socket } from "node:net";

/** A listening backend. */
export interface Backend {
  readonly port: number;
  /** Bytes received so far, over all connections. */
  readonly bytes: () => number;
  /** Heads received so far. */
  readonly heads: () => readonly string[];
  close(): Promise<void>;
}

/** Answers each complete head with a fixed answer; bodies are read and ignored. */
export async function startBackend(answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"): Promise<Backend> {
  let bytes = 0;
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      text += chunk.toString("latin1");
      for (let end = text.indexOf("\r\n\r\n"); end !== -1; end = text.indexOf("\r\n\r\n")) {
        const head = text.slice(0, end);
        const body = bodyEnd(head, text, end + 4);
        if (body === undefined) return;
        heads.push(head);
        text = text.slice(body);
        socket.write(head.startsWith("HEAD ") ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" : answer);
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    bytes: () => bytes,
    heads: () => heads,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Where the body of a request ends in `text`, or undefined while it isn't complete. */
function bodyEnd(head: string, text: string, start: number): number | undefined {
  const length = /^content-length: *(\d+)/im.exec(head);
  if (length !== null) {
    const end = start + Number(length[1]);
    return text.length >= end ? end : undefined;
  }
  if (!/^transfer-encoding:/im.test(head)) return start;
  const last = text.indexOf("0\r\n\r\n", start);
  return last === -1 ? undefined : last + 5;
}
