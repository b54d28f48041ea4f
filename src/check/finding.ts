// What a check reports: problems with places in files, sorted, each said once.

import type { FilePosition, Problem } from "../schema/problem.ts";

/** A problem, and sometimes a second place that it speaks of. */
export interface Finding extends Problem {
  readonly related?: { readonly position: FilePosition; readonly message: string };
}

/** Where a problem stands, if it stands in a file. */
export function positionOf({ source }: Problem): FilePosition | undefined {
  if (source?.type === "file") return { file: source.file, ...lineOf(source) };
  return source?.type === "object" ? source.position : undefined;
}

/** `deploy/app.yaml:3:5` */
export function describePlace({ file, line, column }: FilePosition): string {
  return [file, line, column].filter((part) => part !== undefined).join(":");
}

/** By file, line and column; what two steps of the check have both found is there once. */
export function arrange(findings: readonly Finding[]): Finding[] {
  const unique = new Map<string, Finding>();
  for (const finding of findings) {
    const { file = "", line = 0, column = 0 } = positionOf(finding) ?? {};
    const key = JSON.stringify([file, line, column, finding.code, finding.message]);
    if (!unique.has(key)) unique.set(key, finding);
  }
  return [...unique.values()].sort(byPlace);
}

function byPlace(left: Finding, right: Finding): number {
  const [one, other] = [positionOf(left), positionOf(right)];
  const [first, second] = [one?.file ?? "", other?.file ?? ""];
  if (first !== second) return first < second ? -1 : 1;
  return (one?.line ?? 0) - (other?.line ?? 0) || (one?.column ?? 0) - (other?.column ?? 0);
}

function lineOf({ line, column }: FilePosition): Pick<FilePosition, "line" | "column"> {
  return { ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
}
