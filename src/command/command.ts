// What the sub-commands share: loading the static configuration, telling problems, logging, waiting for signals.

import type { LoadedStatic } from "../config/load-static.ts";
import type { StaticConfiguration } from "../config/static.ts";
import type { Runtime } from "../net/runtime.ts";
import { formatProblem } from "../schema/problem-text.ts";
import type { Problem, Source } from "../schema/problem.ts";
import { createLogger } from "../telemetry/create-logger.ts";
import { openLogOutput } from "../telemetry/log-output.ts";
import type { LogOutput } from "../telemetry/log-output.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Exit codes: everything well, something is wrong, called wrongly. */
export const exitCode = { ok: 0, failed: 1, usage: 2 } as const;

/** A logger and where it writes. */
export interface OpenLog {
  readonly logger: Logger;
  readonly output: LogOutput;
}

/** Opens the log that the configuration describes. */
export function openLog(runtime: Runtime, { log }: Pick<StaticConfiguration, "log">): OpenLog {
  const output = openLogOutput({
    filePath: log.filePath,
    files: runtime.files,
    stdout: (text) => runtime.stdout(text),
    failed: (error) => runtime.stderr(`weir: the log ${log.filePath} can't be written: ${String(error)}\n`),
  });
  const isSeen = log.filePath === undefined && runtime.isTerminal;
  const noColor = log.noColor || !isSeen || runtime.env["NO_COLOR"] !== undefined;
  const logger = createLogger({ level: log.level, format: log.format, noColor, write: (text) => output.write(text) });
  return { logger, output };
}

/** Writes problems to stderr, with the lines they point at. */
export async function tellProblems(runtime: Runtime, problems: readonly Problem[]): Promise<void> {
  const texts = new Map<string, string | undefined>();
  for (const problem of problems) {
    const file = fileOf(problem.source);
    if (file !== undefined && !texts.has(file)) texts.set(file, await readable(runtime, file));
    const sourceText = file === undefined ? undefined : texts.get(file);
    runtime.stderr(`${formatProblem(problem, sourceText === undefined ? {} : { sourceText })}\n`);
  }
}

/** The configuration, or undefined after telling why there is none. */
export async function acceptConfiguration(
  runtime: Runtime,
  loaded: LoadedStatic,
): Promise<StaticConfiguration | undefined> {
  await tellProblems(runtime, loaded.problems);
  return loaded.configuration;
}

/** Resolves at the first signal to stop; a second one exits at once. */
export function stopSignal(runtime: Runtime): Promise<void> {
  return new Promise((resolve) => {
    let signals = 0;
    const onSignal = (): void => {
      if (++signals > 1) runtime.exit(exitCode.failed);
      resolve();
    };
    runtime.onSignal("SIGTERM", onSignal);
    runtime.onSignal("SIGINT", onSignal);
  });
}

/** `weir ready: web=127.0.0.1:8000 …`: what scripts and tests wait for. */
export function readyLine(
  addresses: readonly { name: string; host: string; port: number; protocol?: "tcp" | "udp" }[],
): string {
  const list = addresses.map(({ name, host, port, protocol }) =>
    `${name}=${hostText(host)}:${port}${protocol === "udp" ? "/udp" : ""}`
  );
  return `weir ready: ${list.join(" ")}\n`;
}

/** Reports what this runtime can't do. */
export function tellGaps(runtime: Runtime, logger: Logger): void {
  for (const { feature, reason, link } of runtime.gaps) {
    logger.info(`${feature} does not work on ${runtime.name}`, { reason, ...(link !== undefined && { link }) });
  }
}

function hostText(host: string): string {
  if (host === "") return "*";
  return host.includes(":") ? `[${host}]` : host;
}

function fileOf(source: Source | undefined): string | undefined {
  if (source?.type === "file") return source.file;
  return source?.type === "object" ? source.position?.file : undefined;
}

async function readable(runtime: Runtime, file: string): Promise<string | undefined> {
  try {
    return await runtime.files.readText(file);
  } catch {
    return undefined; // gone meanwhile: the problem is told without its line
  }
}
