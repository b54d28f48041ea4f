// Streams a request's body to a backend over HTTP/2.

import type { Body, BodySink } from "../http/body.ts";
import { lengthError } from "../http1/length-error.ts";
import type { Http2Stream } from "../http2/stream.ts";
import type { ProxyError } from "../net/error.ts";
import type { UploadOwner } from "./upload.ts";

/** One body on its way out. */
export class Http2Upload implements BodySink {
  readonly #stream: Http2Stream;
  readonly #body: Body;
  readonly #owner: UploadOwner;
  #over = false;
  /** Bytes of a known length still owed; the backend must get exactly these. */
  #owed: number;

  constructor(stream: Http2Stream, body: Body, owner: UploadOwner) {
    this.#stream = stream;
    this.#body = body;
    this.#owner = owner;
    this.#owed = body.length ?? Number.POSITIVE_INFINITY;
  }

  /** Begins. The head is on its way already. */
  begin(): void {
    this.#body.start(this);
  }

  /** The backend takes bytes again. */
  drain(): void {
    if (!this.#over) this.#body.resume();
  }

  /** The backend needs no more of it. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#body.cancel();
  }

  chunk(bytes: Uint8Array): boolean {
    if (this.#over) return false;
    this.#owed -= bytes.length;
    if (this.#owed < 0) {
      this.fail(lengthError("more"));
      return false;
    }
    this.#owner.progressed();
    return this.#stream.write(bytes);
  }

  end(): void {
    if (this.#over) return;
    if (this.#owed > 0 && this.#owed !== Number.POSITIVE_INFINITY) return this.fail(lengthError("fewer"));
    this.#over = true;
    this.#stream.end(this.#body.trailers?.toText() ?? "");
    this.#owner.uploaded();
  }

  fail(error: ProxyError): void {
    if (this.#over) return;
    this.stop();
    this.#owner.uploadFailed(error);
  }
}
