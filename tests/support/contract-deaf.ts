// A child process that listens with the shortest backlog and then stops itself: whoever dials it waits for ever.

import { createServer } from "node:net";
import process from "node:process";

const server = createServer().listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" && address !== null ? address.port : 0}\n`, () => {
    process.kill(process.pid, "SIGSTOP");
  });
});
