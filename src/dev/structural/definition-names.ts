// The names of a definition: two definitions of one group can't claim the same, and the status says who got them.

import { type JsonObject, listAt, objectAt, textAt } from "../json.ts";

/** A condition of a definition's status. */
export interface Condition extends JsonObject {
  readonly type: string;
  readonly status: "True" | "False";
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/** What came of a definition's names. */
export interface NamesVerdict {
  readonly accepted: JsonObject;
  /** Why one of the names was not accepted; undefined: all were. */
  readonly conflict: { readonly reason: string; readonly message: string } | undefined;
}

/** Names that stand in URLs and on kubectl's command line share one pool, kinds another. */
const pools = [
  { keys: ["plural", "singular"], reasons: { plural: "PluralConflict", singular: "SingularConflict" } },
  { keys: ["kind", "listKind"], reasons: { kind: "KindConflict", listKind: "ListKindConflict" } },
] as const;

/** Weighs a definition's names against those that others of its group have been given. */
export function acceptNames(definition: JsonObject, others: readonly JsonObject[]): NamesVerdict {
  const wanted = objectAt(definition, "spec", "names");
  const taken = others.map((other) => objectAt(other, "status", "acceptedNames"));
  const resources = new Set(taken.flatMap((names) => [...textsOf(names, ["plural", "singular"]), ...shortOf(names)]));
  const kinds = new Set(taken.flatMap((names) => textsOf(names, ["kind", "listKind"])));
  const accepted: JsonObject = {};
  let conflict: NamesVerdict["conflict"] = undefined;
  const refuse = (reason: string, name: string) => {
    conflict ??= { reason, message: `${JSON.stringify(name)} is already in use` };
  };
  for (const { keys, reasons } of pools) {
    const used = keys[0] === "plural" ? resources : kinds;
    for (const key of keys) {
      const name = textAt(wanted, key) ?? "";
      if (!used.has(name)) accepted[key] = name;
      else refuse(Object.entries(reasons).find(([each]) => each === key)?.[1] ?? "", name);
    }
  }
  const short = shortOf(wanted);
  const twice = short.find((name) => resources.has(name));
  if (twice !== undefined) refuse("ShortNamesConflict", twice);
  else if (short.length > 0) accepted["shortNames"] = short;
  const categories = listAt(wanted, "categories");
  if (categories.length > 0) accepted["categories"] = categories;
  return { accepted: inOrder(accepted), conflict };
}

/** The conditions that tell of a verdict. @param installing the names are new, and not served yet */
export function namesConditions({ conflict }: NamesVerdict, now: string, installing: boolean): Condition[] {
  const condition = (type: string, status: "True" | "False", reason: string, message: string): Condition => ({
    type,
    status,
    lastTransitionTime: now,
    reason,
    message,
  });
  if (conflict !== undefined) {
    return [
      condition("NamesAccepted", "False", conflict.reason, conflict.message),
      condition("Established", "False", "NotAccepted", "not all names are accepted"),
    ];
  }
  const accepted = condition("NamesAccepted", "True", "NoConflicts", "no conflicts found");
  const message = "the initial names have been accepted";
  return [
    accepted,
    installing
      ? condition("Established", "False", "Installing", message)
      : condition("Established", "True", "InitialNamesAccepted", message),
  ];
}

const order = ["plural", "singular", "shortNames", "kind", "listKind", "categories"];

/** The members in the order in which a server writes them; plural and kind are always there. */
function inOrder(names: JsonObject): JsonObject {
  const whole: JsonObject = { plural: "", kind: "", ...names };
  return Object.fromEntries(order.filter((key) => key in whole).map((key) => [key, whole[key]]));
}

function textsOf(names: JsonObject, keys: readonly string[]): string[] {
  return keys.map((key) => textAt(names, key) ?? "").filter((name) => name !== "");
}

function shortOf(names: JsonObject): string[] {
  return listAt(names, "shortNames").filter((name) => typeof name === "string");
}
