// Structured logs: a level, a message that says what happened, and fields that say to what.

/** Traefik's levels, from chatty to silent. */
export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL" | "PANIC";

/** Values that go beside the message. `error` holds an Error or a text. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the program says what it does. */
export interface Logger {
  /** Asks before building costly fields. */
  enabled(level: LogLevel): boolean;
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  with(fields: LogFields): Logger;
}
