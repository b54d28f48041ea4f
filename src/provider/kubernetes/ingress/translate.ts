// The translation of Ingresses, one at a time: each becomes a fragment of the configuration. Pure.

import type { Fragment } from "../fragment.ts";
import { IncrementalTranslator } from "../incremental-translator.ts";
import { sourceOf } from "../parse.ts";
import type { KubeObject } from "../store/object.ts";
import type { KubeSnapshot } from "../store/snapshot.ts";
import { ClassFilter, classNameOf, CONTROLLER } from "./ingress-class.ts";
import { INGRESS } from "./kinds.ts";
import type { IngressParser } from "./parser.ts";
import { translateIngress } from "./translate-ingress.ts";
import { type IngressOptions, IngressTranslation } from "./translation.ts";

/** Makes the translation of one store over its life. The same objects give the same state. */
export function createIngressTranslator(options: IngressOptions, parser: IngressParser): IncrementalTranslator {
  const tools = { options, parser };
  const translate = (snapshot: KubeSnapshot, ingress: KubeObject) => translateOne(snapshot, ingress, tools);
  return new IncrementalTranslator([{ id: INGRESS, translate }], always);
}

const always = () => () => true;

function translateOne(
  snapshot: KubeSnapshot,
  ingress: KubeObject,
  tools: { readonly options: IngressOptions; readonly parser: IngressParser },
): Fragment | undefined {
  const ownership = new ClassFilter(snapshot, tools.options).ownershipOf(ingress);
  if (ownership === "unknown") return unknownClass(ingress);
  if (ownership === "other") return undefined;
  const translation = new IngressTranslation(snapshot, ingress, tools);
  translateIngress(translation);
  return translation.finish();
}

/** Nobody serves it; a class of another controller is none of our business, but there is none. */
function unknownClass(ingress: KubeObject): Fragment {
  const name = classNameOf(ingress) ?? "";
  return {
    sections: {},
    problems: [{
      severity: "warning",
      code: "unknown-ingress-class",
      message: `no IngressClass ${JSON.stringify(name)} is known: this Ingress is left out`,
      hint: `create an IngressClass of that name with controller: ${CONTROLLER}`,
      source: sourceOf(ingress),
      path: ["spec", "ingressClassName"],
    }],
  };
}
