// Findings as commands that GitHub Actions shows beside the lines of a change.

import { type Finding, positionOf } from "./finding.ts";
import type { ReportOptions, ShownReport } from "./report.ts";

/** Writes a line for each finding: `::error file=a.yaml,line=3,col=5,title=unknown-field::…`. */
export function formatGithub(report: ShownReport, _options: ReportOptions): string {
  return report.shown.map((finding) => `${toCommand(finding)}\n`).join("");
}

function toCommand(finding: Finding): string {
  const { severity, code, message, hint } = finding;
  const { file, line, column } = positionOf(finding) ?? {};
  const properties = { file, line, col: column, title: code };
  const text = hint === undefined ? message : `${message} (${hint})`;
  const list = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${severity} ${list.join(",")}::${escapeText(text)}`;
}

function escapeText(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeText(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
