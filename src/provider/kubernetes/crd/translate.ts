// The whole translation: what the store holds → one dynamic configuration, and everything that is wrong with it. Pure.

import type { ProviderState } from "../../provider.ts";
import type { Problem } from "../../../schema/problem.ts";
import type { KubeObject } from "../store/object.ts";
import type { KubeSnapshot } from "../store/store.ts";
import { translateIngressRoute } from "./ingress-route.ts";
import type { CrdParser } from "./parser.ts";
import { type TraefikGroup, traefikGroups } from "./schemas.ts";
import { translateServersTransport } from "./servers-transport.ts";
import { translateTraefikService } from "./traefik-service.ts";
import { objectKey, Translation, type TranslationOptions } from "./translation.ts";

/** One file per kind; each adds its objects to the translation. */
const translators: readonly (readonly [kind: string, translate: Translate])[] = [
  ["Middleware", addMiddleware],
  ["ServersTransport", translateServersTransport],
  ["TraefikService", translateTraefikService],
  ["IngressRoute", translateIngressRoute],
];

type Translate = (translation: Translation, object: KubeObject, group: TraefikGroup) => void;

/** The same snapshot gives the same state: objects go by kind, group, namespace and name. */
export function translateCrd(snapshot: KubeSnapshot, options: TranslationOptions, parser: CrdParser): ProviderState {
  const translation = new Translation(snapshot, options, parser);
  for (const [kind, translate] of translators) {
    for (const group of traefikGroups) {
      for (const object of snapshot.list(`${group}/${kind}`)) translate(translation, object, group);
    }
  }
  return { configuration: translation.configuration, problems: withoutRepeats(translation.problems) };
}

function addMiddleware(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const { value, problems } = translation.parser.middleware(object);
  translation.problems.push(...problems);
  const { namespace, name } = object.metadata;
  if (value !== undefined) translation.middlewares[objectKey("Middleware", group, namespace, name)] = value;
}

/** A bad Service is met once per reference to it. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const unique = new Map<string, Problem>();
  for (const problem of problems) {
    const { severity, code, message, source, path } = problem;
    const key = JSON.stringify([severity, code, message, source, path]);
    if (!unique.has(key)) unique.set(key, problem);
  }
  return [...unique.values()];
}
