// Traefik 2's matchers in terms of Traefik 3's, so that nothing after the parser has to know two languages.

import { defaultPattern, isTemplate, templateToPattern } from "./template.ts";
import type { RuleNode } from "./tree.ts";

/** A tree, or why there is none. */
export type Translation = RuleNode | { readonly message: string };

/**
 * Translates one call of v2 syntax. Several arguments mean "any of them", except for `Headers`,
 * `HeadersRegexp` and `Query`, where all must match.
 * @param name as documented for v2; the number of arguments has been checked
 */
export function translateV2(name: string, args: readonly string[]): Translation {
  if (name === "Headers") return headerPairs("Header", args);
  if (name === "HeadersRegexp") return headerPairs("HeaderRegexp", args);
  if (name === "Query") return combine("and", args.map(translateQuery));
  return combine("or", args.map((arg) => translateSingle(name, arg)));
}

function translateSingle(name: string, arg: string): Translation {
  switch (name) {
    case "Host":
    case "HostHeader":
      return isTemplate(arg) ? hostTemplate("HostRegexp", arg) : matcher("Host", arg);
    case "HostRegexp":
    case "HostSNIRegexp":
      return hostTemplate(name, arg);
    case "HostSNI":
      return isTemplate(arg) ? hostTemplate("HostSNIRegexp", arg) : matcher(name, arg);
    case "Path":
    case "PathPrefix":
      return isTemplate(arg) ? pathTemplate(arg, name === "Path") : matcher(name, arg);
    default:
      return matcher(name, arg);
  }
}

/** Hosts are compared in lower case, so only capitals of the rule's author need folding. */
function hostTemplate(name: string, template: string): Translation {
  const ignoreCase = /[A-Z]/.test(template);
  const result = templateToPattern(template, { defaultPattern: defaultPattern.host, whole: true, ignoreCase });
  return "pattern" in result ? matcher(name, result.pattern) : result;
}

function pathTemplate(template: string, whole: boolean): Translation {
  if (!template.startsWith("/")) return { message: `path ${JSON.stringify(template)} does not begin with "/"` };
  const result = templateToPattern(template, { defaultPattern: defaultPattern.path, whole });
  return "pattern" in result ? matcher("PathRegexp", result.pattern) : result;
}

/** `key=value`, where an empty value stands for any. */
function translateQuery(arg: string): Translation {
  const equals = arg.indexOf("=");
  if (equals < 1) return { message: `${JSON.stringify(arg)} is not a query parameter; wanted "key=value"` };
  const [key, value] = [arg.slice(0, equals), arg.slice(equals + 1)];
  if (value === "") return matcher("QueryRegexp", key, "^");
  if (!isTemplate(value)) return matcher("Query", key, value);
  const result = templateToPattern(value, { defaultPattern: defaultPattern.query, whole: true });
  return "pattern" in result ? matcher("QueryRegexp", key, result.pattern) : result;
}

function headerPairs(name: string, args: readonly string[]): Translation {
  if (args.length % 2 !== 0) return { message: "a header name without a value; wanted pairs of name and value" };
  const pairs: RuleNode[] = [];
  for (let at = 0; at < args.length; at += 2) pairs.push(matcher(name, args[at] ?? "", args[at + 1] ?? ""));
  return combine("and", pairs);
}

function combine(type: "and" | "or", parts: readonly Translation[]): Translation {
  const nodes: RuleNode[] = [];
  for (const part of parts) {
    if (!("type" in part)) return part;
    nodes.push(part);
  }
  const [only] = nodes;
  return nodes.length === 1 && only !== undefined ? only : { type, nodes };
}

function matcher(name: string, ...args: readonly string[]): RuleNode {
  return { type: "matcher", name, args };
}
