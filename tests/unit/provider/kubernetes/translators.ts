// Translations for tests: Traefik's default options, and a store with a translator that is told of its changes.

import { middlewareSchemas } from "../../../../src/middleware/schemas.ts";
import { tcpMiddlewareSchemas } from "../../../../src/middleware/tcp/schemas.ts";
import { type CrdParser, createCrdParser } from "../../../../src/provider/kubernetes/crd/parser.ts";
import { createCrdTranslator, translateCrd } from "../../../../src/provider/kubernetes/crd/translate.ts";
import type { TranslationOptions } from "../../../../src/provider/kubernetes/crd/translation.ts";
import type { ProviderState } from "../../../../src/provider/provider.ts";
import { storeOf } from "./objects.ts";

/** Traefik's defaults. */
export const defaultOptions: TranslationOptions = {
  optionPrefix: "--providers.kubernetescrd",
  disableClusterScopeResources: false,
  ingressClass: "",
  allowCrossNamespace: false,
  allowExternalNameServices: false,
  allowEmptyServices: undefined,
  nativeLBByDefault: false,
};

/** A parser with all of Traefik's middlewares. */
export function fullParser(): CrdParser {
  return createCrdParser(middlewareSchemas, tcpMiddlewareSchemas);
}

/** What objects become. */
export function translated(objects: readonly unknown[], options: Partial<TranslationOptions> = {}): ProviderState {
  return translateCrd(storeOf(objects), { ...defaultOptions, ...options }, fullParser());
}

/** A store that holds objects, and its translation so far. */
export function followed(objects: readonly unknown[], options: Partial<TranslationOptions> = {}) {
  const store = storeOf(objects);
  const translator = createCrdTranslator({ ...defaultOptions, ...options }, fullParser());
  store.listen((change) => translator.changed(change));
  return { store, translate: () => translator.translate(store), translator };
}
