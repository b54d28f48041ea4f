// Who may refer to what: every reference of every kind, from every Kubernetes provider, passes through one function.
//
// The holder of a reference decides, by its own namespace: never the object in between (the chain, the TraefikService,
// the Middleware) through which somebody came to it, nor the object that is referred to. That one rule answers a whole
// family of advisories (CVE-2026-41174, -44774, -54761, -65601, -65602, -71325).

import { quoteValue } from "../../schema/issues.ts";
import type { FieldPath } from "../../schema/path.ts";
import type { Problem, Source } from "../../schema/problem.ts";

/** The object that holds a reference. */
export interface Referrer {
  /** Its key, for what is made for it alone. */
  readonly key: string;
  readonly namespace: string;
  readonly source: Source;
}

/** A reference as written. */
export interface Reference {
  /** Kind of what is referred to, for messages: `Middleware`. */
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** Where the name stands. */
  readonly path: FieldPath;
  /** Where the namespace stands, if anywhere. */
  readonly namespacePath?: FieldPath;
  /** `name@provider` may name something of another provider. */
  readonly crossProvider: boolean;
}

/** The options that decide. */
export interface ReferencePolicy {
  /** What hints call the provider's options: `--providers.kubernetescrd`. */
  readonly optionPrefix: string;
  readonly allowCrossNamespace: boolean;
  /** Namespaces whose objects may use `name@provider`; absent: all. */
  readonly crossProviderNamespaces?: readonly string[];
}

/** An object of this provider, something of another one, or a refusal. */
export type Authorised =
  | { readonly type: "object"; readonly namespace: string; readonly name: string }
  | { readonly type: "qualified"; readonly name: string }
  | { readonly type: "refused"; readonly problem: Problem };

/** Decides by the referrer's namespace alone, never by that of an object in between. */
export function authorise(reference: Reference, referrer: Referrer, policy: ReferencePolicy): Authorised {
  const { name, namespace = referrer.namespace } = reference;
  if (reference.crossProvider && name.includes("@")) return authoriseQualified(reference, referrer, policy);
  if (namespace === referrer.namespace || policy.allowCrossNamespace) return { type: "object", namespace, name };
  return refuse({ ...reference, path: reference.namespacePath ?? reference.path }, referrer, {
    code: "cross-namespace",
    message: `the ${reference.kind} ${quoteValue(name)} is in the namespace ${quoteValue(namespace)}, ` +
      `and objects in ${quoteValue(referrer.namespace)} may not refer to it`,
    hint: crossNamespaceHint(policy),
  });
}

function crossNamespaceHint({ optionPrefix }: ReferencePolicy): string {
  return `set ${optionPrefix}.allowCrossNamespace=true to allow it, or move one of the two`;
}

/** What another provider made of Kubernetes objects comes from some namespace too. */
function authoriseQualified(reference: Reference, referrer: Referrer, policy: ReferencePolicy): Authorised {
  const { name } = reference;
  const provider = name.slice(name.lastIndexOf("@") + 1);
  if (provider.startsWith("kubernetes") && !policy.allowCrossNamespace) {
    return refuse(reference, referrer, {
      code: "cross-namespace",
      message: `the ${reference.kind} ${quoteValue(name)} may come from another namespace than ${
        quoteValue(referrer.namespace)
      }`,
      hint: `refer to it by name and namespace, or ${crossNamespaceHint(policy)}`,
    });
  }
  const namespaces = policy.crossProviderNamespaces;
  if (namespaces === undefined || namespaces.includes(referrer.namespace)) return { type: "qualified", name };
  return refuse(reference, referrer, {
    code: "cross-provider",
    message: `objects in the namespace ${quoteValue(referrer.namespace)} may not refer to ${
      quoteValue(name)
    } of another provider`,
    hint: `add the namespace to ${policy.optionPrefix}.crossProviderNamespaces`,
  });
}

function refuse(
  reference: Reference,
  referrer: Referrer,
  text: Pick<Problem, "code" | "message" | "hint">,
): Authorised {
  return {
    type: "refused",
    problem: { severity: "error", ...text, source: referrer.source, path: [...reference.path] },
  };
}
