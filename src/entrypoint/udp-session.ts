// One UDP client's conversation with one server: a socket of its own towards that server, until either falls silent.

import type { Address } from "../net/connection.ts";
import type { DatagramChannel, DatagramChannelHandler, DatagramSocket } from "../net/datagram.ts";
import type { Deadlines, Waiting } from "../net/deadlines.ts";
import type { ProxyError } from "../net/error.ts";
import type { Runtime } from "../net/runtime.ts";
import type { UdpLease } from "../net/udp-handler.ts";

/** While an entry point closes, silence after an answer lasts no longer than this: the conversation is over. */
const CLOSING_SILENCE_MS = 300;

/** Who keeps sessions. */
export interface UdpSessionOwner {
  readonly runtime: Runtime;
  readonly deadlines: Deadlines;
  readonly timeoutMs: number;
  /** It takes no new sessions, and waits for those there are. */
  readonly isClosing: boolean;
  /** The session is over. Called once. */
  ended(session: UdpSession): void;
}

/** The two ends of a client's conversation. */
export interface UdpEnds {
  readonly socket: DatagramSocket;
  readonly remote: Address;
  /** Where the client sends to, and answers must come from. */
  readonly local: Address;
}

/** See the file's sentence. */
export class UdpSession implements DatagramChannelHandler, Waiting {
  deadline = 0;
  readonly key: string;
  /** The client has sent again after an answer: it is there, and its address is not somebody else's. */
  isConfirmed = false;
  readonly #owner: UdpSessionOwner;
  readonly #ends: UdpEnds;
  readonly #lease: UdpLease;
  readonly #channel: DatagramChannel;
  #isAnswered = false;
  /** The client sent last. */
  #isWaiting = true;
  #isOver = false;

  constructor(key: string, ends: UdpEnds, lease: UdpLease, owner: UdpSessionOwner) {
    this.key = key;
    this.#owner = owner;
    this.#ends = ends;
    this.#lease = lease;
    owner.deadlines.add(this); // before anybody asks for the time
    this.#moved();
    this.#channel = owner.runtime.dialDatagrams({ host: lease.host, port: lease.port }, this);
  }

  /** The client sent a datagram. */
  receive(bytes: Uint8Array): void {
    this.#isWaiting = true;
    this.#moved();
    if (this.#isAnswered) this.isConfirmed = true;
    this.#lease.received.value += bytes.length;
    this.#channel.send(bytes);
  }

  message(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#isWaiting = false;
    this.#moved();
    if (!this.#isAnswered) {
      this.#isAnswered = true;
      this.#lease.answered();
    }
    this.#lease.sent.value += bytes.length;
    const { socket, remote, local } = this.#ends;
    socket.send(bytes, remote, local);
  }

  /** The server refuses datagrams, or can't be reached: the client's next one begins anew, with another server. */
  fail(error: ProxyError): void {
    this.#end(error);
  }

  expire(): void {
    this.end();
  }

  /** The entry point closes: the time that silence may last begins anew, and is shorter after an answer. */
  hasten(): void {
    this.#moved();
  }

  /** Ends it. */
  end(): void {
    if (!this.#isOver) this.#channel.close();
    this.#end(undefined);
  }

  #moved(): void {
    const { timeoutMs, isClosing, deadlines } = this.#owner;
    const silenceMs = isClosing && !this.#isWaiting ? Math.min(CLOSING_SILENCE_MS, timeoutMs) : timeoutMs;
    this.deadline = deadlines.now + silenceMs;
  }

  #end(error: ProxyError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.deadline = 0;
    this.#owner.deadlines.remove(this);
    this.#lease.end(error);
    this.#owner.ended(this);
  }
}
