// HEADERS frames: a block encoded in place behind its frame's header, cut into CONTINUATIONs in the rare case.

import type { HpackEncoder } from "./hpack-encoder.ts";
import type { Output } from "./output.ts";
import { DEFAULT_FRAME_SIZE, flag, FRAME_HEADER, frameType } from "./protocol.ts";

/** The pseudo-fields of a request. */
export interface RequestPseudo {
  readonly method: string;
  /** Undefined for CONNECT. */
  readonly scheme: string | undefined;
  readonly authority: string;
  /** With its query; undefined for CONNECT. */
  readonly path: string | undefined;
  /** For extended CONNECT. */
  readonly protocol?: string | undefined;
}

/** A block to be written. */
export interface OutgoingBlock {
  readonly id: number;
  /** It ends our message. */
  readonly ends: boolean;
  readonly encoder: HpackEncoder;
  /** 0: this is no answer's head. */
  readonly status: number;
  readonly request?: RequestPseudo;
  /** Lines as `HeaderList.toText` has them. */
  readonly text: string;
}

/** Writes a block. */
export function writeHeaderBlock(out: Output, block: OutgoingBlock): void {
  const { id, encoder, status, request } = block;
  out.reserve(FRAME_HEADER + block.text.length);
  const frameAt = out.at;
  out.at += FRAME_HEADER;
  encoder.begin(out);
  if (status !== 0) encoder.status(out, status);
  if (request !== undefined) writePseudo(out, encoder, request);
  encoder.lines(out, block.text);
  const length = out.at - frameAt - FRAME_HEADER;
  const ends = block.ends ? flag.endStream : 0;
  if (length > DEFAULT_FRAME_SIZE) return cutBlock(out, frameAt, id, ends);
  out.frameAt(frameAt, frameType.headers, flag.endHeaders | ends, id);
  out.setLength(frameAt, length);
}

function writePseudo(out: Output, encoder: HpackEncoder, request: RequestPseudo): void {
  encoder.pseudo(out, ":method", request.method);
  if (request.protocol !== undefined) encoder.pseudo(out, ":protocol", request.protocol);
  if (request.scheme !== undefined) encoder.pseudo(out, ":scheme", request.scheme);
  encoder.pseudo(out, ":authority", request.authority);
  if (request.path !== undefined) encoder.pseudo(out, ":path", request.path);
}

/** Cuts what stands behind the frame header at `frameAt` into frames that every peer takes. */
function cutBlock(out: Output, frameAt: number, id: number, ends: number): void {
  const block = out.bytes.slice(frameAt + FRAME_HEADER, out.at);
  out.at = frameAt;
  for (let at = 0; at < block.length; at += DEFAULT_FRAME_SIZE) {
    const part = block.subarray(at, at + DEFAULT_FRAME_SIZE);
    const last = at + DEFAULT_FRAME_SIZE >= block.length ? flag.endHeaders : 0;
    if (at === 0) out.frame(frameType.headers, ends | last, id, part.length);
    else out.frame(frameType.continuation, last, id, part.length);
    out.copy(part);
  }
}
