// Which Ingresses are ours: by the IngressClass they name, by the old annotation, or by being without a class.

import type { KubeObject } from "../store/object.ts";
import { isRecord } from "../store/object.ts";
import type { KubeSnapshot } from "../store/snapshot.ts";

/** What an IngressClass of ours says in `spec.controller`. */
export const CONTROLLER = "traefik.io/ingress-controller";

/** The annotation that came before `spec.ingressClassName`. */
export const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

const DEFAULT_ANNOTATION = "ingressclass.kubernetes.io/is-default-class";
const DEFAULT_CLASS = "traefik";
const INGRESS_CLASS = "networking.k8s.io/IngressClass";

/** The options that decide. */
export interface ClassOptions {
  /** Empty: every class whose controller is ours. */
  readonly ingressClass: string;
  readonly disableIngressClassLookup: boolean;
  readonly disableClusterScopeResources: boolean;
}

/** Whether IngressClasses are read at all. */
export function looksUpClasses(options: Omit<ClassOptions, "ingressClass">): boolean {
  return !options.disableIngressClassLookup && !options.disableClusterScopeResources;
}

/** `unknown`: names a class that does not exist, so it is nobody's, which is worth a word. */
export type Ownership = "ours" | "other" | "unknown";

/** Decides for each Ingress. Made anew when an IngressClass changes. */
export class ClassFilter {
  readonly #wanted: string;
  readonly #looksUp: boolean;
  readonly #all: ReadonlySet<string>;
  readonly #ours: ReadonlySet<string>;
  readonly #oursIsDefault: boolean;

  constructor(snapshot: KubeSnapshot, options: ClassOptions) {
    this.#wanted = options.ingressClass;
    this.#looksUp = looksUpClasses(options) && snapshot.isRead(INGRESS_CLASS);
    const classes = this.#looksUp ? snapshot.list(INGRESS_CLASS) : [];
    const ours = classes.filter((each) =>
      controllerOf(each) === CONTROLLER && (this.#wanted === "" || each.metadata.name === this.#wanted)
    );
    this.#all = new Set(classes.map(({ metadata }) => metadata.name));
    this.#ours = new Set(ours.map(({ metadata }) => metadata.name));
    this.#oursIsDefault = ours.some(({ metadata }) => metadata.annotations[DEFAULT_ANNOTATION] === "true");
  }

  /** Read before parsing: Ingresses of other classes are not ours to judge. */
  ownershipOf(ingress: KubeObject): Ownership {
    const named = classNameOf(ingress);
    if (named !== undefined) return this.#ownershipByName(named);
    const annotation = ingress.metadata.annotations[CLASS_ANNOTATION] ?? "";
    return this.#isOursByAnnotation(annotation) ? "ours" : "other";
  }

  /** Where classes can't be looked up the name alone decides: else nothing with a class could be served there. */
  #ownershipByName(name: string): Ownership {
    if (!this.#looksUp) return name === (this.#wanted || DEFAULT_CLASS) ? "ours" : "other";
    if (this.#ours.has(name)) return "ours";
    return this.#all.has(name) ? "other" : "unknown";
  }

  /** Without any class an Ingress belongs to who serves such ones: the controller without a class, or the default one. */
  #isOursByAnnotation(annotation: string): boolean {
    if (this.#wanted === "") return annotation === "" || annotation === DEFAULT_CLASS;
    return annotation === "" ? this.#oursIsDefault : annotation === this.#wanted;
  }
}

/** `spec.ingressClassName`; undefined when it is not set, or not to a text. */
export function classNameOf({ raw }: KubeObject): string | undefined {
  const spec = raw["spec"];
  const name = isRecord(spec) ? spec["ingressClassName"] : undefined;
  return typeof name === "string" ? name : undefined;
}

function controllerOf({ raw }: KubeObject): unknown {
  const spec = raw["spec"];
  return isRecord(spec) ? spec["controller"] : undefined;
}
