// The whole check: all files together, judged as the start, the API server and the providers would judge them.

import type { RuledRouter } from "../config/dynamic-part.ts";
import type { Merged } from "../config/merge-section.ts";
import type { Runtime } from "../net/runtime.ts";
import type { ProviderState } from "../provider/provider.ts";
import { describeSource } from "../schema/problem-text.ts";
import type { Problem, Source } from "../schema/problem.ts";
import { sortDocuments } from "./document.ts";
import { withoutConsequences } from "./consequences.ts";
import { readFileParts } from "./file-parts.ts";
import { arrange, type Finding } from "./finding.ts";
import type { CheckInput } from "./input.ts";
import { checkObjects } from "./object-gate.ts";
import { Placer } from "./placer.ts";
import { judgeReferences, translateObjects, zeroWeights } from "./reference-check.ts";
import { checkRouting } from "./routing.ts";
import { judgeRouting } from "./routing-findings.ts";
import { readStartOptions } from "./start-options.ts";
import { findUnreachable, type Unreachable } from "./unreachable.ts";

/** How a check is made. */
export interface CheckOptions {
  readonly runtime: Runtime;
  /** Flags of the start. Default: none. */
  readonly flags?: readonly string[];
  /** Namespace of objects that name none. Default: `default`. */
  readonly namespace?: string;
}

/** What a check found. */
export interface CheckReport {
  readonly findings: readonly Finding[];
  readonly files: number;
  readonly documents: number;
  readonly objects: number;
  /** Objects of kinds that weir knows nothing of. */
  readonly skipped: number;
}

/** Checks all files together. Nothing is started, and nobody is asked. */
export function checkInputs(inputs: readonly CheckInput[], options: CheckOptions): CheckReport {
  const { runtime, flags = [], namespace = "default" } = options;
  const documents = sortDocuments(inputs);
  const { manifests, unread } = documents;
  const start = readStartOptions(flags, documents.statics);
  const { objects, findings: formFindings, skipped } = checkObjects(manifests, namespace);
  const files = readFileParts(documents.dynamic);
  const states = translateObjects(objects, start);
  const defaultSyntax = start.configuration?.core.defaultRuleSyntax ?? "v3";
  const byProvider = new Map<string, ProviderState>([...Object.entries(states), ["file", files.state]]);
  const routing = checkRouting({ runtime, states: byProvider, entryPoints: start.entryPoints, defaultSyntax });
  const placer = new Placer(objects, files, inputs);
  const references = judgeReferences(
    [...states.kubernetescrd.problems, ...states.kubernetes.problems],
    objects,
    unread,
  );
  const context = { objects, fileNames: files.names, hasFiles: documents.dynamic.length > 0 };
  const compare = { defaultSyntax, entryPoints: start.entryPoints };
  const { http, tcp } = routing.merged;
  const unreachable = [
    ...findUnreachable(Object.values(http.routers), { ...compare, protocol: "http" }),
    ...findUnreachable(Object.values(tcp.routers), { ...compare, protocol: "tcp" }),
  ];
  const findings = [
    ...documents.findings,
    ...start.problems,
    ...formFindings,
    ...files.state.problems,
    ...references.map((problem) => placer.place(problem)),
    ...judgeRouting(routing, context).map((problem) => placer.place(problem)),
    ...unreachable.map((each) => placer.relate(describeUnreachable(each), each.by)),
    ...objects.flatMap(({ content, manifest, namespace: place }) =>
      zeroWeights(content).map((problem) => placer.placeIn({ manifest, namespace: place }, problem))
    ),
    ...documents.dynamic.flatMap(({ value, sourceOf }) =>
      zeroWeights(value).map((problem) => ({ ...problem, source: sourceOf(problem.path ?? [], "key") }))
    ),
  ];
  return {
    findings: withoutConsequences(arrange(findings)),
    files: inputs.length,
    documents: documents.count,
    objects: objects.length,
    skipped,
  };
}

/** What to say of a router that gets no requests. */
function describeUnreachable({ router, by, rule, isSame, priority, priorityOfOther }: Unreachable): Problem {
  const other = nameOf(by);
  const place = isSame
    ? { code: "duplicate-route", message: `the rule ${rule} is also that of ${other}, which gets all requests` }
    : {
      code: "unreachable-router",
      message: `the rule ${rule} is never reached: ${other} takes all its requests, by priority ${priorityOfOther} ` +
        `over ${priority}`,
    };
  const hint = isSame ? "remove one of them, or make their rules different" : "give this one a higher priority";
  return { severity: "warning", ...place, hint, ...(router.source && { source: router.source }), ...pathOf(router) };
}

function pathOf({ rulePath }: RuledRouter): Pick<Problem, "path"> {
  return rulePath === undefined ? {} : { path: rulePath };
}

function nameOf({ source, displayName, provider }: Merged<RuledRouter>): string {
  return isObjectSource(source) ? describeSource(source) : `the router ${displayName}@${provider}`;
}

function isObjectSource(source: Source | undefined): source is Source & { type: "object" } {
  return source?.type === "object";
}
