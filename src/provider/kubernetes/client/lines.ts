// Cuts a byte stream into lines of text, wherever the chunk borders fall, inside a UTF-8 sequence too.

import { KubeError } from "./kube-error.ts";

const LINE_LIMIT = 16 * 1024 * 1024; // characters; etcd refuses objects above 1.5 MB, so this is no watch event

/** Collects chunks and hands out whole lines. */
export class LineSplitter {
  readonly #line: (text: string) => void;
  readonly #decoder: TextDecoder;
  #tail: string;

  constructor(line: (text: string) => void) {
    this.#line = line;
    this.#decoder = new TextDecoder();
    this.#tail = "";
  }

  /** @throws {KubeError} when a line never ends */
  push(chunk: Uint8Array): void {
    const text = this.#decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", from)) {
      const line = this.#tail + text.slice(from, at);
      this.#tail = "";
      from = at + 1;
      if (line.trim() !== "") this.#line(line);
    }
    this.#tail += text.slice(from);
    if (this.#tail.length > LINE_LIMIT) {
      throw new KubeError(`a watch line is longer than ${LINE_LIMIT} characters`, { failure: "bad-answer" });
    }
  }

  /** What came after the last line's end: not empty when the stream broke off inside a line. */
  get rest(): string {
    return this.#tail.trim();
  }
}
