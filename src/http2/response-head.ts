// An answer's fields, and trailers, from a decoded block to facts, or refused.

import { HeaderList } from "../http/header-list.ts";
import type { FieldBlock } from "./field-block.ts";

const STATUS = /^[1-9][0-9]{2}$/;
const LENGTH = /^[0-9]{1,15}$/;

/** What an answer's fields say. */
export interface Http2ResponseHead {
  /** 100 to 999, never 101. */
  readonly status: number;
  /** Without framing; an answer that never has a body keeps its Content-Length. */
  readonly headers: HeaderList;
  /** Body bytes announced; undefined: unknown until the body ends. */
  readonly length: number | undefined;
}

/** Why an answer is malformed. @returns undefined: it isn't */
export function responseFault(block: FieldBlock): string | undefined {
  if (block.fault !== undefined) return block.fault;
  if (block.excess !== undefined) return block.excess;
  const { status, contentLength } = block;
  if (status === undefined || !STATUS.test(status)) return ":status is missing or malformed";
  if (status === "101") return "HTTP/2 has no status 101";
  if (contentLength !== undefined && !LENGTH.test(contentLength)) return "content-length is not a whole number";
  return hasRequestField(block) ? "an answer has a request's field" : undefined;
}

function hasRequestField({ method, path, scheme, authority, protocol }: FieldBlock): boolean {
  return [method, path, scheme, authority, protocol].some((field) => field !== undefined);
}

/** The facts of a well-formed answer. @param isHead it answers a HEAD */
export function readResponse(block: FieldBlock, isHead: boolean): Http2ResponseHead {
  const status = Number(block.status);
  const headers = new HeaderList();
  headers.appendText(block.text + cookieLine(block), block.roles);
  const { contentLength } = block;
  const bodyless = isHead || status === 304;
  if (bodyless && contentLength !== undefined) headers.append("content-length", contentLength);
  const hasNone = bodyless || status === 204 || status < 200;
  const announced = contentLength === undefined ? undefined : Number(contentLength);
  return { status, headers, length: hasNone ? 0 : announced };
}

function cookieLine({ cookie }: FieldBlock): string {
  return cookie === undefined ? "" : `cookie: ${cookie}\r\n`;
}

/** Why trailers are malformed: they may not frame or route the message. @returns undefined: they aren't */
export function trailersFault(block: FieldBlock): string | undefined {
  if (block.fault !== undefined) return block.fault;
  if (block.excess !== undefined) return block.excess;
  if (block.hasPseudo) return "trailers have a pseudo-field";
  const framed = block.contentLength !== undefined || block.host !== undefined || block.te !== undefined;
  return framed || block.expect !== undefined ? "trailers have a field that belongs into the head" : undefined;
}

/** The list of well-formed trailers. */
export function readTrailers(block: FieldBlock): HeaderList {
  const headers = new HeaderList();
  headers.appendText(block.text + cookieLine(block), block.roles);
  return headers;
}
