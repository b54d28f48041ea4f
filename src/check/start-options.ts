// The start-up options that a check goes by: flags over the files of start-up options among the inputs.

import { parseFlags } from "../config/flags.ts";
import { buildStatic } from "../config/load-static.ts";
import type { Layer } from "../config/layer.ts";
import { parseStaticText } from "../config/static-file.ts";
import type { StaticConfiguration } from "../config/static.ts";
import type { EntryPointFacts } from "../build/context.ts";
import { entryPointFacts } from "../build/entry-points.ts";
import type { Problem } from "../schema/problem.ts";
import type { CheckInput } from "./input.ts";

/** What is known of the start. */
export interface StartOptions {
  /** Undefined where nothing that is said of it makes sense. */
  readonly configuration: StaticConfiguration | undefined;
  /** Undefined where nobody declares any: then all names that routers use are taken for granted. */
  readonly entryPoints: readonly EntryPointFacts[] | undefined;
  readonly problems: readonly Problem[];
}

/** Reads the options. @param statics files that hold start-up options; each is one start */
export function readStartOptions(flags: readonly string[], statics: readonly CheckInput[]): StartOptions {
  const { layer } = parseFlags(flags);
  const files = statics.map(({ file, text }) => parseStaticText(file, text));
  const starts = (files.length === 0 ? [[layer]] : files.map((file) => [layer, file])).map(startOf);
  const declared = starts.filter(({ entryPoints }) => entryPoints.length > 0);
  return {
    configuration: starts.find(({ configuration }) => configuration !== undefined)?.configuration,
    entryPoints: declared.length === 0 ? undefined : declared.flatMap(({ entryPoints }) => entryPoints),
    problems: starts.flatMap(({ problems }) => problems).filter(isWorthSaying),
  };
}

/** Flags are checked by the start itself; only what keeps a check from reading them is said. */
function isWorthSaying({ source, severity }: Problem): boolean {
  return source?.type !== "flag" || severity === "error";
}

interface Start {
  readonly configuration: StaticConfiguration | undefined;
  readonly entryPoints: readonly EntryPointFacts[];
  readonly problems: readonly Problem[];
}

function startOf(layers: readonly Layer[]): Start {
  const { configuration, problems, sourceOf } = buildStatic(layers);
  const all = configuration?.entryPoints ?? {};
  const isDeclared = Object.keys(all).some((name) => sourceOf(["entryPoints", name]) !== undefined);
  return { configuration, problems, entryPoints: isDeclared ? entryPointFacts(all) : [] };
}
