// Findings for programs.

import { formatPath } from "../schema/path.ts";
import { type Finding, positionOf } from "./finding.ts";
import type { ReportOptions, ShownReport } from "./report.ts";

/** Writes one object: `findings`, in the order of files and lines, and `summary`. */
export function formatJson(report: ShownReport, _options: ReportOptions): string {
  const { errors, warnings, files, documents, objects, skipped } = report;
  const summary = { errors, warnings, files, documents, objects, skippedObjects: skipped };
  return `${JSON.stringify({ findings: report.shown.map(toJson), summary }, undefined, 2)}\n`;
}

function toJson(finding: Finding) {
  const { severity, code, message, hint, source, path = [], related } = finding;
  const object = source?.type === "object"
    ? { apiVersion: source.apiVersion, kind: source.kind, namespace: source.namespace, name: source.name }
    : undefined;
  return {
    severity,
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...positionOf(finding),
    ...(path.length > 0 && { path: formatPath(path) }),
    ...(object !== undefined && { object }),
    ...(related !== undefined && { related: { ...related.position, message: related.message } }),
  };
}
