// How findings are shown: which of them, in which format, and the line that counts them.

import { type CheckReport } from "./check.ts";
import type { Finding } from "./finding.ts";
import { formatGithub } from "./format-github.ts";
import { formatJson } from "./format-json.ts";
import { formatSarif } from "./format-sarif.ts";
import { formatText } from "./format-text.ts";
import type { CheckInput } from "./input.ts";

/** What {@link formatReport} can write. */
export const reportFormats = ["text", "json", "sarif", "github"] as const;

/** One of the formats. */
export type ReportFormat = (typeof reportFormats)[number];

/** How to show a report. */
export interface ReportOptions {
  readonly format: ReportFormat;
  /** Errors only (with `isStrict`, warnings too), and no summary. */
  readonly isQuiet: boolean;
  /** Warnings count as errors. */
  readonly isStrict: boolean;
  readonly color: boolean;
  /** Of weir, for formats that name their author. */
  readonly version: string;
  /** The checked files: for the lines that findings point at. */
  readonly inputs: readonly CheckInput[];
}

/** A report that is about to be written. */
export interface ShownReport extends CheckReport {
  /** What is to be shown of them. */
  readonly shown: readonly Finding[];
  readonly errors: number;
  readonly warnings: number;
}

/** Whether a report makes the check fail. */
export function isFailure({ findings }: CheckReport, { isStrict }: Pick<ReportOptions, "isStrict">): boolean {
  return findings.some(({ severity }) => isStrict || severity === "error");
}

/** Writes a report. */
export function formatReport(report: CheckReport, options: ReportOptions): string {
  const { findings } = report;
  const { isQuiet, isStrict } = options;
  const errors = findings.filter(({ severity }) => severity === "error");
  const shown = isQuiet && !isStrict ? errors : findings;
  return writers[options.format](
    { ...report, shown, errors: errors.length, warnings: findings.length - errors.length },
    options,
  );
}

const writers: Readonly<Record<ReportFormat, (report: ShownReport, options: ReportOptions) => string>> = {
  text: formatText,
  json: formatJson,
  sarif: formatSarif,
  github: formatGithub,
};
