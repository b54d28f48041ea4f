// What the translation of one Ingress reads and where it writes.

import { createSections, type Fragment, type Sections, toFragment } from "../fragment.ts";
import type { FieldPath } from "../../../schema/path.ts";
import type { Problem } from "../../../schema/problem.ts";
import type { BackendContext, BackendOptions } from "../backend/context.ts";
import { report } from "../backend/context.ts";
import { keyOf } from "../names.ts";
import { parseWith, type ProblemText, sourceOf } from "../parse.ts";
import { authorise, type Referrer } from "../reference.ts";
import type { KubeObject } from "../store/object.ts";
import type { KubeSnapshot } from "../store/snapshot.ts";
import type { ClassOptions } from "./ingress-class.ts";
import type { EntryPointPlace, MiddlewareDraft } from "./legacy-middleware.ts";
import type { IngressParser } from "./parser.ts";

/** The options of the translation. */
export interface IngressOptions extends BackendOptions, ClassOptions {
  /** Paths of the type Prefix are compared segment by segment, and not character by character as Traefik does. */
  readonly strictPrefixMatching: boolean;
  /** `false`, when it was set: Services without endpoints are worth a warning. They answer 503 either way. */
  readonly allowEmptyServices: boolean | undefined;
  /** Entry points there are, for Traefik 1's redirects to them. */
  readonly entryPoints: ReadonlyMap<string, EntryPointPlace>;
}

/** A reference to something of another provider, as annotations hold it. */
export interface QualifiedReference {
  /** For messages: `Middleware`. */
  readonly kind: string;
  readonly name: string;
  readonly path: FieldPath;
  /** Default: the Ingress. */
  readonly referrer?: Referrer;
}

/** One translation: made, filled, and given away. */
export class IngressTranslation implements BackendContext {
  readonly snapshot: KubeSnapshot;
  readonly options: IngressOptions;
  readonly parser: IngressParser;
  readonly ingress: KubeObject;
  readonly referrer: Referrer;
  readonly sections: Sections;
  readonly problems: Problem[];

  constructor(snapshot: KubeSnapshot, ingress: KubeObject, tools: { options: IngressOptions; parser: IngressParser }) {
    const { namespace, name } = ingress.metadata;
    this.snapshot = snapshot;
    this.options = tools.options;
    this.parser = tools.parser;
    this.ingress = ingress;
    this.referrer = { key: keyOf("Ingress", namespace, name), namespace, source: sourceOf(ingress) };
    this.sections = createSections();
    this.problems = [];
  }

  /** Everything that was found. */
  finish(): Fragment {
    return toFragment(this.sections, this.problems);
  }

  /** Notes something that is wrong with the Ingress; an error unless the text says otherwise. */
  report(path: FieldPath, text: ProblemText): void {
    report(this, { source: this.referrer.source, path }, text);
  }

  /**
   * References of annotations name what other providers made: `default-auth@kubernetescrd`.
   * @returns undefined when it is refused, which has been reported
   */
  resolveQualified({ kind, name, path, referrer = this.referrer }: QualifiedReference): string | undefined {
    const reference = { kind, name, namespace: undefined, path, crossProvider: true };
    if (!name.includes("@")) {
      report(this, { source: referrer.source, path }, {
        code: "unqualified-reference",
        message: `the ${kind} ${JSON.stringify(name)} lacks its provider`,
        hint: `write ${referrer.namespace}-${name}@kubernetescrd for a ${kind} of this namespace`,
      });
      return undefined;
    }
    // Annotations have no other way to name an object, so what the names of other namespaces need there is not asked.
    const target = authorise(reference, referrer, { ...this.options, allowCrossNamespace: true });
    if (target.type === "refused") this.problems.push(target.problem);
    return target.type === "qualified" ? target.name : undefined;
  }

  /**
   * Adds a middleware that annotations ask for.
   * @param owner key of the object whose annotations they are
   * @returns its key; undefined when its options are refused, which has been reported
   */
  addMiddleware(draft: MiddlewareDraft, owner: MiddlewareOwner): string | undefined {
    const { kind, options, name, annotation } = draft;
    const { object, names } = owner;
    const source = sourceOf(object);
    const path = ["metadata", "annotations", names.get(annotation) ?? annotation];
    const schema = this.parser.middlewares.get(kind)?.schema;
    if (schema === undefined) {
      const message = `the middleware ${JSON.stringify(kind)} is not served yet`;
      report(this, { source, path }, { code: "unsupported-middleware", message });
      return undefined;
    }
    const { value, problems } = parseWith(schema, options, { path, source });
    this.problems.push(...problems);
    if (value === undefined) return undefined;
    const key = keyOf("middleware", object.kind, object.metadata.namespace, object.metadata.name, owner.scope, name);
    const displayName = `${object.metadata.namespace}-${object.metadata.name}-${name}`;
    this.sections.middlewares[key] = { kind, options: value, displayName, source };
    return key;
  }
}

/** The object whose annotations ask for middlewares. */
export interface MiddlewareOwner {
  readonly object: KubeObject;
  /** Full names of its annotations. */
  readonly names: ReadonlyMap<string, string>;
  /** What tells middlewares of one name apart: the path they are for; empty where there is one for the whole object. */
  readonly scope: string;
}
