// The translation of one object: what it reads, and the parts and problems that come of it.

import { quoteValue } from "../../../schema/issues.ts";
import type { FieldPath } from "../../../schema/path.ts";
import type { Problem, Source } from "../../../schema/problem.ts";
import { suggest } from "../../../schema/suggest.ts";
import type { BackendContext, BackendOptions } from "../backend/context.ts";
import { createSections, type Fragment, type Sections, toFragment } from "../fragment.ts";
import { keyOf } from "../names.ts";
import type { ProblemText } from "../parse.ts";
import { authorise, type Reference } from "../reference.ts";
import type { KubeSnapshot } from "../store/snapshot.ts";
import { type TraefikGroup, traefikGroups } from "../traefik-group.ts";
import { type CrdParser, judgeOf, type TraefikKind } from "./parser.ts";
import type { CrdReferrer } from "./placed-ref.ts";

/** The options of the translation. */
export interface TranslationOptions extends BackendOptions {
  /** Empty: routes without a class, or of the class `traefik`. */
  readonly ingressClass: string;
  /** `false`, when it was set: Services without endpoints are worth a warning. They answer 503 either way. */
  readonly allowEmptyServices: boolean | undefined;
}

/** What a translation works with. */
export interface TranslationContext {
  readonly snapshot: KubeSnapshot;
  readonly options: TranslationOptions;
  readonly parser: CrdParser;
}

/** A reference to an object of one of Traefik's kinds. */
export interface TraefikReference extends Reference {
  readonly kind: TraefikKind;
}

/** Made for one object, filled, and given away as a fragment. */
export class Translation implements BackendContext {
  readonly snapshot: KubeSnapshot;
  readonly options: TranslationOptions;
  readonly parser: CrdParser;
  readonly sections: Sections;
  readonly problems: Problem[];

  constructor({ snapshot, options, parser }: TranslationContext) {
    this.snapshot = snapshot;
    this.options = options;
    this.parser = parser;
    this.sections = createSections();
    this.problems = [];
  }

  get fragment(): Fragment {
    return toFragment(this.sections, this.problems);
  }

  report(source: Source, path: FieldPath, text: ProblemText): void {
    this.problems.push({ severity: "error", ...text, source, path: [...path] });
  }

  /** Messages of the errors that are reported while something is done. */
  errorsOf<T>(work: () => T): { readonly result: T; readonly errors: readonly string[] } {
    const before = this.problems.length;
    const result = work();
    const errors = this.problems.slice(before).filter(({ severity }) => severity === "error");
    return { result, errors: errors.map(({ message }) => message) };
  }

  /**
   * Resolves a reference to an object of a Traefik kind, or of another provider. An object is looked for in the
   * referrer's API group first, then in the other. What it says is not read: a change of it concerns itself alone.
   * @returns the key or qualified name; undefined when there is none, which has been reported
   */
  resolve(reference: TraefikReference, referrer: CrdReferrer): string | undefined {
    const target = authorise(reference, referrer, this.options);
    if (target.type === "refused") {
      this.problems.push(target.problem);
      return undefined;
    }
    if (target.type === "qualified") return target.name;
    const { kind } = reference;
    const isUsable = judgeOf(this.parser, kind);
    for (const group of [referrer.group, ...traefikGroups.filter((other) => other !== referrer.group)]) {
      const usable = this.snapshot.judge(`${group}/${kind}`, target.namespace, target.name, isUsable);
      if (usable === undefined) continue;
      if (usable) return objectKey(kind, group, target.namespace, target.name);
      this.report(referrer.source, reference.path, {
        code: "unusable-reference",
        message: `the ${kind} ${quoteValue(`${target.namespace}/${target.name}`)} has errors of its own`,
      });
      return undefined;
    }
    this.report(referrer.source, reference.path, this.#missing(reference, target.namespace));
    return undefined;
  }

  /** Tells where an object of that name does exist, if it does, or which one was meant. */
  #missing({ kind, name }: Reference, namespace: string): ProblemText {
    const ids = traefikGroups.map((group) => `${group}/${kind}`);
    const [elsewhere] = ids.flatMap((id) => this.snapshot.namespacesWith(id, name));
    const near = suggest(name, ids.flatMap((id) => this.snapshot.namesIn(id, namespace)).slice(0, MAX_NAMES));
    const hint = elsewhere === undefined
      ? near && `did you mean ${quoteValue(near)}?`
      : `there is one in the namespace ${quoteValue(elsewhere)}`;
    return {
      code: `missing-${kind.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase()}`,
      message: `there is no ${kind} ${quoteValue(name)} in the namespace ${quoteValue(namespace)}`,
      ...(hint !== undefined && { hint }),
    };
  }
}

const MAX_NAMES = 200; // to look for a similar name in: a namespace of thousands must not cost seconds

/** The key of what an object of a Traefik kind becomes. */
export function objectKey(kind: string, group: TraefikGroup, namespace: string, name: string): string {
  return keyOf(`${kind}.${group}`, namespace, name);
}
