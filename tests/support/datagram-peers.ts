// UDP peers for load: an echo that tells whom it answers, strangers that come and go, and clients in a conversation.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** The peers' sockets ask for this much room for what comes while JavaScript is busy: what is lost there says nothing. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/** An address that needs no look-up is used at once, and not a turn of the event loop later. */
function lookup(host: string, _: unknown, found: (error: null, address: string, family: number) => void): void {
  found(null, host, 4);
}

/** @throws the system's error, as `EADDRINUSE` */
async function bind(ip: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: "udp4", lookup });
  try {
    const listening = once(socket, "listening");
    socket.bind({ address: ip, port, exclusive: true });
    await listening;
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** A server that answers with the port it was asked from, a space, and what it was sent. */
export interface DatagramEcho {
  readonly port: number;
  close(): void;
}

/** Starts the server on 127.0.0.1. */
export async function startDatagramEcho(): Promise<DatagramEcho> {
  const socket = await bind("127.0.0.1", 0);
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  socket.on("message", (bytes, { port, address }) => socket.send(`${port} ${bytes}`, port, address));
  return { port: socket.address().port, close: () => socket.close() };
}

/** Where a {@link Stranger} comes from, and whom it sends to. */
export interface StrangerPlan {
  readonly ip: string;
  readonly port: number;
  /** Of the proxy, on 127.0.0.1. */
  readonly target: number;
  /** Datagrams it sends, each after the answer to the one before. */
  readonly count: number;
  /** Milliseconds after which it waits for an answer no longer. */
  readonly patienceMs: number;
}

/** What became of a stranger. */
export interface StrangerStay {
  readonly answered: number;
  /** Datagrams without an answer. */
  readonly unanswered: number;
}

/** A client that nobody has seen before: it asks some times and leaves. @throws the system's error: its port is taken */
export async function sendStranger({ ip, port, target, count, patienceMs }: StrangerPlan): Promise<StrangerStay> {
  const socket = await bind(ip, port);
  let answered = 0;
  let unanswered = 0;
  await new Promise<void>((resolve) => {
    let asked = 0;
    const patience = setInterval(() => {
      unanswered++;
      next();
    }, patienceMs);
    const next = (): void => {
      if (asked === count) {
        clearInterval(patience);
        return resolve();
      }
      patience.refresh();
      socket.send(`stranger ${asked++}`, target, "127.0.0.1");
    };
    socket.on("message", (bytes) => {
      if (!String(bytes).endsWith(` stranger ${asked - 1}`)) return; // the answer was given up
      answered++;
      next();
    });
    next();
  });
  socket.close();
  return { answered, unanswered };
}

/** A client that is in a conversation all the time. */
export class Conversation {
  answered = 0;
  /** Answers from another session than the one before: the client's was ended under its hands. */
  moved = 0;
  /** The longest time until an answer, in milliseconds. */
  slowestMs = 0;
  readonly #socket: Socket;
  readonly #target: number;
  /** Questions without an answer → when they were asked. */
  readonly #open = new Map<number, number>();
  #asked = 0;
  #session: string | undefined = undefined;

  private constructor(socket: Socket, target: number) {
    this.#socket = socket;
    this.#target = target;
    socket.on("message", (bytes) => this.#hear(String(bytes)));
  }

  /** @param target the proxy's port, on 127.0.0.1 */
  static async open(target: number): Promise<Conversation> {
    return new Conversation(await bind("127.0.0.1", 0), target);
  }

  get asked(): number {
    return this.#asked;
  }

  /** Questions that have no answer yet. */
  get open(): number {
    return this.#open.size;
  }

  ask(): void {
    this.#open.set(this.#asked, performance.now());
    this.#socket.send(String(this.#asked++), this.#target, "127.0.0.1");
  }

  close(): void {
    this.#socket.close();
  }

  #hear(answer: string): void {
    const [session = "", number = ""] = answer.split(" ");
    const since = this.#open.get(Number(number));
    if (since === undefined) return;
    this.#open.delete(Number(number));
    this.answered++;
    this.slowestMs = Math.max(this.slowestMs, performance.now() - since);
    if (session !== (this.#session ?? session)) this.moved++;
    this.#session = session;
  }
}
