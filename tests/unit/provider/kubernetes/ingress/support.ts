// Ingress translations of YAML texts, for tests.

import { onDemandResources } from "../../../../../src/provider/kubernetes/backend/resources.ts";
import { createIngressParser } from "../../../../../src/provider/kubernetes/ingress/parser.ts";
import { ingressResources } from "../../../../../src/provider/kubernetes/ingress/kinds.ts";
import { createIngressTranslator } from "../../../../../src/provider/kubernetes/ingress/translate.ts";
import type { IngressOptions } from "../../../../../src/provider/kubernetes/ingress/translation.ts";
import type { IncrementalTranslator } from "../../../../../src/provider/kubernetes/incremental-translator.ts";
import { isRecord, toKubeObject } from "../../../../../src/provider/kubernetes/store/object.ts";
import { KubeStore } from "../../../../../src/provider/kubernetes/store/store.ts";
import type { ProviderState } from "../../../../../src/provider/provider.ts";
import { middlewareSchemas } from "../../../../../src/middleware/schemas.ts";

/** The options of a provider of which nothing was set. */
export const defaults: IngressOptions = {
  optionPrefix: "--providers.kubernetesingress",
  allowCrossNamespace: false,
  allowExternalNameServices: false,
  nativeLBByDefault: false,
  disableClusterScopeResources: false,
  ingressClass: "",
  disableIngressClassLookup: false,
  strictPrefixMatching: true,
  allowEmptyServices: undefined,
  entryPoints: new Map([["web", { port: 80, isTls: false }], ["https", { port: 8443, isTls: true }]]),
};

const resources = [...ingressResources, ...onDemandResources(defaults)];

/** A store and the translation of what is in it. */
export interface Ingresses {
  readonly store: KubeStore;
  readonly translator: IncrementalTranslator;
  put(object: unknown): void;
  remove(object: unknown): void;
  /** The list of IngressClasses arrives, without any. */
  readClasses(): void;
  state(): ProviderState;
}

/** An empty one. @param forbidden plural of a kind that was never read */
export function createIngresses(options: Partial<IngressOptions> = {}, forbidden = ""): Ingresses {
  const store = new KubeStore(() => {});
  const all = { ...defaults, ...options };
  const translator = createIngressTranslator(all, createIngressParser(middlewareSchemas));
  store.listen((change) => translator.changed(change));
  for (const resource of resources) if (resource.plural !== forbidden) store.sink(resource, undefined).replace([]);
  let version = 0;
  const deliver = (value: unknown, how: "upsert" | "remove") => {
    const resource = resources.find(({ kind }) => isRecord(value) && value["kind"] === kind);
    if (resource === undefined || !isRecord(value) || !isRecord(value["metadata"])) {
      throw new Error(`no object that the provider reads: ${JSON.stringify(value)}`);
    }
    const namespace = resource.clusterScoped === true ? undefined : "default";
    const metadata = { ...(namespace && { namespace }), resourceVersion: String(++version), ...value["metadata"] };
    const names = { apiVersion: String(value["apiVersion"]), kind: resource.kind };
    const object = toKubeObject({ ...value, metadata }, names);
    if (object === undefined) throw new Error("the object has no name");
    store.sink(resource, undefined)[how](object);
  };
  return {
    store,
    translator,
    put: (object) => deliver(object, "upsert"),
    remove: (object) => deliver(object, "remove"),
    readClasses: () => {
      const classes = resources.find(({ plural }) => plural === "ingressclasses");
      if (classes !== undefined) store.sink(classes, undefined).replace([]);
    },
    state: () => translator.translate(store),
  };
}
