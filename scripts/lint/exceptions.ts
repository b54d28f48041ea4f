// Where a rule of the house does not hold, and why. An entry without a reason does not compile.

/** One exemption: a rule, the file it does not hold in, and the reason. */
export interface Exception {
  /** The rule's name without the plugin's prefix. */
  readonly rule: string;
  /** Relative to the repository. */
  readonly path: string;
  readonly reason: string;
}

/** All exemptions there are. */
export const exceptions: readonly Exception[] = [
  {
    rule: "no-default-export",
    path: "scripts/lint/plugin.ts",
    reason: "deno lint loads a plugin through its default export",
  },
  {
    rule: "no-barrel",
    path: "src/mod.ts",
    reason: "the public API for embedding gathers what the parts export",
  },
];

/** @returns whether a rule is switched off in a file */
export function isExempt(rule: string, path: string, list: readonly Exception[] = exceptions): boolean {
  return list.some((each) => each.rule === rule && each.path === path);
}
