// The logger: one line per event, as JSON or as text for people, with Traefik's field names.

import { escapeControl, escapeQuoted, toSafeJson } from "./log-escape.ts";
import { isLogged } from "./log-level.ts";
import type { LogFields, Logger, LogLevel } from "./logger.ts";
import { isSecretName, redact, redacted, redactText } from "./redact.ts";

/** How a logger writes. */
export interface LoggerOptions {
  /** Lines below it are not written. */
  readonly level: LogLevel;
  /** `common`: for people. `json`: one object per line, with `level`, `time` and `message`. */
  readonly format: "common" | "json";
  /** Takes one whole line, with its line feed. */
  write(line: string): void;
  /** Leaves colours out of the common format. Default: false. */
  readonly noColor?: boolean;
  /** The clock; for tests. */
  readonly now?: () => Date;
}

type Render = (level: LogLevel, message: string, fields: LogFields, time: string) => string;

const SHORT: Readonly<Record<LogLevel, string>> = {
  TRACE: "TRC",
  DEBUG: "DBG",
  INFO: "INF",
  WARN: "WRN",
  ERROR: "ERR",
  FATAL: "FTL",
  PANIC: "PNC",
};

/** SGR parameters of each level in the common format. */
const COLOR: Readonly<Record<LogLevel, string>> = {
  TRACE: "35",
  DEBUG: "34",
  INFO: "32",
  WARN: "33",
  ERROR: "31",
  FATAL: "1;31",
  PANIC: "1;31",
};

const RESERVED: ReadonlySet<string> = new Set(["level", "time", "message"]);
const PLAIN_VALUE = /^[!#-[\]-~]+$/; // visible ASCII without quote and backslash: needs no quotes
const MAX_CAUSES = 5; // a chain of causes that long helps nobody; a cycle ends here

/** @returns a logger with no fields of its own */
export function createLogger(options: LoggerOptions): Logger {
  return new LineLogger(options, {}, options.format === "json" ? renderJson : commonRenderer(options.noColor ?? false));
}

class LineLogger implements Logger {
  readonly #options: LoggerOptions;
  readonly #fields: LogFields;
  readonly #render: Render;

  constructor(options: LoggerOptions, fields: LogFields, render: Render) {
    this.#options = options;
    this.#fields = fields;
    this.#render = render;
  }

  enabled(level: LogLevel): boolean {
    return isLogged(level, this.#options.level);
  }

  trace(message: string, fields?: LogFields): void {
    this.#log("TRACE", message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.#log("DEBUG", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log("INFO", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#log("WARN", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#log("ERROR", message, fields);
  }

  with(fields: LogFields): Logger {
    return new LineLogger(this.#options, { ...this.#fields, ...fields }, this.#render);
  }

  #log(level: LogLevel, message: string, fields: LogFields | undefined): void {
    if (!isLogged(level, this.#options.level)) return;
    const time = toLogTime(this.#options.now?.() ?? new Date());
    this.#options.write(this.#render(level, message, { ...this.#fields, ...fields }, time));
  }
}

function renderJson(level: LogLevel, message: string, fields: LogFields, time: string): string {
  let line = `{"level":"${level.toLowerCase()}"`;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const key = RESERVED.has(name) ? `${name}_` : name;
    line += `,${toSafeJson(key)}:${toSafeJson(fieldValue(name, value))}`;
  }
  return `${line},"time":"${time}","message":${toSafeJson(redactText(message))}}\n`;
}

function commonRenderer(noColor: boolean): Render {
  const paint = (sgr: string, text: string) => (noColor ? text : `\x1b[${sgr}m${text}\x1b[0m`);
  return (level, message, fields, time) => {
    const text = escapeControl(redactText(message));
    let line = `${paint("90", time)} ${paint(COLOR[level], SHORT[level])} ${noColor ? text : paint("1", text)}`;
    for (const name of Object.keys(fields).sort(errorFirst)) {
      const value = fields[name];
      if (value === undefined) continue;
      const shown = commonValue(fieldValue(name, value));
      line += ` ${paint("36", `${escapeControl(name)}=`)}${name === "error" ? paint("31", shown) : shown}`;
    }
    return `${line}\n`;
  };
}

function errorFirst(left: string, right: string): number {
  if (left === "error" || right === "error") return left === right ? 0 : left === "error" ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

function commonValue(value: unknown): string {
  const text = typeof value === "string" ? value : toSafeJson(value);
  return PLAIN_VALUE.test(text) || typeof value !== "string" ? text : `"${escapeQuoted(text)}"`;
}

/** What a field shows: errors as text, secrets not at all, and always something that JSON can hold. */
function fieldValue(name: string, value: unknown): unknown {
  if (value instanceof Error) return redactText(errorText(value));
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (isSecretName(name) && typeof value !== "object" && typeof value !== "boolean") return redacted;
  try {
    const shown = redact(isSecretName(name) ? { [name]: value } : value);
    return JSON.stringify(shown) === undefined ? String(shown) : unwrap(name, shown);
  } catch {
    return "(not printable)"; // a getter or toJSON that throws, or a bigint inside
  }
}

function unwrap(name: string, shown: unknown): unknown {
  return isSecretName(name) && typeof shown === "object" && shown !== null ? Object.values(shown)[0] : shown;
}

/** The message of an error and of its causes, each said once. */
export function errorText(error: Error): string {
  let text = error.message === "" ? error.name : error.message;
  let cause = error.cause;
  for (let depth = 0; depth < MAX_CAUSES && cause !== undefined; depth++) {
    const said = cause instanceof Error ? cause.message : String(cause);
    if (said !== "" && !text.includes(said)) text += `: ${said}`;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return text;
}

/** RFC 3339 in UTC, to the second, as Traefik writes it. */
function toLogTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
