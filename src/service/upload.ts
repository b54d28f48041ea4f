// Streams a request's body to a backend: head and first bytes together, framing, backpressure.

import type { Body, BodySink } from "../http/body.ts";
import { chunkStart, LAST_CHUNK } from "../http1/write.ts";
import type { Connection } from "../net/connection.ts";
import { lengthError } from "../http1/length-error.ts";
import type { ProxyError } from "../net/error.ts";

/** Who hears how an upload goes. */
export interface UploadOwner {
  /** Bytes moved. */
  progressed(): void;
  /** All of it is out. */
  uploaded(): void;
  /** The body broke off on the client's side: the backend must not take the part for the whole. */
  uploadFailed(error: ProxyError): void;
}

/** One body on its way out. */
export class Upload implements BodySink {
  readonly #connection: Connection;
  readonly #body: Body;
  readonly #owner: UploadOwner;
  readonly #chunked: boolean;
  /** The request's head, waiting for the first bytes. */
  #head: string;
  #over = false;
  /** Bytes of a known length still owed; the backend must get exactly these. */
  #owed: number;
  /** The body was told to wait for `drain`. */
  #paused = false;

  constructor(connection: Connection, body: Body, head: string, owner: UploadOwner) {
    this.#connection = connection;
    this.#body = body;
    this.#head = head;
    this.#owner = owner;
    this.#chunked = body.length === undefined;
    this.#owed = body.length ?? Number.POSITIVE_INFINITY;
  }

  /** Begins; the head leaves at once even when the body lets itself be waited for. */
  begin(): void {
    this.#body.start(this);
    const head = this.#takeHead();
    if (head !== "" && !this.#over) this.#connection.write(head);
  }

  /** The backend takes bytes again. */
  drain(): void {
    if (this.#over || !this.#paused) return;
    this.#paused = false;
    this.#body.resume();
  }

  /** The backend needs no more of it. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#body.cancel();
  }

  chunk(bytes: Uint8Array): boolean {
    if (this.#over) return false;
    if (bytes.length === 0) return true;
    this.#owed -= bytes.length;
    if (this.#owed < 0) {
      this.fail(lengthError("more"));
      return false;
    }
    this.#owner.progressed();
    this.#paused = !this.#write(bytes);
    return !this.#paused;
  }

  end(): void {
    if (this.#over) return;
    if (this.#owed > 0 && !this.#chunked) return this.fail(lengthError("fewer"));
    this.#over = true;
    const rest = this.#chunked ? this.#takeHead() + LAST_CHUNK : this.#takeHead();
    if (rest !== "") this.#connection.write(rest);
    this.#owner.uploaded();
  }

  fail(error: ProxyError): void {
    if (this.#over) return;
    this.#over = true;
    this.#body.cancel();
    this.#owner.uploadFailed(error);
  }

  #write(bytes: Uint8Array): boolean {
    const head = this.#takeHead();
    if (this.#chunked) {
      this.#connection.writeTogether(head + chunkStart(bytes.length), bytes);
      return this.#connection.write("\r\n");
    }
    return head === "" ? this.#connection.write(bytes) : this.#connection.writeTogether(head, bytes);
  }

  #takeHead(): string {
    const head = this.#head;
    this.#head = "";
    return head;
  }
}
