// A reference to an object of the core group → what the object says, or a report of why it can't be had.

import { quoteValue } from "../../../schema/issues.ts";
import { authorise, type Reference, type Referrer } from "../reference.ts";
import type { KubeObject } from "../store/object.ts";
import { type BackendContext, report } from "./context.ts";
import type { ParseKind } from "./parser.ts";
import type { Read, Values } from "./secret.ts";

/**
 * No hint tells of objects of that name in other namespaces: what Secrets there are is nobody's business.
 * @returns undefined when the object is refused or missing, which has been reported
 */
export function locateObject(
  context: BackendContext,
  reference: Reference,
  referrer: Referrer,
): KubeObject | undefined {
  const target = authorise({ ...reference, crossProvider: false }, referrer, context.options);
  if (target.type === "refused") {
    context.problems.push(target.problem);
    return undefined;
  }
  const { kind, name } = reference;
  const namespace = reference.namespace ?? referrer.namespace;
  const object = context.snapshot.get(`/${kind}`, namespace, name);
  if (object === undefined) {
    report(context, { source: referrer.source, path: reference.path }, {
      code: `missing-${kind.toLowerCase()}`,
      message: `there is no ${kind} ${quoteValue(name)} in the namespace ${quoteValue(namespace)}`,
    });
  }
  return object;
}

/** @returns undefined when the object is refused, missing or broken, which has been reported */
export function findObject<T>(
  context: BackendContext,
  reference: Reference,
  referrer: Referrer,
  parse: ParseKind<T>,
): T | undefined {
  const object = locateObject(context, reference, referrer);
  if (object === undefined) return undefined;
  const { value, problems } = parse(object);
  context.problems.push(...problems);
  if (value === undefined) {
    const { namespace, name } = object.metadata;
    report(context, { source: referrer.source, path: reference.path }, {
      code: "unusable-reference",
      message: `the ${reference.kind} ${quoteValue(`${namespace}/${name}`)} has errors of its own`,
    });
  }
  return value;
}

/** A Secret or ConfigMap, and what is to be read in it. */
export interface WantedValues<T> {
  readonly reference: Reference;
  readonly read: (values: Values) => Read<T>;
}

/** What a Secret or ConfigMap holds. @returns undefined when it can't be had, which has been reported */
export function findValues<T>(
  context: BackendContext,
  { reference, read }: WantedValues<T>,
  referrer: Referrer,
): T | undefined {
  const { kind } = reference;
  const parse = kind === "ConfigMap" ? context.parser.configMap : context.parser.secret;
  const values = findObject(context, reference, referrer, parse);
  if (values === undefined) return undefined;
  const found = read(values);
  if ("value" in found) return found.value;
  const name = quoteValue(`${reference.namespace ?? referrer.namespace}/${reference.name}`);
  report(context, { source: referrer.source, path: reference.path }, {
    ...found.problem,
    message: `the ${kind} ${name} can't be used: ${found.problem.message}`,
  });
  return undefined;
}
