// What a translation reads and where it writes: the store, the options, and the configuration that grows.

import type {
  DynamicConfiguration,
  HttpMiddleware,
  HttpRouter,
  HttpService,
  ServersTransport,
} from "../../../config/dynamic.ts";
import type { FieldPath } from "../../../schema/path.ts";
import type { Problem, Source } from "../../../schema/problem.ts";
import type { KubeObject } from "../store/object.ts";
import type { KubeSnapshot } from "../store/store.ts";
import { keyOf } from "./names.ts";
import type { Parsed, ProblemText } from "./parse.ts";
import type { CrdParser } from "./parser.ts";
import { authorise, type Reference, type ReferencePolicy, type Referrer } from "./reference.ts";
import { type TraefikGroup, traefikGroups } from "./schemas.ts";

/** The options of the translation. */
export interface TranslationOptions extends ReferencePolicy {
  /** Empty: routes without a class, or of the class `traefik`. */
  readonly ingressClass: string;
  readonly allowExternalNameServices: boolean;
  /** `false`, when it was set: Services without endpoints are worth a warning. They answer 503 either way. */
  readonly allowEmptyServices: boolean | undefined;
  readonly nativeLBByDefault: boolean;
}

/** One translation: made, filled, and given away. */
export class Translation {
  readonly snapshot: KubeSnapshot;
  readonly options: TranslationOptions;
  readonly parser: CrdParser;
  readonly routers: Record<string, HttpRouter>;
  readonly services: Record<string, HttpService>;
  readonly middlewares: Record<string, HttpMiddleware>;
  readonly serversTransports: Record<string, ServersTransport>;
  readonly problems: Problem[];

  constructor(snapshot: KubeSnapshot, options: TranslationOptions, parser: CrdParser) {
    this.snapshot = snapshot;
    this.options = options;
    this.parser = parser;
    this.routers = {};
    this.services = {};
    this.middlewares = {};
    this.serversTransports = {};
    this.problems = [];
  }

  get configuration(): DynamicConfiguration {
    const { routers, services, middlewares, serversTransports } = this;
    return { http: { routers, services, middlewares, serversTransports } };
  }

  report(source: Source, path: FieldPath, text: ProblemText): void {
    this.problems.push({ severity: "error", ...text, source, path: [...path] });
  }

  /**
   * Resolves a reference to an object of a Traefik kind, or of another provider. An object is looked for in the
   * referrer's API group first, then in the other.
   * @param isUsable whether a found object made it into the configuration
   * @returns the key or qualified name; undefined when there is none, which has been reported
   */
  resolve(
    reference: Reference,
    referrer: Referrer,
    parse: (object: KubeObject) => Parsed<unknown>,
  ): string | undefined {
    const target = authorise(reference, referrer, this.options);
    if (target.type === "refused") {
      this.problems.push(target.problem);
      return undefined;
    }
    if (target.type === "qualified") return target.name;
    const { kind } = reference;
    for (const group of [referrer.group, ...traefikGroups.filter((other) => other !== referrer.group)]) {
      const object = this.snapshot.get(`${group}/${kind}`, target.namespace, target.name);
      if (object === undefined) continue;
      if (parse(object).value !== undefined) return objectKey(kind, group, target.namespace, target.name);
      this.report(referrer.source, reference.path, {
        code: "unusable-reference",
        message: `the ${kind} ${JSON.stringify(`${target.namespace}/${target.name}`)} has errors of its own`,
      });
      return undefined;
    }
    this.report(referrer.source, reference.path, this.#missing(reference, target.namespace));
    return undefined;
  }

  /** Tells where an object of that name does exist, if it does. */
  #missing({ kind, name }: Reference, namespace: string): ProblemText {
    const elsewhere = traefikGroups.flatMap((group) => this.snapshot.list(`${group}/${kind}`))
      .find((object) => object.metadata.name === name)?.metadata.namespace;
    return {
      code: `missing-${kind.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}`,
      message: `there is no ${kind} ${JSON.stringify(name)} in the namespace ${JSON.stringify(namespace)}`,
      ...(elsewhere !== undefined && { hint: `there is one in the namespace ${JSON.stringify(elsewhere)}` }),
    };
  }
}

/** The key of what an object of a Traefik kind becomes. */
export function objectKey(kind: string, group: TraefikGroup, namespace: string, name: string): string {
  return keyOf(`${kind}.${group}`, namespace, name);
}
