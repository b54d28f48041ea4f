// A problem as text for people: what, where, the line with a caret under it, and help.

import { formatPath } from "./path.ts";
import type { FilePosition, Problem, Source } from "./problem.ts";

/** How {@link formatProblem} prints. */
export interface ProblemTextOptions {
  /** The text of the file the problem's position points into: shows the line. */
  readonly sourceText?: string;
  /** ANSI colours. Default: false. */
  readonly color?: boolean;
  /** Says the code, too: `error[unknown-field]: …`. Default: false. */
  readonly showCode?: boolean;
}

const RED = "\u001b[1;31m";
const YELLOW = "\u001b[1;33m";
const BLUE = "\u001b[1;34m";
const RESET = "\u001b[0m";

/**
 * Prints a problem over several lines, in the manner of compilers.
 *
 * ```
 * error: unknown field "sevices"
 *   --> ir.yml:10:7 (spec.routes[0].sevices)
 *    |
 * 10 |       sevices:
 *    |       ^
 *    = help: did you mean "services"?
 * ```
 */
export function formatProblem(problem: Problem, options: ProblemTextOptions = {}): string {
  const paint = painter(options.color ?? false);
  const kind = options.showCode === true ? `${problem.severity}[${problem.code}]` : problem.severity;
  const title = paint(kind, problem.severity === "error" ? RED : YELLOW);
  const lines = [`${title}: ${printable(problem.message)}`];
  const position = problem.source && positionOf(problem.source);
  const frame = position && codeFrame(position, options.sourceText, paint);
  const gutter = " ".repeat(String(position?.line ?? " ").length);
  const place = describePlace(problem);
  if (place !== undefined) lines.push(`${gutter}${paint("-->", BLUE)} ${place}`);
  if (frame !== undefined) lines.push(...frame);
  if (problem.hint !== undefined) lines.push(`${gutter} ${paint("=", BLUE)} help: ${printable(problem.hint)}`);
  return lines.join("\n");
}

/** Prints a problem on one line, for logs: `message (hint) [file:line:column, path]`. */
export function summarizeProblem(problem: Problem): string {
  const hint = problem.hint === undefined ? "" : ` (${problem.hint})`;
  const place = describePlace(problem);
  return printable(`${problem.message}${hint}${place === undefined ? "" : ` [${place}]`}`);
}

/** Names what a configuration value came from: `traefik.yml:3:5`, `--log.level`, `WEIR_LOG_LEVEL`, `IngressRoute default/web`, `Namespace web`. */
export function describeSource(source: Source): string {
  switch (source.type) {
    case "flag":
      return source.flag;
    case "env":
      return source.variable;
    case "file":
      return describePosition(source);
    case "object": {
      const { kind, namespace } = source;
      const name = `${kind} ${namespace === "" ? "" : `${namespace}/`}${source.name}`;
      return source.position === undefined ? name : `${describePosition(source.position)}, ${name}`;
    }
  }
}

function describePlace(problem: Problem): string | undefined {
  const source = problem.source === undefined ? undefined : describeSource(problem.source);
  const path = problem.path === undefined || problem.path.length === 0 ? undefined : formatPath(problem.path);
  if (source === undefined) return path;
  return path === undefined ? source : `${source} (${path})`;
}

function describePosition({ file, line, column }: FilePosition): string {
  if (line === undefined) return file;
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

function positionOf(source: Source): FilePosition | undefined {
  if (source.type === "file") return source;
  return source.type === "object" ? source.position : undefined;
}

function codeFrame(
  { line, column }: FilePosition,
  text: string | undefined,
  paint: (text: string, color: string) => string,
): string[] | undefined {
  const content = line === undefined ? undefined : text?.split(/\r?\n/)[line - 1];
  if (content === undefined) return undefined;
  const number = String(line);
  const gutter = " ".repeat(number.length);
  const bar = paint("|", BLUE);
  const frame = [`${gutter} ${bar}`, `${paint(number, BLUE)} ${bar} ${printable(content)}`];
  // Tabs stay tabs under tabs, so that the caret stands where the eye expects it.
  if (column !== undefined) frame.push(`${gutter} ${bar} ${content.slice(0, column - 1).replace(/[^\t]/g, " ")}^`);
  return frame;
}

function painter(color: boolean): (text: string, code: string) => string {
  return color ? (text, code) => `${code}${text}${RESET}` : (text) => text;
}

/** Configuration is somebody else's text: control characters must not reach a terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
