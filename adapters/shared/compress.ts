// Streaming compressors on node:zlib, which can flush: Web CompressionStream can't, and would hold event streams back.

import * as zlib from "node:zlib";
import type { Coding, Compressor, CompressorHandler } from "../../src/net/runtime.ts";

type Encoder = zlib.Gzip | zlib.Deflate | zlib.BrotliCompress | zlib.ZstdCompress;

interface Codec {
  /** @returns undefined where the runtime lacks the coding */
  create(): Encoder | undefined;
  /** What makes everything taken in come out, without resetting the dictionary. */
  readonly flush: number;
}

const BROTLI_QUALITY = 4; // above 4 the time per byte grows faster than the ratio; 11, the default, is for files at rest
const BROTLI_WINDOW_BITS = 18; // 256 KiB per response instead of 4 MiB
const ZSTD_LEVEL = 3; // the library's own default, named because runtimes may differ
const ZLIB_LEVEL = 6;

const CODECS: Readonly<Record<Coding, Codec>> = {
  gzip: { create: () => zlib.createGzip({ level: ZLIB_LEVEL }), flush: zlib.constants.Z_SYNC_FLUSH },
  deflate: { create: () => zlib.createDeflate({ level: ZLIB_LEVEL }), flush: zlib.constants.Z_SYNC_FLUSH },
  br: { create: createBrotli, flush: zlib.constants.BROTLI_OPERATION_FLUSH },
  zstd: { create: createZstd, flush: zlib.constants.ZSTD_e_flush },
};

/** @returns a compressor that calls the handler, or undefined where the runtime can't produce that coding */
export function createCompressor(coding: Coding, handler: CompressorHandler): Compressor | undefined {
  const codec = CODECS[coding];
  const encoder = codec.create();
  return encoder === undefined ? undefined : new ZlibCompressor(encoder, codec.flush, handler);
}

function createBrotli(): Encoder {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN } = zlib.constants;
  return zlib.createBrotliCompress({
    params: { [BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS },
  });
}

function createZstd(): Encoder | undefined {
  if (typeof zlib.createZstdCompress !== "function") return undefined;
  return zlib.createZstdCompress({ params: { [zlib.constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
}

class ZlibCompressor implements Compressor {
  readonly #encoder: Encoder;
  readonly #flush: number;
  #over = false;

  constructor(encoder: Encoder, flush: number, handler: CompressorHandler) {
    this.#encoder = encoder;
    this.#flush = flush;
    encoder.on("data", (chunk: Uint8Array) => this.#over || handler.data(chunk));
    encoder.on("drain", () => this.#over || handler.drained());
    encoder.on("end", () => {
      if (this.#over) return;
      this.#over = true;
      handler.end();
    });
    encoder.on("error", (error: Error) => {
      if (this.#over) return;
      this.#over = true;
      handler.fail(error);
    });
  }

  write(chunk: Uint8Array): boolean {
    return this.#over || this.#encoder.write(chunk);
  }

  flush(): void {
    if (!this.#over) this.#encoder.flush(this.#flush);
  }

  end(): void {
    if (!this.#over) this.#encoder.end();
  }

  cancel(): void {
    this.#over = true;
    this.#encoder.destroy();
  }
}
