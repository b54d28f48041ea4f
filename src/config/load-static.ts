// Flags over variables over a file: one static configuration, and where each option came from.

import type { Runtime } from "../net/runtime.ts";
import { toProblems } from "../schema/issues.ts";
import type { FieldPath } from "../schema/path.ts";
import type { Problem, Source } from "../schema/problem.ts";
import { addEntryPoints, checkStatic } from "./complete-static.ts";
import { parseEnvironment } from "./environment.ts";
import { parseFlags } from "./flags.ts";
import { mergeLayers, sourceOfOption } from "./layer.ts";
import type { Layer } from "./layer.ts";
import { readStaticFile } from "./static-file.ts";
import { staticSchema } from "./static.ts";
import type { StaticConfiguration } from "./static.ts";
import { reportUnused } from "./unused-options.ts";

/** The outcome of loading. An error among the problems means: do not start. */
export interface LoadedStatic {
  /** Undefined when a problem is an error. */
  readonly configuration: StaticConfiguration | undefined;
  readonly problems: readonly Problem[];
  /** The file that was read, for code frames. */
  readonly file: { readonly path: string; readonly text: string } | undefined;
  /** Who set an option; undefined: it is a default. */
  sourceOf(path: FieldPath): Source | undefined;
}

/**
 * Loads the static configuration. Unlike Traefik, which takes the first source it finds, weir lays flags over
 * variables over the file.
 * @param args flags only, without sub-command
 */
export async function loadStatic(
  runtime: Pick<Runtime, "env" | "files">,
  args: readonly string[],
): Promise<LoadedStatic> {
  const flags = parseFlags(args);
  const environment = parseEnvironment(runtime.env);
  const file = await readStaticFile(runtime, flags.configFile ?? environment.configFile);
  const layers = [flags.layer, environment.layer, ...(file === undefined ? [] : [file.layer])];
  const checked = buildStatic(layers);
  return { ...checked, file: file && { path: file.path, text: file.text } };
}

/** Merges and checks layers, the strongest first. Pure. */
export function buildStatic(layers: readonly Layer[]): Omit<LoadedStatic, "file"> {
  const merged = mergeLayers(layers);
  const problems = layers.flatMap((layer) => layer.problems);
  const sourceOf = (path: FieldPath) => sourceOfOption(layers, path, "key");
  const parsed = staticSchema.safeParse(merged);
  const configuration = parsed.success ? addEntryPoints(parsed.data) : undefined;
  const found = parsed.success
    ? checkStatic(addEntryPoints(parsed.data))
    : toProblems(parsed.error, { input: merged, schema: staticSchema });
  problems.push(...found.map((problem) => locate(problem, layers)), ...reportUnused(merged, layers));
  const isSound = !problems.some((problem) => problem.severity === "error");
  return { configuration: isSound ? configuration : undefined, problems, sourceOf };
}

/** Gives a problem the source of its option, or of the nearest block around it that somebody set. */
function locate(problem: Problem, layers: readonly Layer[]): Problem {
  const path = problem.path ?? [];
  for (let length = path.length; length > 0; length--) {
    const at = length === path.length && problem.code === "invalid-value" ? "value" : "key";
    const source = sourceOfOption(layers, path.slice(0, length), at);
    if (source !== undefined) return { ...problem, source };
  }
  return problem;
}
