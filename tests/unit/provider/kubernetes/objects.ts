// Stores filled from YAML, and a few middleware kinds, for tests of the Kubernetes translators.

import { parseAll } from "#yaml";
import * as z from "zod";
import { onDemandResources } from "../../../../src/provider/kubernetes/backend/resources.ts";
import { kindNames } from "../../../../src/provider/kubernetes/client/resource.ts";
import { crdResources } from "../../../../src/provider/kubernetes/crd/kinds.ts";
import type { MiddlewareSchemas } from "../../../../src/provider/kubernetes/backend/middleware-schemas.ts";
import { isRecord, toKubeObject } from "../../../../src/provider/kubernetes/store/object.ts";
import { KubeStore } from "../../../../src/provider/kubernetes/store/store.ts";

/** All kinds that the provider may read. */
export const allResources = [
  ...crdResources,
  ...onDemandResources({ disableClusterScopeResources: false }),
];

/** Middleware kinds as a registry would have them. */
export const testMiddlewares: MiddlewareSchemas = new Map([
  ["stripPrefix", { schema: z.strictObject({ prefixes: z.array(z.string()).default([]) }) }],
  ["compress", { schema: z.strictObject({ minResponseBodyBytes: z.int().default(1024) }) }],
]);

/** The documents of a YAML text. */
export function documents(text: string): unknown[] {
  return [...parseAll(text)].filter((document) => document !== null && document !== undefined);
}

/** A store that holds the given objects, in the namespace `default` where they name none. */
export function storeOf(objects: readonly unknown[], changed: () => void = () => {}): KubeStore {
  const store = new KubeStore(changed);
  for (const [index, value] of objects.entries()) put(store, value, index + 1);
  return store;
}

/** Puts one object into a store. @returns takes it out again */
export function put(store: KubeStore, value: unknown, version: number): () => void {
  const resource = allResources.find((each) => {
    const { apiVersion, kind } = kindNames(each);
    return isRecord(value) && value["apiVersion"] === apiVersion && value["kind"] === kind;
  });
  if (resource === undefined || !isRecord(value) || !isRecord(value["metadata"])) {
    throw new Error(`object ${version} is of no kind that the provider reads: ${JSON.stringify(value)}`);
  }
  const scope = resource.clusterScoped === true ? {} : { namespace: "default" };
  const metadata = { ...scope, resourceVersion: String(version), ...value["metadata"] };
  const object = toKubeObject({ ...value, metadata }, kindNames(resource));
  if (object === undefined) throw new Error(`object ${version} has no name`);
  const sink = store.sink(resource, undefined);
  sink.upsert(object);
  return () => sink.remove(object);
}
