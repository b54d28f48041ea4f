// Raw TCP for tests: servers that do as their script says, and clients that remember what they got.

import { connect, createServer, type Server, type Socket } from "node:net";

/** A listening server of a test. */
export interface RawServer {
  readonly port: number;
  /** Connections there are. */
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** Starts a server; each connection may be half closed. */
export async function startRaw(serve: (socket: Socket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    sockets,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

const PATIENCE_MS = 15_000;

/** One connection of a test. */
export class RawClient {
  text = "";
  /** The server sent FIN. */
  ended = false;
  /** `end`, or the code of an error. */
  over: string | undefined = undefined;
  readonly socket: Socket;
  readonly #watchers = new Set<() => void>();

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const tell = (): void => {
      for (const watcher of this.#watchers) watcher();
    };
    this.socket.on("data", (chunk) => {
      this.text += chunk.toString("latin1");
      tell();
    });
    this.socket.on("end", () => {
      this.ended = true;
      tell();
    });
    this.socket.on("error", (error: Error & { code?: string }) => {
      this.over = error.code ?? error.message;
      tell();
    });
    this.socket.on("close", () => {
      this.over ??= "end";
      tell();
    });
  }

  /** Resolves when the condition holds. @throws {Error} when it does not in time */
  until(holds: (client: this) => boolean): Promise<this> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        if (error === undefined) resolve(this);
        else reject(error);
      };
      const look = (): void => {
        if (holds(this)) finish();
      };
      const state = (): string => `${JSON.stringify(this.text.slice(0, 200))}, ended ${this.ended}, over ${this.over}`;
      const timer = setTimeout(
        () => finish(new Error(`it did not come about: ${String(holds)}; ${state()}`)),
        PATIENCE_MS,
      );
      this.#watchers.add(look);
      look();
    });
  }
}
