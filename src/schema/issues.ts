// zod's issues as problems: the field, the value in quotes, what was wanted, and a hint.

import type * as z from "zod";
import { isSecretAt } from "./secret.ts";
import { factsOf, schemaAt } from "./shape.ts";
import { isMapping, valueAt } from "./path.ts";
import type { FieldPath } from "./path.ts";
import type { Problem, Source } from "./problem.ts";
import { hintFor } from "./suggest.ts";

/** Where validated input came from. */
export interface IssueContext {
  /** What was validated: values are quoted from it. */
  readonly input: unknown;
  /** For the names known where an unknown field stands. */
  readonly schema?: z.core.$ZodType;
  /** Put before every path. */
  readonly path?: FieldPath;
  readonly source?: Source;
  /** Default: `error`. */
  readonly severity?: Problem["severity"];
}

type Issue = z.core.$ZodIssue;

/** Turns the issues of a failed parse into problems, in their order. */
export function toProblems(error: { readonly issues: readonly Issue[] }, context: IssueContext): Problem[] {
  return error.issues.flatMap((issue) => problemsOf(issue, context));
}

/** The problem of a field that the schema does not have. */
export function unknownField(path: FieldPath, known: readonly string[], context: Omit<IssueContext, "input">): Problem {
  const hint = hintFor(String(path.at(-1) ?? ""), known);
  return problem(context, path, {
    code: "unknown-field",
    message: `unknown field ${JSON.stringify(String(path.at(-1) ?? ""))}`,
    ...(hint !== undefined && { hint }),
  });
}

/** A value as messages show it: quoted, shortened, and hidden where the field's name says it is a secret. */
export function quoteValue(value: unknown, path: FieldPath = []): string {
  if (path.some(isSecretField)) return HIDDEN;
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (isMapping(value)) return "a mapping";
  // What was written is lost: the number nearest to it would be shown as if somebody had written that.
  const isInexact = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
  if (isInexact) return `about ${value.toPrecision(3)}`;
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= MAX_QUOTE ? text : `${text.slice(0, MAX_QUOTE)}…"`;
}

/** Tells whether a field's name says that its value is nobody's business. */
export function isSecretField(step: string | number): boolean {
  return typeof step === "string" && SECRET.test(step);
}

const HIDDEN = "a value that is not shown here";
const MAX_QUOTE = 80;
const SECRET = /passw|secret|token|^users$|apikey|hmac|credential|privatekey|keyfile/i;

function problemsOf(issue: Issue, context: IssueContext): Problem[] {
  const path = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    const known = knownFields(context.schema, path);
    return issue.keys.map((key) => unknownField([...path, key], known, context));
  }
  if (issue.code === "invalid_union") {
    const nested = nearestBranch(issue, path);
    if (nested !== undefined) return nested.flatMap((inner) => problemsOf(inner, context));
  }
  const value = valueAt(context.input, path);
  const name = fieldName([...context.path ?? [], ...path]);
  const wanted = wantedBy(issue);
  if (value === undefined && issue.code !== "custom") {
    return [problem(context, path, { code: "missing-field", message: `${name} is missing: it ${wanted}` })];
  }
  if (wanted.startsWith("is ") && issue.code === "custom") {
    return [problem(context, path, { code: "invalid-value", message: `${name} ${wanted}` })];
  }
  const hint = valueHint(issue, value);
  return [problem(context, path, {
    code: "invalid-value",
    message: `${name} ${wanted}, got ${isSecretAt(context.schema, path) ? HIDDEN : quoteValue(value, path)}`,
    ...(hint !== undefined && { hint }),
  })];
}

function problem(
  context: Omit<IssueContext, "input">,
  path: FieldPath,
  text: Pick<Problem, "code" | "message" | "hint">,
): Problem {
  return {
    severity: context.severity ?? "error",
    ...text,
    ...(context.source !== undefined && { source: context.source }),
    path: [...context.path ?? [], ...path],
  };
}

/** The last name of a path and the indices after it: `"servers[0]"`. */
function fieldName(path: FieldPath): string {
  const at = path.findLastIndex((step) => typeof step === "string");
  if (at < 0) return "the document";
  return JSON.stringify(String(path[at]) + path.slice(at + 1).map((index) => `[${index}]`).join(""));
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a mapping",
  record: "a mapping",
  array: "a list",
};

function wantedBy(issue: Issue): string {
  if (/^(?:must|is) /.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${oneOfText(issue.values.map((value) => JSON.stringify(value) ?? String(value)))}`;
    case "too_small":
      return `must ${bound(issue.origin, issue.minimum, issue.inclusive === false ? "more than" : "at least")}`;
    case "too_big":
      return `must ${bound(issue.origin, issue.maximum, issue.inclusive === false ? "less than" : "at most")}`;
    case "invalid_union":
      return `must be ${oneOfText([...new Set(issue.errors.flat().map(shortWanted))])}`;
    default:
      return `is not valid (${issue.message})`;
  }
}

function shortWanted(issue: Issue): string {
  return wantedBy(issue).replace(/^must be /, "");
}

function oneOfText(options: readonly string[]): string {
  if (options.length <= 2) return options.join(" or ");
  return `one of ${options.join(", ")}`;
}

function bound(origin: string, limit: number | bigint, relation: string): string {
  if (origin === "string") return `have ${relation} ${limit} characters`;
  if (origin === "array" || origin === "set" || origin === "map") return `have ${relation} ${limit} items`;
  return `be ${relation} ${limit}`;
}

/** Of a union's branches the one that got furthest; undefined when all failed on the value itself. */
function nearestBranch(issue: Issue & { code: "invalid_union" }, path: FieldPath): Issue[] | undefined {
  if (issue.message.startsWith("must ")) return undefined;
  const deep = issue.errors.filter((branch) => branch.every((inner) => inner.path.length > 0));
  const nearest = deep.toSorted((a, b) => a.length - b.length)[0];
  return nearest?.map((inner) => ({ ...inner, path: [...path, ...inner.path] }));
}

function valueHint(issue: Issue, value: unknown): string | undefined {
  if (issue.code === "invalid_value" && typeof value === "string") return hintFor(value, issue.values.map(String));
  // Trimmed first: blanks that two parts of an expression may take cost their square.
  const number = typeof value === "string" ? /^(-?[0-9]+(?:\.[0-9]+)?)\s*[,;]?$/.exec(value.trim())?.[1] : undefined;
  const wantsNumber = /number/.test(wantedBy(issue)) && issue.code !== "custom";
  return wantsNumber && number !== undefined ? `did you mean ${number}, without quotes and commas?` : undefined;
}

function knownFields(schema: z.core.$ZodType | undefined, path: FieldPath): string[] {
  const at = schema && schemaAt(schema, path);
  const shape = at && factsOf(at).shape;
  return shape?.kind === "object" ? Object.keys(shape.fields) : [];
}
