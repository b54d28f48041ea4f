// Middleware and MiddlewareTCP objects → middlewares of the dynamic configuration.

import { sourceOf } from "../parse.ts";
import { displayName } from "../names.ts";
import type { KubeObject } from "../store/object.ts";
import type { TraefikGroup } from "../traefik-group.ts";
import { completeOptions } from "./middleware-completion.ts";
import { objectKey, type Translation } from "./translation.ts";

/**
 * Adds one object to the configuration. Where something it refers to is missing (its users, a member of a chain) it is
 * marked: whatever uses it is then closed, never served without it (CVE-2026-54762).
 */
export function translateMiddleware(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const { value, problems } = translation.parser.traefik.Middleware(object);
  translation.problems.push(...problems);
  if (value === undefined) return;
  const { namespace, name } = object.metadata;
  const source = sourceOf(object);
  const key = objectKey("Middleware", group, namespace, name);
  const { result: options, errors } = translation.errorsOf(() =>
    completeOptions(translation, value, { key, group, namespace, source })
  );
  translation.sections.middlewares[key] = {
    kind: value.kind,
    options: options ?? {},
    ...(options === undefined && { defects: errors }),
    displayName: displayName(namespace, name),
    source,
  };
}

/** Adds one object to the configuration. */
export function translateMiddlewareTcp(translation: Translation, object: KubeObject, group: TraefikGroup): void {
  const { value, problems } = translation.parser.traefik.MiddlewareTCP(object);
  translation.problems.push(...problems);
  if (value === undefined) return;
  const { namespace, name } = object.metadata;
  translation.sections.tcpMiddlewares[objectKey("MiddlewareTCP", group, namespace, name)] = {
    kind: value.kind,
    options: value.options,
    displayName: displayName(namespace, name),
    source: sourceOf(object),
  };
}
