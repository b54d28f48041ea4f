// A server that swallows whatever it is sent, as a process of its own: `node sink.ts PORT`. It answers GET with 200.

import { createServer } from "node:net";
import process from "node:process";

const READY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

createServer((socket) => {
  socket.on("error", () => {}); // the loader goes without a goodbye
  socket.once("data", (first) => {
    if (first.toString("latin1", 0, 4) === "GET ") socket.end(READY);
    else socket.resume();
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
