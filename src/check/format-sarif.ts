// Findings as SARIF 2.1.0, as code scanning of GitHub takes it.

import type { FilePosition } from "../schema/problem.ts";
import { sha256Hex } from "../net/hash.ts";
import { type Finding, positionOf } from "./finding.ts";
import type { ReportOptions, ShownReport } from "./report.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";
const HASH_LENGTH = 16; // hex digits

/** Writes one log with one run. */
export function formatSarif(report: ShownReport, { version, inputs }: ReportOptions): string {
  const codes = [...new Set(report.shown.map(({ code }) => code))].sort();
  const texts = new Map(inputs.map(({ file, text }) => [file, text.split(/\r?\n/)]));
  const seen = new Map<string, number>();
  const log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [{
      tool: { driver: { name: "weir", version, rules: codes.map(toRule) } },
      columnKind: "utf16CodeUnits",
      results: report.shown.map((finding) => ({
        ...toResult(finding, codes),
        partialFingerprints: { primaryLocationLineHash: fingerprint(finding, texts, seen) },
      })),
    }],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function toRule(code: string) {
  const text = code.replaceAll("-", " ");
  return {
    id: code,
    name: code.replace(/(?:^|-)(\w)/g, (_, first: string) => first.toUpperCase()),
    shortDescription: { text: `${text.charAt(0).toUpperCase()}${text.slice(1)}` },
  };
}

function toResult(finding: Finding, codes: readonly string[]) {
  const { code, severity, message, hint, related } = finding;
  const position = positionOf(finding);
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: hint === undefined ? message : `${message} (${hint})` },
    locations: position === undefined ? [] : [{ physicalLocation: toLocation(position) }],
    ...(related !== undefined && {
      relatedLocations: [{
        id: 1,
        physicalLocation: toLocation(related.position),
        message: { text: related.message },
      }],
    }),
  };
}

/** A result must point at a line: what is wrong with a whole file is wrong from its first one. */
function toLocation({ file, line = 1, column = 1 }: FilePosition) {
  return { artifactLocation: { uri: toUri(file) }, region: { startLine: line, startColumn: column } };
}

/** Relative to the root of the repository, which is where the check is run. */
function toUri(file: string): string {
  const path = file.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  return path.startsWith("/") ? `file://${path}` : path;
}

/** The same finding keeps its fingerprint when lines above it come and go. */
function fingerprint(
  finding: Finding,
  texts: ReadonlyMap<string, readonly string[]>,
  seen: Map<string, number>,
): string {
  const { file = "", line = 1 } = positionOf(finding) ?? {};
  const text = texts.get(file)?.[line - 1]?.trim() ?? "";
  const hash = sha256Hex(JSON.stringify([file, finding.code, text])).slice(0, HASH_LENGTH);
  const turn = (seen.get(hash) ?? 0) + 1;
  seen.set(hash, turn);
  return `${hash}:${turn}`;
}
