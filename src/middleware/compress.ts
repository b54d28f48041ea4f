// compress: answers leave compressed when the client takes that and it is worth it.

import * as z from "zod";
import { BytesBody } from "../http/body.ts";
import { mapResponse } from "../http/handler.ts";
import type { HeaderList } from "../http/header-list.ts";
import type { ProxyResponse } from "../http/response.ts";
import type { Coding, Runtime } from "../net/runtime.ts";
import { compressBody, staleFields } from "./compressed-body.ts";
import { createCodingChooser } from "./content-coding.ts";
import { defineMiddleware } from "./define.ts";
import { addVary } from "./header-edit.ts";
import { invalidOption } from "./invalid-option.ts";
import type { MiddlewareContext } from "./middleware.ts";

const MIN_BYTES = 1024; // Traefik's default: below it the head costs more than compression saves
const EVENT_STREAM = "text/event-stream";
const codings = z.enum(["gzip", "br", "zstd"]);

const schema = z.strictObject({
  encodings: z.array(codings).min(1).default(["gzip", "br", "zstd"]).describe(
    "Content codings to use; of those a client likes equally well, the first.",
  ),
  defaultEncoding: codings.optional().describe(
    "Coding for clients that send no Accept-Encoding, or `*`. Default: none for the former, the first for the latter.",
  ),
  minResponseBodyBytes: z.int().min(0).default(MIN_BYTES).describe(
    "Bodies known to be smaller are left as they are; 0 means 1024, too.",
  ),
  includedContentTypes: z.array(z.string()).default([]).describe(
    "Media types to compress, and no others. Not together with `excludedContentTypes`.",
  ),
  excludedContentTypes: z.array(z.string()).default([]).describe(
    "Media types to leave as they are, of requests and of answers; gRPC always is.",
  ),
});

type Options = z.output<typeof schema>;

/** The `compress` middleware. */
export const compress = defineMiddleware({
  kind: "compress",
  summary: "Compresses answers with gzip, Brotli or Zstandard, as the client prefers; streams are never held back.",
  schema,
  create(options, context) {
    const isCompressible = mediaTypeFilter(options);
    const chooseCoding = createCodingChooser(toChoice(options, context));
    const minBytes = options.minResponseBodyBytes || MIN_BYTES;
    const { runtime } = context;
    return (next) => (request) => {
      const { headers } = request;
      if (!isCompressible(mediaType(headers), true) || isFixed(headers)) return next(request);
      const accept = headers.get("accept-encoding"); // read now: what follows may delete or replace it
      return mapResponse(next(request), (response) => {
        const type = mediaType(response.headers);
        if (!isChangeable(response) || !isCompressible(type, false)) return response;
        if (request.method === "HEAD") return varying(response);
        if (!isWorthIt(response, minBytes)) return response;
        const coding = chooseCoding(accept);
        return coding === undefined ? varying(response) : compressResponse(response, { coding, runtime, type });
      });
    };
  },
});

/** Codings of the configuration that the runtime has. */
function toChoice(options: Options, context: MiddlewareContext) {
  const { defaultEncoding, encodings } = options;
  if (defaultEncoding !== undefined && !encodings.includes(defaultEncoding)) {
    const listed = encodings.join(", ");
    throw invalidOption("compress.defaultEncoding", `"${defaultEncoding}" is not one of the encodings: ${listed}`);
  }
  const usable = encodings.filter((coding) => isProduced(coding, context.runtime));
  for (const coding of encodings) {
    if (usable.includes(coding)) continue;
    context.logger.warn(`compress: ${context.runtime.name} can't produce ${coding}; the other encodings are used`, {
      middlewareName: context.name,
    });
  }
  const byDefault = defaultEncoding !== undefined && usable.includes(defaultEncoding) ? defaultEncoding : undefined;
  return { codings: usable, byDefault };
}

function isProduced(coding: Coding, runtime: Runtime): boolean {
  const probe = runtime.compressor(coding, { data() {}, drained() {}, end() {}, fail() {} });
  probe?.cancel();
  return probe !== undefined;
}

/** Media types whose bytes are compressed already: another round costs time and saves nothing. */
const DENSE =
  /^(?:image\/(?!svg|bmp|x-icon|vnd\.microsoft\.icon)|audio\/|video\/|font\/woff|application\/(?:zip|gzip|x-gzip|zstd|x-7z|x-rar|vnd\.rar|x-bzip|x-xz))/;

/** @returns whether a message of that media type may be compressed; `isRequest` asks about the request's own */
function mediaTypeFilter(options: Options): (type: string, isRequest: boolean) => boolean {
  const included = toTypes(options.includedContentTypes, "includedContentTypes");
  const excluded = toTypes(options.excludedContentTypes, "excludedContentTypes");
  if (included.size > 0 && excluded.size > 0) {
    throw invalidOption("compress", "includedContentTypes and excludedContentTypes exclude each other; wanted one");
  }
  return (type, isRequest) => {
    if (type.startsWith("application/grpc") || excluded.has(type)) return false;
    return isRequest || (included.size > 0 ? included.has(type) : !DENSE.test(type));
  };
}

function toTypes(types: readonly string[], option: string): ReadonlySet<string> {
  return new Set(types.map((text, index) => {
    const type = bareType(text);
    if (/^[^\s/;,]+\/[^\s/;,]+$/.test(type)) return type;
    throw invalidOption(`compress.${option}[${index}]`, `${JSON.stringify(text)} is not a media type like "text/html"`);
  }));
}

function mediaType(headers: HeaderList): string {
  return bareType(headers.first("content-type") ?? "");
}

function bareType(text: string): string {
  const end = text.indexOf(";");
  return (end === -1 ? text : text.slice(0, end)).trim().toLowerCase();
}

/** `no-transform`: somebody relies on the exact bytes. */
function isFixed(headers: HeaderList): boolean {
  const control = headers.get("cache-control");
  return control !== undefined && /\bno-transform\b/i.test(control);
}

/** A whole answer with a body that nobody has encoded yet. */
function isChangeable(response: ProxyResponse): boolean {
  const { status, headers } = response;
  if (status < 200 || status === 204 || status === 206 || status === 304) return false;
  const encoding = headers.get("content-encoding") ?? "";
  return (encoding === "" || encoding.toLowerCase() === "identity") && !headers.has("content-range") &&
    !isFixed(headers);
}

/** Bodies of unknown length that are still arriving are compressed: waiting for more would hold a stream back. */
function isWorthIt(response: ProxyResponse, minBytes: number): boolean {
  const { body } = response;
  if (body === undefined) return false;
  if (body.length !== undefined) return body.length >= minBytes;
  const whole = body.takeWhole();
  if (whole === undefined) return true;
  response.body = new BytesBody(whole, body.trailers);
  return whole.length >= minBytes;
}

function varying(response: ProxyResponse): ProxyResponse {
  addVary(response.headers, "Accept-Encoding");
  return response;
}

interface Target {
  readonly coding: Coding;
  readonly runtime: Runtime;
  readonly type: string;
}

function compressResponse(response: ProxyResponse, { coding, runtime, type }: Target): ProxyResponse {
  const { headers, body } = response;
  if (body === undefined) return response;
  for (const name of staleFields) headers.delete(name);
  const etag = headers.first("etag");
  if (etag !== undefined && !etag.startsWith("W/")) headers.set("ETag", `W/${etag}`);
  headers.set("Content-Encoding", coding);
  response.body = compressBody(body, { coding, runtime, flushEach: type === EVENT_STREAM });
  return varying(response);
}
