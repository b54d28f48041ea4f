// One Ingress → its routers, the services and middlewares that go with them, and its certificates.

import type { HttpRouter } from "../../../config/dynamic.ts";
import type { RuleNode } from "../../../rule/tree.ts";
import { formatRule } from "../../../rule/format.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { keyOf, matchHash, normalize } from "../names.ts";
import { addBackendService, addDeadService, type ServerWishes } from "./backend-service.ts";
import { addCertificates, type NamedCertificate } from "./certificates.ts";
import { defaultBackendPath } from "./convert.ts";
import { type BackendPlace, hostsOf, hostsWithoutPaths, type PathEntry, pathsOf } from "./paths.ts";
import { encode, middlewaresOf, pathMatchOf, plainFields, tlsOf } from "./router-parts.ts";
import { catchAllRule, ingressRule } from "./rule.ts";
import type { IngressSpec } from "./schema-ingress.ts";
import type { IngressTranslation } from "./translation.ts";
import type { IngressAnnotations } from "./vocabulary.ts";
import { weightsOf } from "./weights.ts";

/** Adds everything an Ingress asks for, or what is wrong with it to the problems. */
export function translateIngress(translation: IngressTranslation): void {
  const { ingress, parser } = translation;
  const { value: spec, problems } = parser.ingress(ingress);
  const annotations = parser.ingressAnnotations(ingress);
  translation.problems.push(...problems, ...annotations.problems);
  if (spec === undefined) return;
  const certificates = addCertificates(translation, spec);
  new RouterBuilder(translation, { spec, annotations, certificates }).addAll();
}

/** What is known of the Ingress before its paths are looked at. */
interface IngressFacts {
  readonly spec: IngressSpec;
  readonly annotations: IngressAnnotations;
  readonly certificates: readonly NamedCertificate[];
}

/** A router to be. */
interface Draft {
  readonly key: string;
  readonly displayName: string;
  readonly host: string;
  /** Empty: any. */
  readonly path: string;
  readonly rule: RuleNode;
  readonly priority: number;
  readonly at: FieldPath;
  readonly backends: readonly BackendPlace[];
}

/** Below everything else; a host's own default is asked before that of all hosts. */
const DEFAULT_PRIORITY = -(2 ** 31);

/** The routers of one Ingress. */
class RouterBuilder {
  readonly #translation: IngressTranslation;
  readonly #facts: IngressFacts;
  readonly #annotationErrors: readonly string[];

  constructor(translation: IngressTranslation, facts: IngressFacts) {
    this.#translation = translation;
    this.#facts = facts;
    const errors = facts.annotations.problems.filter(({ severity }) => severity === "error");
    this.#annotationErrors = errors.map(({ message }) => message);
  }

  addAll(): void {
    const { spec, annotations } = this.#facts;
    const joins = annotations.value?.legacy["service-weights"] !== undefined;
    const drafts = pathsOf(spec, joins).map((entry) => this.#draft(entry)).filter((draft) => draft !== undefined);
    const names = Map.groupBy(drafts, ({ displayName }) => displayName);
    for (const draft of drafts) {
      // Traefik's way with rules whose names would be the same.
      const isShared = (names.get(draft.displayName)?.length ?? 0) > 1;
      const displayName = isShared ? `${draft.displayName}-${matchHash(formatRule(draft.rule))}` : draft.displayName;
      this.#add({ ...draft, displayName });
    }
    this.#addDefaults(new Set(drafts.map(({ rule }) => formatRule(rule))));
  }

  #draft({ host, path, type, at, backends }: PathEntry): Draft | undefined {
    const { annotations: { value } } = this.#facts;
    const { options: { strictPrefixMatching }, ingress: { metadata: { namespace, name } } } = this.#translation;
    const values = value ?? { modern: {}, legacy: {} };
    const rule = ingressRule(host, path, pathMatchOf({ type }, values, strictPrefixMatching));
    if ("message" in rule) {
      this.#translation.report([...at, "path"], { code: "bad-rule", message: rule.message });
      return undefined;
    }
    const { modern, legacy } = values;
    return {
      key: keyOf("Ingress", namespace, name, encode(host), type, encode(path)),
      displayName: normalize(`${namespace}-${name}-${host}${path}`),
      host,
      path,
      rule: rule.rule,
      priority: modern.priority || legacy.priority || rule.priority,
      at,
      backends,
    };
  }

  /**
   * Without rules an Ingress is the default of everything; else of the hosts of its rules.
   * @param taken the rules that are there: a path that takes all of a host leaves nothing for its default
   */
  #addDefaults(taken: ReadonlySet<string>): void {
    const { spec } = this.#facts;
    const { ingress: { apiVersion, metadata: { namespace, name } } } = this.#translation;
    const { defaultBackend: backend } = spec;
    if (backend === undefined) return this.#warnIdle();
    const at = defaultBackendPath(apiVersion);
    const isWhole = (spec.rules ?? []).length === 0;
    for (const host of hostsOf(spec)) {
      const rule = catchAllRule(host);
      if (taken.has(formatRule(rule))) continue;
      this.#add({
        key: keyOf("Ingress", namespace, name, encode(host), "default"),
        displayName: isWhole ? "default-router" : normalize(`${namespace}-${name}-${host}-default`),
        host,
        path: "",
        rule,
        priority: DEFAULT_PRIORITY + rankOf(host),
        at,
        backends: [{ backend, at }],
      });
    }
  }

  #warnIdle(): void {
    for (const { host, at } of hostsWithoutPaths(this.#facts.spec)) {
      const what = host === "" ? "a rule" : `the rule for ${JSON.stringify(host)}`;
      this.#translation.report(at, {
        severity: "warning",
        code: "no-paths",
        message: `${what} has no paths, and there is no default backend: it has no effect`,
      });
    }
  }

  /** A router that lost a part stays, and answers 503: dropped, its requests would fall to a wider one. */
  #add(draft: Draft): void {
    const translation = this.#translation;
    const { annotations, certificates } = this.#facts;
    const { problems, sections } = translation;
    const before = problems.length;
    const tls = tlsOf(translation, annotations, { host: draft.host, certificates });
    const middlewares = middlewaresOf(translation, annotations, draft);
    const isUsable = middlewares !== undefined && tls !== undefined;
    const service = (isUsable ? this.#service(draft) : undefined) ??
      addDeadService(translation, draft.key, draft.displayName);
    const found = problems.slice(before).filter(({ severity }) => severity === "error");
    const defects = [...this.#annotationErrors, ...found.map(({ message }) => message)];
    const router: HttpRouter = {
      ...(annotations.value !== undefined && plainFields(annotations.value)),
      rule: draft.rule,
      rulePath: draft.at,
      priority: draft.priority,
      displayName: draft.displayName,
      source: translation.referrer.source,
      ...(isUsable && middlewares.length > 0 && { middlewares }),
      service,
      ...(defects.length > 0 && { defects }),
      ...(tls !== "none" && { tls: tls ?? {} }),
    };
    sections.routers[this.#freeKey(draft.key)] = router;
  }

  /** The same path twice in one Ingress: the first one gets the requests, the second one is shown as without any. */
  #freeKey(key: string): string {
    const { routers } = this.#translation.sections;
    let free = key;
    for (let count = 1; routers[free] !== undefined; count++) free = keyOf(key, count);
    return free;
  }

  /** @returns undefined when a backend can't be had, which has been reported */
  #service(draft: Draft): string | undefined {
    const { annotations: { value } } = this.#facts;
    const { ingress: { apiVersion } } = this.#translation;
    const wishes: ServerWishes = { passHostHeader: value?.legacy["preserve-host"], scheme: value?.legacy.protocol };
    const weights = value?.legacy["service-weights"];
    const added = draft.backends.map(({ backend, at }) => {
      const service = addBackendService(this.#translation, { backend, apiVersion, path: at, wishes });
      const wanted = weights?.[backend.service?.name ?? ""];
      return service === undefined ? undefined : { ...service, wanted };
    });
    const usable = added.filter((each) => each !== undefined);
    const [first] = usable;
    if (first === undefined || usable.length < added.length) return undefined;
    if (usable.length === 1) return first.key;
    const found = weightsOf(usable);
    if ("message" in found) {
      const at = ["metadata", "annotations", this.#facts.annotations.names.get("service-weights") ?? ""];
      return void this.#translation.report(at, { code: "invalid-value", message: found.message });
    }
    const key = keyOf("weighted", draft.key);
    const services = usable.map((service, index) => ({ name: service.key, weight: found[index] ?? 0 }));
    const { displayName } = draft;
    const { source } = this.#translation.referrer;
    this.#translation.sections.services[key] = { kind: "weighted", services, displayName, source };
    return key;
  }
}

/** The more is known of the host, the earlier. */
function rankOf(host: string): number {
  if (host === "") return 0;
  return host.startsWith("*") ? 1 : 2;
}
