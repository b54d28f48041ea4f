// What the rules share: where a file is, how long a piece of it is, and exemptions applied in one place.

import { isExempt } from "./exceptions.ts";

const root = decodeURIComponent(new URL("../..", import.meta.url).pathname);

/** A rule of the house: told the file's place, and reports through `report`. */
export type HouseRule = (file: FileContext) => Deno.lint.LintVisitor;

/** One file being linted. */
export interface FileContext {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly source: Deno.lint.SourceCode;
  readonly text: string;
  report(node: Deno.lint.Node, message: string, hint?: string): void;
  reportRange(range: Deno.lint.Range, message: string, hint?: string): void;
}

/** @returns whether a file is part of the core, which knows no runtime */
export function isCore(path: string): boolean {
  return path.startsWith("src/");
}

/** @returns whether a file is shipped: the core and the adapters */
export function isShipped(path: string): boolean {
  return isCore(path) || path.startsWith("adapters/");
}

/** @returns lines from `start` to `end`, both included */
export function countLines(text: string, start: number, end: number): number {
  let lines = 1;
  for (let at = text.indexOf("\n", start); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/** Makes Deno's rules of ours; a rule that is exempt in a file never sees it. */
export function toDenoRules(rules: Readonly<Record<string, HouseRule>>): Record<string, Deno.lint.Rule> {
  return Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, toDenoRule(name, rule)]));
}

function toDenoRule(name: string, rule: HouseRule): Deno.lint.Rule {
  return {
    create(context) {
      const path = toPath(context.filename);
      if (isExempt(name, path)) return {};
      return rule({
        path,
        source: context.sourceCode,
        text: context.sourceCode.text,
        report: (node, message, hint) => context.report({ node, message, ...(hint === undefined ? {} : { hint }) }),
        reportRange: (range, message, hint) =>
          context.report({ range, message, ...(hint === undefined ? {} : { hint }) }),
      });
    },
  };
}

function toPath(filename: string): string {
  const path = filename.replaceAll("\\", "/");
  return path.startsWith(root) ? path.slice(root.length) : path;
}
