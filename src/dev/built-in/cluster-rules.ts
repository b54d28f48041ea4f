// What Namespaces, Nodes, Leases, Events and the objects of RBAC may not be.

import { type JsonObject, listAt, numberAt, objectAt, sameJson, textAt } from "../json.ts";
import { type Cause, invalidValue, required } from "../kube/status.ts";
import { unsupported } from "../structural/cause.ts";
import { goQuote } from "../structural/go-value.ts";
import { negativeCauses, positiveCauses } from "./causes.ts";
import { isCidr } from "./formats.ts";

/** Everything that is wrong with a Node. */
export function nodeCauses(node: JsonObject): Cause[] {
  const ranges = listAt(node, "spec", "podCIDRs").map(String);
  const shown = `[]string{${ranges.map(goQuote).join(", ")}}`;
  return ranges.flatMap((range, at) =>
    isCidr(range) ? [] : [invalidValue(`spec.podCIDRs[${at}]`, shown, "must be valid CIDR")]
  );
}

/** Everything that is wrong with a Lease. */
export function leaseCauses(lease: JsonObject): Cause[] {
  const spec = objectAt(lease, "spec");
  return [
    ...positiveCauses("spec.leaseDurationSeconds", numberAt(spec, "leaseDurationSeconds")),
    ...negativeCauses("spec.leaseTransitions", numberAt(spec, "leaseTransitions")),
  ];
}

/** Everything that is wrong with an Event of the core group. */
export function eventCauses(event: JsonObject): Cause[] {
  const namespace = textAt(event, "metadata", "namespace") ?? "";
  const about = textAt(event, "involvedObject", "namespace") ?? "";
  const free = about === "" && (namespace === "default" || namespace === "kube-system");
  if (about === namespace || free) return [];
  return [invalidValue("involvedObject.namespace", goQuote(about), "does not match event.namespace")];
}

const TYPES = ["Normal", "Warning"];
const NEEDED = ["reportingController", "reportingInstance", "action", "reason"];

/** Everything that is wrong with an Event of `events.k8s.io`, told with the fields of that version. */
export function newEventCauses(event: JsonObject, previous: JsonObject | undefined): Cause[] {
  if (previous !== undefined) return newEventChangeCauses(event, previous);
  const causes: Cause[] = [];
  const type = textAt(event, "type") ?? "";
  if (typeof event["eventTime"] !== "string") {
    causes.push(required("eventTime"));
    if (!TYPES.includes(type)) causes.push(invalidValue("type", `""`, `has invalid value: ${type}`));
    return causes;
  }
  causes.push(...NEEDED.filter((field) => (textAt(event, field) ?? "") === "").map((field) => required(field)));
  if (!TYPES.includes(type)) causes.push(invalidValue("type", `""`, `has invalid value: ${type}`));
  const about = textAt(event, "regarding", "namespace") ?? "";
  const namespace = textAt(event, "metadata", "namespace") ?? "";
  if (about !== namespace && !(about === "" && namespace === "default")) {
    causes.push(invalidValue("involvedObject.namespace", goQuote(about), "does not match event.namespace"));
  }
  return causes;
}

const EVENT_FIXED = ["regarding", "reason", "note", "deprecatedSource", "type", "eventTime", "action", "related"];

function newEventChangeCauses(event: JsonObject, previous: JsonObject): Cause[] {
  return EVENT_FIXED.filter((field) => !sameJson(event[field], previous[field])).map((field) =>
    invalidValue(field, goQuote(textAt(event, field) ?? ""), "field is immutable")
  );
}

const SUBJECT_KINDS = ["Group", "ServiceAccount", "User"];
const RBAC_GROUP = "rbac.authorization.k8s.io";

/** Everything that is wrong with a RoleBinding or ClusterRoleBinding. */
export function bindingCauses(binding: JsonObject, previous: JsonObject | undefined): Cause[] {
  const role = objectAt(binding, "roleRef");
  const causes = roleCauses(role, binding["kind"] === "ClusterRoleBinding");
  causes.push(...listAt(binding, "subjects").flatMap((subject, at) => subjectCauses(subject, `subjects[${at}]`)));
  if (previous !== undefined && !sameJson(role, previous["roleRef"])) {
    const [group, kind, name] = ["apiGroup", "kind", "name"].map((key) => goQuote(textAt(role, key) ?? ""));
    const shown = `rbac.RoleRef{APIGroup:${group}, Kind:${kind}, Name:${name}}`;
    causes.push(invalidValue("roleRef", shown, "cannot change roleRef"));
  }
  return causes;
}

function roleCauses(role: JsonObject, clusterOnly: boolean): Cause[] {
  const [group, kind, name] = [textAt(role, "apiGroup") ?? "", textAt(role, "kind") ?? "", textAt(role, "name") ?? ""];
  const kinds = clusterOnly ? ["ClusterRole"] : ["ClusterRole", "Role"];
  return [
    ...(group === RBAC_GROUP ? [] : [unsupported("roleRef.apiGroup", group, [RBAC_GROUP])]),
    ...(kinds.includes(kind) ? [] : [unsupported("roleRef.kind", kind, kinds)]),
    ...(name === "" ? [required("roleRef.name")] : []),
  ];
}

function subjectCauses(subject: unknown, field: string): Cause[] {
  const kind = textAt(subject, "kind") ?? "";
  const causes: Cause[] = (textAt(subject, "name") ?? "") === "" ? [required(`${field}.name`)] : [];
  if (!SUBJECT_KINDS.includes(kind)) return [...causes, unsupported(`${field}.kind`, kind, SUBJECT_KINDS)];
  if (kind === "ServiceAccount" && (textAt(subject, "namespace") ?? "") === "") {
    causes.push(required(`${field}.namespace`));
  }
  return causes;
}

/** Everything that is wrong with a Role or ClusterRole. */
export function roleRuleCauses(role: JsonObject): Cause[] {
  const namespaced = role["kind"] === "Role";
  return listAt(role, "rules").flatMap((rule, at) => {
    const field = `rules[${at}]`;
    const urls = listAt(rule, "nonResourceURLs");
    const causes: Cause[] = listAt(rule, "verbs").length === 0
      ? [required(`${field}.verbs`, "verbs must contain at least one value")]
      : [];
    if (urls.length > 0) {
      const why = "namespaced rules cannot apply to non-resource URLs";
      if (namespaced) causes.push(invalidValue(`${field}.nonResourceURLs`, goTexts(urls), why));
      return causes;
    }
    if (listAt(rule, "apiGroups").length === 0) {
      causes.push(required(`${field}.apiGroups`, "resource rules must supply at least one api group"));
    }
    if (listAt(rule, "resources").length === 0) {
      causes.push(required(`${field}.resources`, "resource rules must supply at least one resource"));
    }
    return causes;
  });
}

function goTexts(texts: readonly unknown[]): string {
  return `[]string{${texts.map((text) => goQuote(String(text))).join(", ")}}`;
}
