// Findings for people: a block for each, with the line it points at, and a line that counts them.

import { formatProblem } from "../schema/problem-text.ts";
import { positionOf } from "./finding.ts";
import type { ReportOptions, ShownReport } from "./report.ts";

/** Writes the blocks, and the summary unless it is to be quiet. */
export function formatText(report: ShownReport, { color, isQuiet, inputs }: ReportOptions): string {
  const texts = new Map(inputs.map(({ file, text }) => [file, text]));
  const blocks = report.shown.map((finding) => {
    const sourceText = texts.get(positionOf(finding)?.file ?? "");
    return `${formatProblem(finding, { color, showCode: true, ...(sourceText !== undefined && { sourceText }) })}\n\n`;
  });
  return blocks.join("") + (isQuiet ? "" : `${summary(report)}\n`);
}

function summary({ errors, warnings, files, objects, skipped }: ShownReport): string {
  const found = errors + warnings === 0
    ? "nothing is wrong"
    : [count(errors, "error"), count(warnings, "warning")].filter((text) => text !== "").join(", ");
  const where = [count(files, "file"), count(objects, "object")].filter((text) => text !== "").join(", ");
  const others = skipped === 0 ? "" : `; ${count(skipped, "object")} of kinds weir does not know`;
  return `${found} (${where === "" ? "no files" : where}${others})`;
}

function count(number: number, noun: string): string {
  return number === 0 ? "" : `${number} ${noun}${number === 1 ? "" : "s"}`;
}
