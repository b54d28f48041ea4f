// A child process that does what its first argument says, for the contract of signals, errors, output and descriptors.

import type { Connection } from "../../src/net/connection.ts";
import type { Signal } from "../../src/net/runtime.ts";
import { runtime } from "#runtime";

const [task = "", ...rest] = runtime.args;

const TASKS: Readonly<Record<string, () => void | Promise<void>>> = {
  facts: () => {
    const { name, version, args, pid, hostname, fileLimit } = runtime;
    const rss = runtime.residentBytes();
    const own = runtime.env["WEIR_CONTRACT"];
    runtime.stdout(`${JSON.stringify({ name, version, args, pid, hostname, fileLimit, rss, own })}\n`);
  },

  signal: () => {
    const signal = toSignal(rest[0]);
    const keep = setInterval(() => {}, 1000);
    const stop = runtime.onSignal(signal, () => {
      runtime.stdout(`got ${signal}\n`);
      stop();
      clearInterval(keep);
    });
    runtime.stdout("ready\n");
  },

  uncaught: () => {
    runtime.onUncaught((error) => runtime.stdout(`caught ${error instanceof Error ? error.message : error}\n`));
    setTimeout(() => {
      throw new Error("thrown");
    }, 0);
    void Promise.reject(new Error("rejected"));
    setTimeout(() => runtime.stdout("alive\n"), 50);
  },

  // An error thrown inside a connection's handler is one connection's, and the process goes on.
  handler: async () => {
    runtime.onUncaught((error) => runtime.stdout(`caught ${error instanceof Error ? error.message : error}\n`));
    const listener = await runtime.listen({ host: "127.0.0.1", port: 0 }, (connection) => {
      connection.handle({
        data: (chunk) => {
          if (chunk.length === 5) throw new Error("from data");
          connection.write(chunk);
        },
        drain: () => {},
        end: () => connection.end(),
        close: () => {},
      });
    });
    runtime.stdout(`${listener.port}\n`);
  },

  stdin: async () => {
    const text = await runtime.readStdin();
    runtime.stdout(`${JSON.stringify({ length: text.length, end: text.slice(-3) })}\n`);
  },

  output: () => {
    runtime.stdout(`${"x".repeat(1_000_000)}\n`);
    runtime.stderr("error\n");
    runtime.exit(3);
  },

  descriptors: async () => {
    const held: Connection[] = [];
    const listener = await runtime.listen({ host: "127.0.0.1", port: 0 }, (connection) => {
      held.push(connection);
      connection.handle({
        data: (chunk) => void connection.write(chunk),
        drain: () => {},
        end: () => connection.end(),
        close: () => {},
      });
    });
    runtime.onSignal("SIGHUP", () => runtime.stdout(`cpu ${cpuMillis()}\n`));
    runtime.stdout(`${listener.port}\n`);
  },
};

function toSignal(name: string | undefined): Signal {
  const known: readonly Signal[] = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"];
  return known.find((one) => one === name) ?? "SIGTERM";
}

function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1000);
}

await TASKS[task]?.();
