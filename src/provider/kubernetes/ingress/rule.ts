// Host, path and path type of an Ingress → a rule tree and its priority. Values never become rule text.

import { rulePriority } from "../../../rule/priority.ts";
import { translateV2 } from "../../../rule/translate-v2.ts";
import type { RuleNode } from "../../../rule/tree.ts";
import type { PathType } from "./schema-ingress.ts";
import type { pathMatchers } from "./vocabulary.ts";

/** How a path is to be compared. */
export interface PathMatch {
  readonly type: PathType;
  /** For the type ImplementationSpecific. `none`: the path does not matter. */
  readonly matcher: (typeof pathMatchers)[number] | "none";
  /** Prefixes end at a slash, as the Ingress specification says; Traefik compares characters. */
  readonly segmentWise: boolean;
  /** Paths of the type ImplementationSpecific may hold Traefik 2's templates: `/users/{id:[0-9]+}`. */
  readonly templates: boolean;
}

/** A rule, and where it stands in the order of all. */
export interface IngressRule {
  readonly rule: RuleNode;
  readonly priority: number;
}

const ANY_PATH: RuleNode = matcher("PathPrefix", "/");

/**
 * Builds the rule of one path.
 * @param host empty: any
 * @param path empty: any
 * @returns a message when the path is no template
 */
export function ingressRule(host: string, path: string, match: PathMatch): IngressRule | { readonly message: string } {
  const paths = pathNode(path, match);
  if ("message" in paths) return paths;
  return { rule: withHost(host, paths), priority: priorityOf(host, path, match) };
}

/** The rule of everything on a host. @param host empty: everything at all */
export function catchAllRule(host: string): RuleNode {
  return host === "" ? ANY_PATH : matcher("Host", host);
}

/** The path without slashes at its end; `/` becomes nothing. */
export function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end--;
  return path.slice(0, end);
}

function pathNode(path: string, match: PathMatch): RuleNode | { readonly message: string } {
  if (path === "" || (match.type === "ImplementationSpecific" && match.matcher === "none")) return ANY_PATH;
  if (match.type === "Exact") return matcher("Path", path);
  if (match.type === "Prefix") return match.segmentWise ? segmentPrefix(path) : matcher("PathPrefix", path);
  const { matcher: name } = match;
  if (name === "none") return ANY_PATH;
  return match.templates && name !== "PathRegexp" ? translateV2(name, [path]) : matcher(name, path);
}

/** `/foo` and `/foo/` mean the same: the path itself, and what is below it. */
function segmentPrefix(path: string): RuleNode {
  const bare = withoutSlashes(path);
  if (bare === "") return ANY_PATH;
  return { type: "or", nodes: [matcher("Path", bare), matcher("PathPrefix", `${bare}/`)] };
}

/**
 * Longer paths first, and of two that are equally long the exact one: the order of the Ingress specification. The
 * number is the length Traefik's text of the rule would have (a tree of two matchers must not count twice), so that
 * Ingresses and IngressRoutes stand beside each other as with Traefik.
 */
function priorityOf(host: string, path: string, { type, matcher: name }: PathMatch): number {
  const isExact = type === "Exact" || (type === "ImplementationSpecific" && name === "Path");
  const isPattern = type === "ImplementationSpecific" && name === "PathRegexp";
  const measured = type === "Prefix" ? withoutSlashes(path) : path;
  const paths = isPattern ? matcher("PathRegexp", path) : matcher("PathPrefix", measured === "" ? "/" : measured);
  return rulePriority(withHost(host, path === "" ? ANY_PATH : paths)) + (isExact ? 1 : 0);
}

function withHost(host: string, paths: RuleNode): RuleNode {
  if (host === "") return paths;
  const hosts = matcher("Host", host);
  return paths === ANY_PATH ? hosts : { type: "and", nodes: [hosts, paths] };
}

function matcher(name: string, arg: string): RuleNode {
  return { type: "matcher", name, args: [arg] };
}
