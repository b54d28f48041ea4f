// What Deployments, ReplicaSets, ReplicationControllers, StatefulSets, DaemonSets and Jobs may not be.

import { isObject, type JsonObject, numberAt, objectAt, sameJson, textAt, textsAt, valueAt } from "../json.ts";
import { matchesSelector } from "../kube/selector.ts";
import { type Cause, invalidValue, required } from "../kube/status.ts";
import { forbiddenField, unsupported } from "../structural/cause.ts";
import { goQuote } from "../structural/go-value.ts";
import { immutableCause, negativeCauses } from "./causes.ts";
import { labelsCauses, selectorCauses } from "./label-rules.ts";
import { podSpecCauses } from "./pod-rules.ts";

const TEMPLATE = "spec.template";

/** Everything that is wrong with a workload that has a selector. */
export function workloadCauses(workload: JsonObject, previous: JsonObject | undefined): Cause[] {
  const spec = objectAt(workload, "spec");
  return [
    ...negativeCauses("spec.replicas", numberAt(spec, "replicas")),
    ...ownSelectorCauses(spec),
    ...templateCauses(spec),
    ...(previous === undefined ? [] : fixedSelectorCauses(spec, objectAt(previous, "spec"))),
  ];
}

function ownSelectorCauses(spec: JsonObject): Cause[] {
  const selector = spec["selector"];
  if (!isObject(selector)) return [required("spec.selector")];
  const empty = Object.keys(selector).length === 0;
  if (empty) return [invalidValue("spec.selector", goSelector(selector), "empty selector is invalid for deployment")];
  return selectorCauses("spec.selector", selector);
}

function templateCauses(spec: JsonObject): Cause[] {
  const selector = spec["selector"];
  const labels = textsAt(spec, "template", "metadata", "labels");
  const causes: Cause[] = [];
  if (!isObject(selector) || Object.keys(selector).length === 0 || !matchesSelector(selector, labels)) {
    const wanted = "`selector` does not match template `labels`";
    causes.push(invalidValue(`${TEMPLATE}.metadata.labels`, goTexts(labels), wanted));
  }
  causes.push(...labelsCauses(`${TEMPLATE}.metadata.labels`, labels));
  causes.push(...podSpecCauses(objectAt(spec, "template", "spec"), `${TEMPLATE}.spec`));
  const restart = textAt(spec, "template", "spec", "restartPolicy") ?? "Always";
  if (restart !== "Always") causes.push(unsupported(`${TEMPLATE}.spec.restartPolicy`, restart, ["Always"]));
  return causes;
}

function fixedSelectorCauses(spec: JsonObject, before: JsonObject): Cause[] {
  if (sameJson(spec["selector"], before["selector"])) return [];
  return [immutableCause("spec.selector", goSelector(objectAt(spec, "selector")))];
}

/** Everything that is wrong with a ReplicationController. */
export function replicationControllerCauses(controller: JsonObject): Cause[] {
  const spec = objectAt(controller, "spec");
  const selector = textsAt(spec, "selector");
  const causes = negativeCauses("spec.replicas", numberAt(spec, "replicas"));
  if (Object.keys(selector).length === 0) causes.push(required("spec.selector"));
  if (!isObject(spec["template"])) return [...causes, required("spec.template")];
  return [...causes, ...templateCauses({ ...spec, selector: { matchLabels: selector } })];
}

const STATEFUL_FIXED = ["selector", "serviceName", "podManagementPolicy", "volumeClaimTemplates"];

/** Everything that is wrong with a StatefulSet. */
export function statefulSetCauses(set: JsonObject, previous: JsonObject | undefined): Cause[] {
  const causes = workloadCauses(set, undefined);
  if (previous === undefined) return causes;
  const [spec, before] = [objectAt(set, "spec"), objectAt(previous, "spec")];
  if (STATEFUL_FIXED.every((field) => sameJson(spec[field], before[field]))) return causes;
  const why = "updates to statefulset spec for fields other than 'replicas', 'template', 'updateStrategy', " +
    "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
  return [...causes, forbiddenField("spec", why)];
}

/** Everything that is wrong with a Job. */
export function jobCauses(job: JsonObject): Cause[] {
  return jobSpecCauses(objectAt(job, "spec"), "spec");
}

function jobSpecCauses(spec: JsonObject, field: string): Cause[] {
  const counts = ["parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"];
  const pod = objectAt(spec, "template", "spec");
  const restart = textAt(pod, "restartPolicy") ?? "";
  return [
    ...counts.flatMap((count) => negativeCauses(`${field}.${count}`, numberAt(spec, count))),
    ...podSpecCauses(pod, `${field}.template.spec`),
    ...(restart === "Always"
      ? [{
        reason: "FieldValueRequired",
        message: 'Required value: valid values: "OnFailure", "Never"',
        field: `${field}.template.spec.restartPolicy`,
      }]
      : []),
  ];
}

/** Everything that is wrong with a CronJob. */
export function cronJobCauses(job: JsonObject): Cause[] {
  const spec = objectAt(job, "spec");
  const schedule = textAt(spec, "schedule") ?? "";
  const causes: Cause[] = schedule === "" ? [required("spec.schedule")] : [];
  if (schedule !== "" && !/^(?:@\w+(?: \w+)?|(?:\S+\s+){4}\S+)$/.test(schedule.trim())) {
    const found = schedule.trim().split(/\s+/).length;
    const why = `expected exactly 5 fields, found ${found}: [${schedule.trim().split(/\s+/).join(" ")}]`;
    causes.push(invalidValue("spec.schedule", goQuote(schedule), why));
  }
  return [...causes, ...jobSpecCauses(objectAt(spec, "jobTemplate", "spec"), "spec.jobTemplate.spec")];
}

/** `map[string]string{"a":"b"}`, as Go prints it. */
function goTexts(texts: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(texts).sort().map((key) => `${goQuote(key)}:${goQuote(texts[key] ?? "")}`);
  return pairs.length === 0 ? "map[string]string(nil)" : `map[string]string{${pairs.join(", ")}}`;
}

function goSelector(selector: JsonObject): string {
  const expressions = valueAt(selector, "matchExpressions");
  const list = Array.isArray(expressions) && expressions.length > 0
    ? `[]v1.LabelSelectorRequirement{${expressions.map(goRequirement).join(", ")}}`
    : "[]v1.LabelSelectorRequirement(nil)";
  return `v1.LabelSelector{MatchLabels:${goTexts(textsAt(selector, "matchLabels"))}, MatchExpressions:${list}}`;
}

function goRequirement(requirement: unknown): string {
  const values = valueAt(requirement, "values");
  const list = Array.isArray(values) && values.length > 0
    ? `[]string{${values.map((each) => goQuote(String(each))).join(", ")}}`
    : "[]string(nil)";
  const [key, operator] = [textAt(requirement, "key") ?? "", textAt(requirement, "operator") ?? ""];
  return `v1.LabelSelectorRequirement{Key:${goQuote(key)}, Operator:${goQuote(operator)}, Values:${list}}`;
}
