// A client that writes HTTP/2 frames by hand over a socket, and waits for those that come back.

import { connect, type Socket } from "node:net";
import {
  ACK,
  BlockReader,
  bytes,
  cutFrames,
  END_STREAM,
  frame,
  type H2Frame,
  type,
  windowUpdate,
} from "./h2-frames.ts";

const PATIENCE_MS = 10_000;

/** What came back on one stream. */
export interface H2Answer {
  /** `:status`, or 0 when the stream was reset before. */
  readonly status: number;
  readonly fields: readonly string[];
  readonly trailers: readonly string[];
  readonly body: string;
  /** Code of an RST_STREAM; undefined: the stream ended well. */
  readonly reset: number | undefined;
}

/** One connection. SETTINGS are acknowledged, and the window of the connection is given back, by itself; nothing else is. */
export class H2Client {
  /** All frames so far, in order; never cut. */
  readonly frames: H2Frame[] = [];
  /** The peer closed the connection. */
  closed = false;
  readonly #socket: Socket;
  readonly #blocks = new BlockReader();
  readonly #fields = new Map<H2Frame, readonly string[]>();
  #rest: Uint8Array = new Uint8Array(0);
  #listeners = new Set<() => void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    socket.on("error", () => undefined); // `close` follows, and tells all that tests ask for
    socket.on("close", () => {
      this.closed = true;
      this.#tell();
    });
  }

  /** Connects; says nothing yet. */
  static open(port: number, host = "127.0.0.1"): Promise<H2Client> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host, () => resolve(new H2Client(socket)));
      socket.once("error", reject);
    });
  }

  /** A client over a socket that is open already: a TLS one, for instance. */
  static over(socket: Socket): H2Client {
    return new H2Client(socket);
  }

  /** Sends bytes: frames, or parts of them. */
  send(...parts: readonly Uint8Array[]): void {
    this.#socket.write(bytes(...parts));
  }

  /** Waits until all that was sent has left this process. */
  sent(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) resolve();
      else this.#socket.write("", () => resolve());
    });
  }

  /** Waits for the first frame that fits, also among those that are here already. */
  async find(fits: (found: H2Frame) => boolean, what = "a frame"): Promise<H2Frame> {
    await this.until(() => this.frames.some(fits) || this.closed, what);
    const found = this.frames.find(fits);
    if (found === undefined) throw new TypeError(`the connection was closed before ${what} came`);
    return found;
  }

  /** Waits for the whole answer on a stream. */
  async answer(stream: number): Promise<H2Answer> {
    const isLast = (found: H2Frame) =>
      found.stream === stream && (found.type === type.reset || (isMessage(found) && (found.flags & END_STREAM) !== 0));
    await this.find(isLast, `the end of stream ${stream}`);
    const mine = this.frames.filter((found) => found.stream === stream);
    const heads = mine.filter((found) => found.type === type.headers).map((found) => this.#fields.get(found) ?? []);
    const finals = heads.filter((fields) => !fields.some((field) => field.startsWith(":status: 1")));
    const resetFrame = mine.find((found) => found.type === type.reset);
    const fields = finals[0] ?? [];
    const status = fields.find((field) => field.startsWith(":status: "))?.slice(9) ?? "0";
    const body = Buffer.concat(mine.filter((found) => found.type === type.data).map(({ payload }) => payload));
    const code = resetFrame === undefined ? undefined : new DataView(resetFrame.payload.buffer).getUint32(0);
    const isWhole = mine.some((found) => isMessage(found) && (found.flags & END_STREAM) !== 0);
    return {
      status: Number(status),
      fields,
      trailers: finals[1] ?? [],
      body: body.toString("latin1"),
      reset: isWhole ? undefined : code,
    };
  }

  /** Waits until `is` becomes true; it is asked again whenever something comes. */
  until(is: () => boolean, what = "it", patienceMs = PATIENCE_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(look);
        reject(new TypeError(`waited too long for ${what}`));
      }, patienceMs);
      const look = () => {
        if (!is()) return;
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
    });
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Uint8Array): void {
    const { frames, rest } = cutFrames(bytes(this.#rest, chunk));
    this.#rest = rest;
    for (const found of frames) {
      this.frames.push(found);
      if (found.type === type.headers) this.#fields.set(found, this.#blocks.read(found.payload));
      if (found.type === type.settings && (found.flags & ACK) === 0) this.send(frame(type.settings, ACK, 0));
      if (found.type === type.data && found.payload.length > 0) this.send(windowUpdate(0, found.payload.length));
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function isMessage(found: H2Frame): boolean {
  return found.type === type.data || found.type === type.headers;
}
