// The rule tree: what rule text parses to, and what Kubernetes values are built into directly (DESIGN D8).

/** A rule as JSON-serialisable data. Matcher names are Traefik's (`Host`, `PathPrefix`, `HostSNI`); arguments are plain strings. */
export type RuleNode =
  | { readonly type: "and"; readonly nodes: readonly RuleNode[] }
  | { readonly type: "or"; readonly nodes: readonly RuleNode[] }
  | { readonly type: "not"; readonly node: RuleNode }
  | { readonly type: "matcher"; readonly name: string; readonly args: readonly string[] };

/** Which matchers and arities are known: Traefik 3's or Traefik 2's. */
export type RuleSyntax = "v3" | "v2";
