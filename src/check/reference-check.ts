// References between objects: what the Kubernetes providers say when they translate all objects at once.

import { parseEntryPointAddress } from "../config/address.ts";
import { isObject, listAt } from "../dev/json.ts";
import { middlewareSchemas } from "../middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../middleware/tcp/schemas.ts";
import { crdTranslationOptions } from "../provider/kubernetes/crd/kubernetes-crd.ts";
import { createCrdParser } from "../provider/kubernetes/crd/parser.ts";
import { translateCrd } from "../provider/kubernetes/crd/translate.ts";
import { ingressTranslationOptions } from "../provider/kubernetes/ingress/kubernetes-ingress.ts";
import type { EntryPointPlace } from "../provider/kubernetes/ingress/legacy-middleware.ts";
import { createIngressParser } from "../provider/kubernetes/ingress/parser.ts";
import { createIngressTranslator } from "../provider/kubernetes/ingress/translate.ts";
import type { ProviderState } from "../provider/provider.ts";
import type { Problem } from "../schema/problem.ts";
import type { CheckedObject } from "./object-gate.ts";
import { snapshotOf } from "./snapshot.ts";
import type { StartOptions } from "./start-options.ts";

/** What the two providers make of the objects. Problems of objects are part of it. */
export interface ProviderStates {
  readonly kubernetescrd: ProviderState;
  readonly kubernetes: ProviderState;
}

/** Translates all objects. */
export function translateObjects(objects: readonly CheckedObject[], start: StartOptions): ProviderStates {
  const { kubernetesCRD, kubernetesIngress } = start.configuration?.providers ?? {};
  // Endpoints are the cluster's business: that files hold none means nothing.
  const crd = { namespaces: [], ...kubernetesCRD, allowEmptyServices: true };
  const ingress = { namespaces: [], ...kubernetesIngress, allowEmptyServices: true };
  const ingressOptions = ingressTranslationOptions(ingress, placesOf(start));
  return {
    kubernetescrd: translateCrd(
      snapshotOf(objects, crd),
      crdTranslationOptions(crd),
      createCrdParser(middlewareSchemas, tcpMiddlewareSchemas),
    ),
    kubernetes: createIngressTranslator(ingressOptions, createIngressParser(middlewareSchemas))
      .translate(snapshotOf(objects, ingress)),
  };
}

/** Has every name: where nobody declares entry points, none is wrong. */
class AnyPlace extends Map<string, EntryPointPlace> {
  override get(): EntryPointPlace {
    return { port: 443, isTls: true };
  }
}

/** Where entry points listen. */
function placesOf({ configuration, entryPoints }: StartOptions): ReadonlyMap<string, EntryPointPlace> {
  if (entryPoints === undefined) return new AnyPlace();
  const places = new Map<string, EntryPointPlace>();
  for (const [name, { address, http }] of Object.entries(configuration?.entryPoints ?? {})) {
    const port = parseEntryPointAddress(address)?.port;
    if (port !== undefined) places.set(name, { port, isTls: http.tls !== undefined });
  }
  return places;
}

/** What is not among the files, though something refers to it. */
interface Missing {
  readonly code: string;
  readonly kind: string;
}

/** Kinds that are often kept elsewhere, as is what a route leads to: where no object of one is given, a reference to one can't be judged. */
const keptElsewhere: readonly Missing[] = [
  { code: "missing-service", kind: "Service" },
  { code: "missing-traefik-service", kind: "TraefikService" },
  { code: "missing-secret", kind: "Secret" },
  { code: "missing-configmap", kind: "ConfigMap" },
];

/** Consequences of what has been reported already, and facts that only a cluster knows. */
const unsaid: ReadonlySet<string> = new Set(["unusable-reference", "no-nodes"]);

/**
 * What a provider says, as far as it holds for files.
 * @param unread texts that could not be read: what they mention may be there
 */
export function judgeReferences(
  problems: readonly Problem[],
  objects: readonly CheckedObject[],
  unread: readonly string[],
): Problem[] {
  const given = new Set(objects.map(({ kind }) => kind.kind));
  return problems.flatMap((problem) => {
    if (unsaid.has(problem.code) || isMentioned(problem, unread)) return [];
    const missing = keptElsewhere.find(({ code }) => code === problem.code);
    if (missing === undefined || given.has(missing.kind)) return [problem];
    const hint = problem.hint ?? `no ${missing.kind} is among the files: nobody can tell whether it is there`;
    return [{ ...problem, severity: "warning", hint }];
  });
}

/** Whether what a problem misses may stand in a text that can't be read. */
function isMentioned({ code, message }: Problem, unread: readonly string[]): boolean {
  if (unread.length === 0 || !code.startsWith("missing-")) return false;
  const names = [...message.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name.slice(name.indexOf("/") + 1));
  return names.some((name) => unread.some((text) => text.includes(`name: ${name}`) || text.includes(`${name}:`)));
}

/** Lists named `services` in which every weight is 0: nobody would get a request. */
export function zeroWeights(content: unknown, path: readonly (string | number)[] = []): Problem[] {
  if (Array.isArray(content)) return content.flatMap((item, index) => zeroWeights(item, [...path, index]));
  if (!isObject(content)) return [];
  return Object.entries(content).flatMap(([key, value]) => {
    const at = [...path, key];
    const services = key === "services" ? listAt(value) : [];
    const isDead = services.length > 0 && services.every((each) => isObject(each) && each["weight"] === 0);
    return [...(isDead ? [deadServices(at, services.length)] : []), ...zeroWeights(value, at)];
  });
}

function deadServices(path: readonly (string | number)[], count: number): Problem {
  return {
    severity: "error",
    code: "zero-weights",
    message: `${
      count === 1 ? "the only service has" : `all ${count} services have`
    } the weight 0: nobody gets requests`,
    hint: "give one of them a weight of 1 or more",
    path,
  };
}
