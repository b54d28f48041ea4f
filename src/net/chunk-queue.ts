// Chunks that wait for a reader: first in, first out, in about as much memory as they have bytes.

import { concat } from "./bytes.ts";

const FEW = 8; // chunks kept as they came: mostly no more wait, and those are not copied
const SMALL = 4096; // bytes; shorter chunks are copied together from then on
const SHARED = 8192; // bytes of a buffer for small chunks

/**
 * A peer may send a byte at a time. A chunk costs some hundred bytes by itself, and holds on to the whole read that it
 * was cut out of; so small ones share buffers as soon as they are many:
 * ```
 * came  a  b  c … h   i  j  k  [ 16 KiB ]  l
 * kept  a  b  c … h  [i  j  k] [ 16 KiB ] [l]
 * ```
 */
export class ChunkQueue {
  /** Bytes that wait. */
  bytes = 0;
  #chunks: Uint8Array[] = [];
  /** The buffer whose beginning is the last chunk; undefined: that one is somebody else's. */
  #shared: Uint8Array | undefined = undefined;

  /** Nothing waits. */
  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Adds a chunk at the end; it is kept, or copied, and never changed. */
  push(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (this.#chunks.length >= FEW && chunk.length < SMALL) return this.#pushSmall(chunk);
    this.#shared = undefined;
    this.#chunks.push(chunk);
  }

  /** Takes the first chunk out. */
  shift(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.bytes -= chunk.length;
    if (this.#chunks.length === 0) this.#shared = undefined;
    return chunk;
  }

  /** Takes everything out, as one array; a single chunk is returned as it is. */
  takeAll(): Uint8Array {
    const all = concat(this.#chunks);
    this.clear();
    return all;
  }

  /** Drops everything. */
  clear(): void {
    this.bytes = 0;
    this.#chunks = [];
    this.#shared = undefined;
  }

  #pushSmall(chunk: Uint8Array): void {
    const last = this.#chunks.length - 1;
    const filled = this.#chunks[last]?.length ?? 0;
    const length = filled + chunk.length;
    if (this.#shared !== undefined && length <= SHARED) {
      this.#shared.set(chunk, filled);
      this.#chunks[last] = this.#shared.subarray(0, length);
      return;
    }
    this.#shared = new Uint8Array(SHARED);
    this.#shared.set(chunk);
    this.#chunks.push(this.#shared.subarray(0, chunk.length));
  }
}
