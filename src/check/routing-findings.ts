// What the trial build says, as far as it holds for files.

import type { Problem } from "../schema/problem.ts";
import { suggest } from "../schema/suggest.ts";
import type { CheckedObject } from "./object-gate.ts";
import type { CheckedRouting } from "./routing.ts";

/** What else is known of what was built. */
export interface RoutingContext {
  readonly objects: readonly CheckedObject[];
  /** Names of all parts in files. */
  readonly fileNames: ReadonlySet<string>;
  /** Whether there are files of routing at all. */
  readonly hasFiles: boolean;
}

/** `the middleware auth@file does not exist`, `the TLS options x@file do not exist` */
const MISSING = /the ([\w ]+?) ([^\s"]+)@(\w+) do(?:es)? not exist/;
const NO_ENTRY_POINT = /there is no entry point (\S+)$/;
const LISTED = /^there are: (.*)$/;

/** Leaves out what other steps say better, or have said. */
export function judgeRouting({ problems }: CheckedRouting, context: RoutingContext): Problem[] {
  const names = new Set(context.objects.map(({ namespace, name }) => `${namespace}-${name}`));
  return problems.flatMap((problem) => {
    if (problem.code === "shadowed-router") return []; // routers are compared here by what they take, not as texts
    const [, noun = "", name = "", provider = ""] = MISSING.exec(problem.message) ?? [];
    if (name === "") return [withSuggestion(problem)];
    // Keys such as Middleware.traefik.io/default/auth stand for objects that the provider has found.
    const isThere = provider === "file" ? context.fileNames.has(name) : name.includes("/") || names.has(name);
    if (isThere) return []; // it has errors of its own, which were told
    const isJudged = provider === "file" ? context.hasFiles : provider.startsWith("kubernetes");
    if (isJudged) return [{ ...problem, ...nearest(name, [...provider === "file" ? context.fileNames : names]) }];
    const hint = `nothing of the provider ${provider} is among the files: nobody can tell whether the ${noun} is there`;
    return [{ ...problem, severity: "warning", hint }];
  });
}

function withSuggestion(problem: Problem): Problem {
  const name = NO_ENTRY_POINT.exec(problem.message)?.[1];
  const known = LISTED.exec(problem.hint ?? "")?.[1]?.split(", ") ?? [];
  return name === undefined ? problem : { ...problem, severity: "error", ...nearest(name, known) };
}

function nearest(name: string, known: readonly string[]): Pick<Problem, "hint"> {
  const near = suggest(name, known);
  return near === undefined ? {} : { hint: `did you mean ${JSON.stringify(near)}?` };
}
