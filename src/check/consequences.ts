// One mistake, one finding: what only follows from another finding is left out.

import { fieldPath } from "../dev/json.ts";
import type { Source } from "../schema/problem.ts";
import { type Finding, positionOf } from "./finding.ts";

const REQUIRED = ": Required value"; // in the words of an API server
const SUGGESTION = /^did you mean "([^"]+)"\?/;

/** Leaves out fields that are missing because their name is mistyped, what weir does not serve yet of what is wrong anyway, and the like. */
export function withoutConsequences(findings: readonly Finding[]): Finding[] {
  const mistyped = new Set(findings.flatMap(meantField));
  const failed = new Set(findings.filter(isFailure).map(({ source }) => wholeOf(source)));
  return findings.filter((finding) => {
    switch (finding.code) {
      case "missing-field":
        return !mistyped.has(placeOf(finding));
      case "invalid-value":
        return !finding.message.includes(REQUIRED) || !mistyped.has(placeOf(finding));
      case "bad-rule":
        return !findings.some((each) => each.severity === "error" && isBelow(each, finding));
      case "not-exactly-one":
        return !findings.some((each) => each.code === "unknown-middleware" && isSameWhole(each, finding));
      case "broken-middleware": // said of the part itself
      case "broken-transport":
        return false;
      case "tls-not-served":
      case "not-served-yet":
        return !failed.has(wholeOf(finding.source));
      default:
        return true;
    }
  });
}

/** What lacks something is not served anyway. */
function isFailure({ severity, code }: Finding): boolean {
  return severity === "error" || code.startsWith("missing-");
}

/** The field that an unknown one was meant to be, with its place. */
function meantField(finding: Finding): string[] {
  const { code, hint = "", path = [] } = finding;
  const meant = code === "unknown-field" ? SUGGESTION.exec(hint)?.[1] : undefined;
  return meant === undefined ? [] : [placeOf({ ...finding, path: [...path.slice(0, -1), meant] })];
}

function placeOf({ source, path = [] }: Finding): string {
  return `${wholeOf(source)} ${fieldPath(path)}`;
}

/** A path that is wrong makes a rule that is wrong. */
function isBelow(one: Finding, other: Finding): boolean {
  const [inner, outer] = [one.path ?? [], other.path ?? []];
  return inner.length > outer.length && isSameWhole(one, other) && outer.every((step, index) => step === inner[index]);
}

function isSameWhole(one: Finding, other: Finding): boolean {
  return wholeOf(one.source) === wholeOf(other.source);
}

/** The object, or else the file, that a finding is about. */
function wholeOf(source: Source | undefined): string {
  if (source?.type !== "object") {
    return positionOf({ severity: "error", code: "", message: "", ...(source && { source }) })?.file ?? "";
  }
  const { kind, namespace, name, position } = source;
  return `${position?.file} ${kind} ${namespace}/${name}`;
}
