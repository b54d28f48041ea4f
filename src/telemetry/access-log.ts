// The access log: one line per finished request, in Traefik's formats, filtered and buffered.

import { clfFormat } from "./access-clf.ts";
import type { AccessFormat } from "./access-clf.ts";
import type { AccessEntry } from "./access-entry.ts";
import { chooseFields } from "./access-fields.ts";
import type { AccessLogFields, FieldChoice } from "./access-fields.ts";
import { jsonFormat } from "./access-json.ts";
import { LineClock } from "./access-time.ts";

/** Which requests are logged; one that meets any of these is. No filter at all: every request. */
export interface AccessLogFilters {
  /** Ranges, both ends included. */
  readonly statusCodes?: readonly (readonly [from: number, to: number])[] | undefined;
  /** Requests that were tried more than once. Default: false. */
  readonly retryAttempts?: boolean | undefined;
  /** Requests that took longer; 0: no such filter. */
  readonly minDurationMs?: number | undefined;
}

/** Traefik's `accessLog`. */
export interface AccessLogOptions {
  /** Default: common. */
  readonly format?: "common" | "genericCLF" | "json" | undefined;
  readonly filters?: AccessLogFilters | undefined;
  readonly fields?: AccessLogFields | undefined;
  /** Lines kept in memory until that many are written together, for 100 ms at most; 0: none. Default: 0. */
  readonly bufferingSize?: number | undefined;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/** Takes texts of whole lines; the `Appender` of a file, or standard output. */
export interface LineSink {
  write(text: string): void;
}

/** An open access log. */
export interface AccessLog {
  /** True when lines show request headers: the caller then keeps a copy of them before middlewares run. */
  readonly needsRequestHeaders: boolean;
  log(entry: AccessEntry): void;
  /** Hands buffered lines to the sink. */
  flush(): void;
}

const FLUSH_MS = 100; // a reader of the log waits no longer than this for a buffered line

/** @param sink belongs to the caller, who also closes it, after a last `flush()` */
export function createAccessLog(options: AccessLogOptions, sink: LineSink): AccessLog {
  const choice = chooseFields(options.fields);
  const now = options.now ?? Date.now;
  const format = formatOf(options.format ?? "common", choice, now);
  const isWanted = filterOf(options.filters ?? {});
  const buffer = new LineBuffer(options.bufferingSize ?? 0, sink);
  const clock = new LineClock();
  let count = 0;
  return {
    needsRequestHeaders: choice.anyHeader,
    log(entry) {
      count++;
      if (entry.request.record.logged && isWanted(entry)) {
        buffer.write(format(entry, count, clock.set(now() - entry.durationMs)));
      }
    },
    flush: () => buffer.flush(),
  };
}

function formatOf(
  format: "common" | "genericCLF" | "json",
  choice: FieldChoice,
  now: () => number,
): AccessFormat {
  if (format !== "json") return clfFormat(choice, format === "genericCLF");
  const clock = new LineClock();
  return jsonFormat(choice, () => `${clock.set(now()).isoUtc().slice(0, 19)}Z`);
}

function filterOf({ statusCodes = [], retryAttempts = false, minDurationMs = 0 }: AccessLogFilters) {
  const isFiltered = statusCodes.length > 0 || retryAttempts || minDurationMs > 0;
  if (!isFiltered) return () => true;
  return ({ status, request, durationMs }: AccessEntry): boolean =>
    statusCodes.some(([from, to]) => status >= from && status <= to) ||
    (retryAttempts && request.record.retries > 0) ||
    (minDurationMs > 0 && durationMs > minDurationMs);
}

/** Lines on their way to the sink. */
class LineBuffer {
  readonly #limit: number;
  readonly #sink: LineSink;
  #text = "";
  #lines = 0;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(limit: number, sink: LineSink) {
    this.#limit = limit;
    this.#sink = sink;
  }

  write(line: string): void {
    if (this.#limit <= 0) return this.#sink.write(line);
    this.#text += line;
    if (++this.#lines >= this.#limit) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text;
    this.#text = "";
    this.#lines = 0;
    if (text !== "") this.#sink.write(text);
  }
}
