// Bytes to latin1 text and back: every byte is one character, so that heads survive unchanged.

/** Uint8Arrays that sockets deliver are Buffers on all three runtimes; this is the one native call used of them. */
interface LatinSource {
  latin1Slice?: (start: number, end: number) => string;
}

const CHUNK = 8192; // String.fromCharCode takes its bytes as arguments; engines limit their number

/** @returns the bytes from `start` to `end` as characters U+0000 to U+00FF */
export function toLatin1(bytes: Uint8Array & LatinSource, start = 0, end: number = bytes.length): string {
  if (bytes.latin1Slice !== undefined) return bytes.latin1Slice(start, end);
  let text = "";
  for (let at = start; at < end; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + CHUNK, end)));
  }
  return text;
}

/** @param text characters U+0000 to U+00FF; higher ones lose their upper bits */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Joins chunks into one array; a single chunk is returned as it is. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0];
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

/** Smaller chunks are pieces of a buffer that many share, or not worth the call. */
const LEAST_FREED = 16_384;

/**
 * Gives the memory of a chunk back now: nobody may have it any more. Left to the collector, V8 begins to mark the whole
 * heap for every 64 MiB that was read: a GiB through a bare tunnel costs Node 1.2 s of CPU instead of 0.75, and Deno a
 * tenth more. A chunk that is a part of something larger stays as it is.
 */
export function freeChunk(chunk: Uint8Array): void {
  const { buffer, length } = chunk;
  if (length < LEAST_FREED || length !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  buffer.transfer(0);
}

/** A copy that stands alone: a piece cut out of a message keeps all of that message in memory for as long as it lives. */
export function detach(text: string): string {
  return text.split("").join("");
}
