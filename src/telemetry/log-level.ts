// The order of log levels, and what users may write for them.

import type { LogLevel } from "./logger.ts";

/** All levels, from chatty to silent. */
export const logLevels: readonly LogLevel[] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "PANIC"];

const ranks: Readonly<Record<LogLevel, number>> = {
  TRACE: 0,
  DEBUG: 1,
  INFO: 2,
  WARN: 3,
  ERROR: 4,
  FATAL: 5,
  PANIC: 6,
};

/** @returns the level of that name in any case (`warning` counts as WARN), or undefined */
export function parseLogLevel(text: string): LogLevel | undefined {
  const wanted = text.trim().toUpperCase();
  if (wanted === "WARNING") return "WARN";
  return logLevels.find((level) => level === wanted);
}

/** @returns true when a logger set to `threshold` writes lines of `level` */
export function isLogged(level: LogLevel, threshold: LogLevel): boolean {
  return ranks[level] >= ranks[threshold];
}
