// The `finalize` subresource of namespaces: when its last finalizer goes, a namespace that is being deleted goes.

import { checkIdentity } from "../admission/admission.ts";
import { listAt, objectAt } from "../json.ts";
import { conflict, methodNotAllowed, modified } from "../kube/status.ts";
import { readObject } from "./body.ts";
import type { ApiContext } from "./context.ts";
import { existing } from "./read.ts";
import type { ResourceRequest } from "./resource-request.ts";
import { objectAnswer } from "./respond.ts";

/** PUT of a namespace's finalizers; everything else in the body is ignored. */
export async function finalize({ store }: ApiContext, target: ResourceRequest): Promise<Response> {
  const { kind, namespace, name = "", request } = target;
  if (request.method !== "PUT") throw methodNotAllowed();
  const { object: content } = await readObject(request, kind);
  checkIdentity({ kind, content, namespace, name });
  const known = existing(store, target);
  const version = objectAt(content, "metadata")["resourceVersion"] ?? "";
  if (version !== "" && version !== known.metadata.resourceVersion) throw conflict(kind, name, modified);
  const finalizers = listAt(content, "spec", "finalizers");
  const { finalizers: _gone, ...rest } = objectAt(known, "spec");
  const next = { ...known, spec: finalizers.length === 0 ? rest : { ...rest, finalizers } };
  if (finalizers.length > 0 || known.metadata.deletionTimestamp === undefined) {
    return objectAnswer(target, store.put(kind, next));
  }
  store.remove(kind, namespace, name);
  return objectAnswer(target, next);
}
