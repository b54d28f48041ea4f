// Finds files that import each other in a circle; imports of types alone leave nothing at run time and don't count.

import { resolveImport } from "../lint/imports.ts";

const IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^;"']*?\bfrom\s+)?["']([^"']+)["']/gm;

/**
 * @param file relative to the repository
 * @param text its source
 * @returns the files it imports at run time, relative to the repository
 */
export function importsOf(file: string, text: string): readonly string[] {
  const targets = [...text.matchAll(IMPORT)].map((match) => resolveImport(file, match[1] ?? ""));
  return targets.filter((target) => target !== undefined);
}

/** @returns the files of one circle, the first repeated at its end; undefined when there is none */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of graph.keys()) {
    const cycle = search(graph, start, [], done);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function search(
  graph: ReadonlyMap<string, readonly string[]>,
  file: string,
  trail: readonly string[],
  done: Set<string>,
): readonly string[] | undefined {
  if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
  if (done.has(file)) return undefined;
  for (const target of graph.get(file) ?? []) {
    const cycle = search(graph, target, [...trail, file], done);
    if (cycle !== undefined) return cycle;
  }
  done.add(file);
  return undefined;
}
