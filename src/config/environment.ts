// Options from environment variables: WEIR_* and TRAEFIK_*, with underscores for dots.

import { coerce } from "../schema/coerce.ts";
import type { Problem } from "../schema/problem.ts";
import type { Layer } from "./layer.ts";
import { resolveOptionName } from "./option-name.ts";
import type { ResolvedName } from "./option-name.ts";
import { OptionTree } from "./option-tree.ts";
import { hintForRemoved } from "./removed-options.ts";
import { staticSchema } from "./static.ts";

/** What the environment says. */
export interface ParsedEnvironment {
  readonly layer: Layer;
  /** `WEIR_CONFIGFILE` or `TRAEFIK_CONFIGFILE` */
  readonly configFile: string | undefined;
}

/** The weaker prefix first: what comes later replaces it. */
const PREFIXES = ["TRAEFIK_", "WEIR_"] as const;

/** Variables of tests and scripts, which are no options. */
const FOREIGN = new Set(["weir_shared", "weir_runtime"]);

/** What Kubernetes puts into Pods for each Service; one may be called `traefik` or `weir-api`. */
const SERVICE_LINK = /_SERVICE_(?:HOST|PORT(?:_\w+)?)$|_PORT(?:_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO))?)?$/i;

/** Reads variables; their names are case-insensitive, and empty ones count as not set. */
export function parseEnvironment(env: Readonly<Record<string, string | undefined>>): ParsedEnvironment {
  const tree = new OptionTree();
  const problems: Problem[] = [];
  let configFile: string | undefined;
  for (const prefix of PREFIXES) {
    for (const variable of Object.keys(env).toSorted()) {
      const value = env[variable];
      if (!variable.toUpperCase().startsWith(prefix) || value === undefined || value === "") continue;
      if (FOREIGN.has(variable.toLowerCase()) || SERVICE_LINK.test(variable)) continue;
      const name = variable.slice(prefix.length).toLowerCase().replaceAll("_", ".");
      if (name === "configfile") {
        configFile = value;
        continue;
      }
      const resolved = resolveOptionName(staticSchema, name);
      // A list is one variable with commas; it replaces what a weaker prefix said.
      if (resolved.found) tree.set(resolved.path, value, { type: "env", variable });
      else problems.push(...unknownVariable(variable, prefix, name, resolved));
    }
  }
  return { layer: toLayer(tree, problems), configFile };
}

function toLayer(tree: OptionTree, problems: readonly Problem[]): Layer {
  const { value } = coerce(staticSchema, tree.toValue());
  return { name: "environment", value, problems, sourceOf: (path) => tree.sourceOf(path) };
}

/**
 * Variables whose first word is no option belong to somebody else (`WEIR_VERSION` of an image), unless they
 * are nearly one; deeper down an unknown name is an error.
 */
function unknownVariable(
  variable: string,
  prefix: string,
  name: string,
  { depth, suggestion }: ResolvedName & { found: false },
): Problem[] {
  const removed = hintForRemoved(name);
  const near = suggestion === undefined
    ? undefined
    : `did you mean ${prefix}${suggestion.toUpperCase().replace(/\[|\]\.?|\./g, "_").replace(/_$/, "")}?`;
  const hint = removed ?? near;
  if (depth === 0 && hint === undefined) return [];
  return [{
    severity: depth === 0 ? "warning" : "error",
    code: "unknown-variable",
    message: `the variable ${variable} sets no option${depth === 0 ? ": it is ignored" : ""}`,
    ...(hint !== undefined && { hint }),
    source: { type: "env", variable },
  }];
}
