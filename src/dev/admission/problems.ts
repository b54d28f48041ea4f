// What weir itself makes of an object: problems in its own words, beside what a real API server would refuse.

import type { Problem } from "../../schema/problem.ts";
import type { JsonObject } from "../json.ts";

/** Checks one object of a kind that weir knows; an empty list for any other. */
export type ValidateObject = (object: JsonObject) => readonly Problem[];

/** What a real server's structural schema would refuse: other problems are no reason to refuse an object. */
export function isStructural(problem: Problem): boolean {
  return problem.severity === "error" && (problem.code === "invalid-value" || problem.code === "missing-field");
}

/** True for a field that the schema does not have. */
export function isUnknownField(problem: Problem): boolean {
  return problem.code === "unknown-field";
}
