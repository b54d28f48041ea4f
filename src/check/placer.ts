// Problems of providers and of the build → places in the files, down to the word where that can be found.

import type { RuledRouter } from "../config/dynamic-part.ts";
import type { Step } from "../dev/json.ts";
import { valueAt } from "../dev/json.ts";
import type { FieldPath } from "../schema/path.ts";
import type { Problem, Source } from "../schema/problem.ts";
import type { FileParts } from "./file-parts.ts";
import { describePlace, type Finding, positionOf } from "./finding.ts";
import type { CheckedObject } from "./object-gate.ts";
import { findText, placed, type PlacedManifest } from "./place.ts";
import type { CheckInput } from "./input.ts";
import { placeInRule } from "./rule-place.ts";

/** Fields whose values name other things. */
const REFERENCES: ReadonlySet<string> = new Set([
  "entryPoints",
  "middlewares",
  "service",
  "services",
  "options",
  "serversTransport",
  "name",
  "fallback",
]);

const ROUTER_PREFIX = /^router \S+@\w+: /;

/** Codes of problems whose place is the rule of a router. */
const ABOUT_RULES: ReadonlySet<string> = new Set(["bad-rule", "duplicate-route", "unreachable-router"]);

/** Knows where everything stands. */
export class Placer {
  readonly #objects: ReadonlyMap<string, CheckedObject>;
  readonly #files: FileParts;
  readonly #inputs: readonly CheckInput[];

  constructor(objects: readonly CheckedObject[], files: FileParts, inputs: readonly CheckInput[]) {
    this.#inputs = inputs;
    this.#objects = new Map(objects.map((object) => [keyOf(object.manifest.content, object), object]));
    this.#files = files;
  }

  /** The finding of a problem with an object or with a part of a file. */
  place(problem: Problem): Finding {
    const object = this.#objectOf(problem.source);
    if (object !== undefined) {
      const path = refine(problem, object.manifest.content, [], ownPath(problem, object));
      const message = problem.message.replace(ROUTER_PREFIX, ""); // the object says which one
      return this.#inRule(placed(object, { ...problem, message, path }), object.manifest.content);
    }
    const part = this.#files.placeOf(problem.source);
    if (part === undefined) return problem;
    const { document } = part;
    const base = ABOUT_RULES.has(problem.code) ? [...part.path, "rule"] : part.path;
    const path = refine(problem, document.value, part.path, base);
    const isSpecific = path.length > part.path.length;
    const finding = { ...problem, path, source: document.sourceOf(path, isSpecific ? "value" : "key") };
    return this.#inRule(finding, document.value);
  }

  /** The same for a problem that is known to be of one object. */
  placeIn(object: PlacedManifest, problem: Problem): Finding {
    return placed(object, problem);
  }

  /** The finding of a problem, and the place of the router that it speaks of. */
  relate(problem: Problem, other: RuledRouter): Finding {
    const finding = this.place(problem);
    const there = other.source &&
      positionOf(this.place({ ...problem, source: other.source, path: other.rulePath ?? [] }));
    if (there === undefined) return finding;
    const message = `${finding.message} (${describePlace(there)})`;
    return { ...finding, message, related: { position: there, message: "the other router" } };
  }

  /** Moves the place of a rule's mistake into the rule. */
  #inRule(finding: Finding, content: unknown): Finding {
    const { source, message } = finding;
    const rule = finding.code === "bad-rule" ? valueAt(content, ...finding.path ?? []) : undefined;
    const position = positionOf(finding);
    if (typeof rule !== "string" || position?.line === undefined) return finding;
    const text = this.#inputs.find(({ file }) => file === position.file)?.text.split(/\r?\n/)[position.line - 1];
    const exact = placeInRule(rule, message, position, text ?? "");
    if (source?.type === "object") return { ...finding, source: { ...source, position: exact } };
    return { ...finding, source: { type: "file", ...exact } };
  }

  #objectOf(source: Source | undefined): CheckedObject | undefined {
    return source?.type === "object" ? this.#objects.get(keyOf(source, source)) : undefined;
  }
}

/** The path, if it is one of the object: that of a part which was made of the object says nothing here. */
function ownPath({ path = [] }: Problem, { manifest }: CheckedObject): FieldPath {
  const [first] = path;
  return first === undefined || valueAt(manifest.content, first) === undefined ? [] : path;
}

/** Group and kind, not the version: providers name one of several. */
function keyOf(
  { apiVersion, kind }: { readonly apiVersion?: unknown; readonly kind?: unknown },
  { namespace, name }: { readonly namespace: string; readonly name: string },
): string {
  const version = String(apiVersion);
  const group = version.includes("/") ? version.slice(0, version.indexOf("/")) : "";
  return `${group}/${String(kind)} ${namespace}/${name}`;
}

/** The path of the word that a message is about, where the problem tells of no path of its own. */
function refine({ message, code }: Problem, content: unknown, base: FieldPath, path: FieldPath): FieldPath {
  if (ABOUT_RULES.has(code) || path.length > base.length) return path;
  const words = new Set(message.replace(ROUTER_PREFIX, "").split(/[\s",:()]+/));
  const isNamed = (name: string) =>
    words.has(name) || words.has(`${name}@file`) || words.has(name.replace(/@\w+$/, ""));
  const accepts = (text: string, at: readonly Step[]) => isReference(at) && text.split(/\s*,\s*/).some(isNamed);
  return findText(valueAt(content, ...base), accepts, base) ?? path;
}

/** Fields whose values name other things, annotations among them; not the object's own name. */
function isReference(path: readonly Step[]): boolean {
  if (path[0] === "metadata") return path[1] === "annotations";
  return path.some((step) => typeof step === "string" && REFERENCES.has(step));
}
