// Traefik 1's path annotations: what rule-type, rewrite-target and request-modifier make of a path.

import { withoutSlashes } from "./rule.ts";
import type { LegacyIngress } from "./legacy-ingress.ts";
import type { Drafts, LegacyPath, MiddlewareDraft } from "./legacy-middleware.ts";

/** In the order Traefik 1 applied them: strip, add, replace by expression, replace. */
export function pathChanges(input: LegacyPath): Drafts {
  const { options, path, lookUp } = input;
  if (options["rule-type"] === "ReplacePath" && (options["rewrite-target"] ?? "") !== "") {
    return lookUp.refuse("rewrite-target", `"rewrite-target" and "rule-type: ReplacePath" exclude each other`);
  }
  const modifier = modifierOf(input);
  if (modifier === undefined) return undefined;
  const changes = path === "" ? modifier : [...changesOfPath(options, path), ...modifier];
  return changes.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

function changesOfPath(options: LegacyIngress, path: string): readonly MiddlewareDraft[] {
  const type = options["rule-type"];
  const target = options["rewrite-target"] ?? "";
  if (type === "ReplacePath") return [draft("rule-type", "replacePath", { path })];
  const strips = type === "PathStrip" || type === "PathPrefixStrip";
  return [
    ...strips ? [draft("rule-type", "stripPrefix", { prefixes: [path] })] : [],
    ...target === "" ? [] : [draft("rewrite-target", "replacePathRegex", rewrite(path, target))],
  ];
}

const ORDER = ["stripPrefix", "addPrefix", "replacePathRegex", "replacePath"];

/** What follows the path is put behind the target. */
function rewrite(path: string, target: string) {
  const bare = withoutSlashes(target);
  const before = path === "/" ? "" : path.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  // With nothing before it, what follows must bring its own slash, and only one.
  return bare === ""
    ? { regex: `^${before}/*(.*)$`, replacement: "/${1}" }
    : { regex: `^${before}(.*)$`, replacement: `${bare}\${1}` };
}

/** `AddPrefix: /x`, `ReplacePath: /x` or `ReplacePathRegex: expression replacement`. */
function modifierOf({ options, lookUp }: LegacyPath): Drafts {
  const text = options["request-modifier"];
  if (text === undefined) return [];
  const refuse = (reason: string) =>
    lookUp.refuse("request-modifier", `"request-modifier" ${reason}, got ${JSON.stringify(text)}`, MODIFIERS);
  const match = /^([A-Za-z]+)\s*:\s*(\S.*)$/.exec(text.trim());
  if (match === null) return refuse("must be a modifier and its value");
  const [, modifier = "", value = ""] = match;
  if (modifier === "AddPrefix") return [draft("request-modifier", "addPrefix", { prefix: value })];
  if (modifier !== "ReplacePath" && modifier !== "ReplacePathRegex") return refuse("has an unknown modifier");
  if (options["rule-type"] === "ReplacePath") return refuse('and "rule-type: ReplacePath" exclude each other');
  if (modifier === "ReplacePath") return [draft("request-modifier", "replacePath", { path: value })];
  const [, regex, replacement] = /^(\S+)\s+(\S+)$/.exec(value) ?? [];
  if (regex === undefined || replacement === undefined) return refuse("needs an expression, a space and a replacement");
  return [draft("request-modifier", "replacePathRegex", { regex, replacement })];
}

const MODIFIERS = "such as AddPrefix: /x, ReplacePath: /x or ReplacePathRegex: ^/a/(.*) /b/$1";

function draft(annotation: string, kind: string, options: MiddlewareDraft["options"]): MiddlewareDraft {
  return { name: `${annotation}-${kind}`, kind, options, annotation };
}
