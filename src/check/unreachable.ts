// Routers that never get a request, because one that is asked before them takes all of theirs.

import type { EntryPointFacts } from "../build/context.ts";
import type { Merged } from "../config/merge-section.ts";
import type { RuledRouter } from "../config/dynamic-part.ts";
import { parseRule } from "../rule/parse.ts";
import { rulePriority } from "../rule/priority.ts";
import { formatRule } from "../rule/format.ts";
import type { RuleNode, RuleSyntax } from "../rule/tree.ts";
import type { RuleProtocol } from "../rule/vocabulary.ts";
import { type Alternative, alternativesOf, covers } from "./rule-cover.ts";

/** A router and the one that takes its requests. */
export interface Unreachable {
  readonly router: Merged<RuledRouter>;
  readonly by: Merged<RuledRouter>;
  readonly rule: string;
  /** Both take the same requests: the order alone decides. */
  readonly isSame: boolean;
  readonly priority: number;
  readonly priorityOfOther: number;
}

/** What routers are compared under. */
export interface Comparison {
  readonly protocol: RuleProtocol;
  readonly defaultSyntax: RuleSyntax;
  /** Undefined: nobody declares any. */
  readonly entryPoints: readonly EntryPointFacts[] | undefined;
}

interface Candidate {
  readonly router: Merged<RuledRouter>;
  readonly tree: RuleNode;
  readonly alternatives: readonly Alternative[];
  readonly priority: number;
  readonly entryPoints: ReadonlySet<string>;
  readonly isTls: boolean;
}

const DEFAULT_ENTRY_POINTS = "by default";
const MAX_COMPARED = 1000; // routers of one host that a router is compared with; beyond, findings may be missing

/** Finds them; each is told once, with the first router that stands before it. */
export function findUnreachable(
  routers: readonly (Merged<RuledRouter> & { readonly tls?: unknown })[],
  comparison: Comparison,
): Unreachable[] {
  const candidates = routers.flatMap((router) => toCandidate(router, comparison));
  // Of equal ones the broken come last, as in traffic; other ties keep their order.
  candidates.sort((one, other) => other.priority - one.priority || defectsOf(one) - defectsOf(other));
  const byHost = new Map<string, Candidate[]>();
  const found: Unreachable[] = [];
  for (const candidate of candidates) {
    const before = candidatesBefore(candidate, byHost).find((each) => takesAll(each, candidate));
    if (before !== undefined) found.push(toUnreachable(candidate, before));
    for (const host of new Set(candidate.alternatives.map((each) => each.host))) {
      const group = byHost.get(host);
      if (group === undefined) byHost.set(host, [candidate]);
      else group.push(candidate);
    }
  }
  return found;
}

function defectsOf({ router }: Candidate): number {
  return Math.min(1, (router.defects ?? []).length);
}

function candidatesBefore({ alternatives }: Candidate, byHost: ReadonlyMap<string, Candidate[]>): Candidate[] {
  const [first] = alternatives;
  if (first === undefined) return [];
  const sameHost = byHost.get(first.host) ?? [];
  const anyHost = first.host === "" ? [] : byHost.get("") ?? [];
  return [...sameHost.slice(0, MAX_COMPARED), ...anyHost.slice(0, MAX_COMPARED)];
}

function takesAll(wide: Candidate, narrow: Candidate): boolean {
  if (wide.isTls !== narrow.isTls) return false;
  for (const name of narrow.entryPoints) if (!wide.entryPoints.has(name)) return false;
  return covers(wide.alternatives, narrow.alternatives);
}

function toUnreachable(candidate: Candidate, before: Candidate): Unreachable {
  return {
    router: candidate.router,
    by: before.router,
    rule: formatRule(candidate.tree),
    isSame: covers(candidate.alternatives, before.alternatives),
    priority: candidate.priority,
    priorityOfOther: before.priority,
  };
}

function toCandidate(
  router: Merged<RuledRouter> & { readonly tls?: unknown },
  { protocol, defaultSyntax, entryPoints }: Comparison,
): Candidate[] {
  const tree = treeOf(router, protocol, defaultSyntax);
  const alternatives = tree && alternativesOf(tree);
  if (tree === undefined || alternatives === undefined) return [];
  const { rule, priority = 0, tls } = router;
  return [{
    router,
    tree,
    alternatives,
    priority: priority === 0 ? rulePriority(rule, protocol) : priority,
    entryPoints: new Set(namesOf(router, entryPoints)),
    isTls: tls !== undefined,
  }];
}

function treeOf({ rule, ruleSyntax }: RuledRouter, protocol: RuleProtocol, syntax: RuleSyntax): RuleNode | undefined {
  if (typeof rule !== "string") return rule;
  const parsed = parseRule(rule, { protocol, syntax: ruleSyntax ?? syntax });
  return "tree" in parsed ? parsed.tree : undefined;
}

function namesOf(router: RuledRouter, known: readonly EntryPointFacts[] | undefined): readonly string[] {
  const { entryPoints = [] } = router;
  if (entryPoints.length > 0) return entryPoints;
  const defaults = known?.filter(({ isDefault }) => isDefault).map(({ name }) => name);
  return defaults ?? [DEFAULT_ENTRY_POINTS];
}
