// The logger's lines: formats, levels, and nothing in them that a client could have forged.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, errorText } from "../../../src/telemetry/create-logger.ts";
import type { LoggerOptions } from "../../../src/telemetry/create-logger.ts";
import { parseLogLevel } from "../../../src/telemetry/log-level.ts";
import type { Logger } from "../../../src/telemetry/logger.ts";

const now = () => new Date("2026-11-20T10:25:27.900Z");

function lineOf(options: Partial<LoggerOptions>, use: (logger: Logger) => void): string {
  let text = "";
  const logger = createLogger({
    level: "DEBUG",
    format: "json",
    noColor: true,
    now,
    ...options,
    write: (line) => text += line,
  });
  use(logger);
  return text;
}

const rows: readonly (readonly [name: string, options: Partial<LoggerOptions>, (logger: Logger) => void, string])[] = [
  [
    "writes level, time and message as JSON",
    {},
    (logger) => logger.info("started"),
    '{"level":"info","time":"2026-11-20T10:25:27Z","message":"started"}\n',
  ],
  [
    "puts fields between level and time, and leaves out undefined ones",
    {},
    (logger) => logger.with({ entryPointName: "web" }).warn("slow", { ms: 12, nothing: undefined }),
    '{"level":"warn","entryPointName":"web","ms":12,"time":"2026-11-20T10:25:27Z","message":"slow"}\n',
  ],
  [
    "renames a field that would double a reserved one",
    {},
    (logger) => logger.info("a", { message: "b" }),
    '{"level":"info","message_":"b","time":"2026-11-20T10:25:27Z","message":"a"}\n',
  ],
  [
    "writes an error with its causes",
    {},
    (logger) => logger.error("failed", { error: new Error("dial", { cause: new Error("refused") }) }),
    '{"level":"error","error":"dial: refused","time":"2026-11-20T10:25:27Z","message":"failed"}\n',
  ],
  ["writes nothing below its level", { level: "ERROR" }, (logger) => logger.warn("quiet"), ""],
  [
    "sorts fields in common format, the error first, and quotes what has blanks",
    { format: "common" },
    (logger) => logger.error("no", { b: 1, a: "x y", error: "bad thing", c: "plain" }),
    '2026-11-20T10:25:27Z ERR no error="bad thing" a="x y" b=1 c=plain\n',
  ],
  [
    "escapes line feeds, escapes and C1 controls in common format",
    { format: "common" },
    (logger) => logger.info("a\nb\x1b[31m\u009b", { path: 'x"\r\n' }),
    '2026-11-20T10:25:27Z INF a\\x0ab\\x1b[31m\\x9b path="x\\"\\x0d\\x0a"\n',
  ],
  [
    "escapes what JSON leaves alone but terminals act on",
    {},
    (logger) => logger.info("\u007f\u009b\u2028"),
    '{"level":"info","time":"2026-11-20T10:25:27Z","message":"\\u007f\\u009b\\u2028"}\n',
  ],
  [
    "redacts by key name, also inside objects, and user information in URLs",
    {},
    (logger) => logger.info("m", { token: "t", deep: { password: "p", n: 1 }, url: "https://u:p@h/" }),
    '{"level":"info","token":"xxxx","deep":{"password":"xxxx","n":1},"url":"https://xxxx@h/",' +
    '"time":"2026-11-20T10:25:27Z","message":"m"}\n',
  ],
  [
    "survives what JSON can't hold",
    {},
    (logger) => logger.info("m", { big: 12n, fn: undefined, symbol: Symbol("s"), deep: { big: 1n } }),
    '{"level":"info","big":"12","symbol":"Symbol(s)","deep":"(not printable)",' +
    '"time":"2026-11-20T10:25:27Z","message":"m"}\n',
  ],
];

for (const [name, options, use, wanted] of rows) {
  test(`createLogger() ${name}`, () => assert.equal(lineOf(options, use), wanted));
}

test("createLogger() colours the common format unless told not to", () => {
  const line = lineOf({ format: "common", noColor: false }, (logger) => logger.warn("m", { a: 1 }));
  assert.match(line, /\x1b\[33mWRN\x1b\[0m/);
});

test("createLogger() cuts a cyclic value", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  assert.match(lineOf({}, (logger) => logger.info("m", { cyclic })), /…/);
});

test("Logger.enabled() asks before costly fields are built", () => {
  const logger = createLogger({ level: "INFO", format: "json", write: () => {} });
  assert.deepEqual([logger.enabled("DEBUG"), logger.enabled("INFO"), logger.enabled("ERROR")], [false, true, true]);
});

test("errorText() says each cause once", () => {
  assert.equal(errorText(new Error("a: b", { cause: new Error("b", { cause: "c" }) })), "a: b: c");
});

test("parseLogLevel() takes Traefik's names in any case", () => {
  const given = ["debug", "Warn", "WARNING", " trace ", "verbose", ""].map(parseLogLevel);
  assert.deepEqual(given, ["DEBUG", "WARN", "WARN", "TRACE", undefined, undefined]);
});
