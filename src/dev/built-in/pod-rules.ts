// What the specification of a pod may not be.

import { isObject, type JsonObject, listAt, numberAt, objectAt, sameJson, textAt, textsAt } from "../json.ts";
import { type Cause, invalidValue, required } from "../kube/status.ts";
import { forbiddenField, unsupported } from "../structural/cause.ts";
import { goQuote } from "../structural/go-value.ts";
import { duplicateCause, negativeCauses, textCauses } from "./causes.ts";
import { containerCauses } from "./container-rules.ts";
import { ipMistakes, labelMistakes, subdomainMistakes } from "./formats.ts";
import { labelsCauses } from "./label-rules.ts";

const RESTART_POLICIES = ["Always", "Never", "OnFailure"];
const DNS_POLICIES = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];

/** Everything that is wrong with a Pod. */
export function podCauses(pod: JsonObject, previous: JsonObject | undefined): Cause[] {
  const spec = objectAt(pod, "spec");
  if (previous !== undefined) return podChangeCauses(spec, objectAt(previous, "spec"));
  return podSpecCauses(spec, "spec");
}

/** Everything that is wrong with the `spec` of a pod or of a template. */
export function podSpecCauses(spec: JsonObject, field: string): Cause[] {
  const volumes = new Set<string>();
  const names = new Set<string>();
  const causes = listAt(spec, "volumes").flatMap((volume, at) =>
    volumeCauses(volume, `${field}.volumes[${at}]`, volumes)
  );
  const containers = listAt(spec, "containers");
  if (containers.length === 0) causes.push(required(`${field}.containers`));
  for (const list of ["containers", "initContainers"]) {
    for (const [at, container] of listAt(spec, list).entries()) {
      const place = `${field}.${list}[${at}]`;
      causes.push(...containerCauses(container, place, volumes));
      const name = textAt(container, "name") ?? "";
      if (name !== "" && names.has(name)) causes.push(duplicateCause(`${place}.name`, goQuote(name)));
      names.add(name);
    }
  }
  return [...causes, ...policyCauses(spec, field), ...nameCauses(spec, field), ...hostCauses(spec, field)];
}

function policyCauses(spec: JsonObject, field: string): Cause[] {
  const restart = textAt(spec, "restartPolicy") ?? "";
  const dns = textAt(spec, "dnsPolicy") ?? "";
  const causes: Cause[] = [];
  if (restart === "") causes.push(required(`${field}.restartPolicy`));
  else if (!RESTART_POLICIES.includes(restart)) {
    causes.push(unsupported(`${field}.restartPolicy`, restart, RESTART_POLICIES));
  }
  if (!DNS_POLICIES.includes(dns)) causes.push(unsupported(`${field}.dnsPolicy`, dns, DNS_POLICIES));
  const grace = numberAt(spec, "terminationGracePeriodSeconds");
  return [...causes, ...negativeCauses(`${field}.terminationGracePeriodSeconds`, grace)];
}

function nameCauses(spec: JsonObject, field: string): Cause[] {
  const check = (key: string, rule: (text: string) => string[]) => {
    const text = textAt(spec, key) ?? "";
    return text === "" ? [] : textCauses(`${field}.${key}`, text, rule);
  };
  return [
    ...labelsCauses(`${field}.nodeSelector`, textsAt(spec, "nodeSelector")),
    ...check("serviceAccountName", subdomainMistakes),
    ...check("nodeName", subdomainMistakes),
    ...check("hostname", labelMistakes),
    ...check("subdomain", labelMistakes),
    ...check("priorityClassName", subdomainMistakes),
  ];
}

function hostCauses(spec: JsonObject, field: string): Cause[] {
  return listAt(spec, "hostAliases").flatMap((alias, at) => {
    const ip = textAt(alias, "ip") ?? "";
    const place = `${field}.hostAliases[${at}]`;
    return [
      ...textCauses(`${place}.ip`, ip, ipMistakes),
      ...listAt(alias, "hostnames").flatMap((name, index) =>
        textCauses(`${place}.hostnames[${index}]`, String(name), subdomainMistakes)
      ),
    ];
  });
}

function volumeCauses(volume: unknown, field: string, names: Set<string>): Cause[] {
  const name = textAt(volume, "name") ?? "";
  const causes = name === "" ? [required(`${field}.name`)] : textCauses(`${field}.name`, name, labelMistakes);
  if (names.has(name)) causes.push(duplicateCause(`${field}.name`, goQuote(name)));
  names.add(name);
  const sources = isObject(volume) ? Object.keys(volume).filter((key) => key !== "name") : [];
  if (sources.length === 0) return [...causes, required(field, "must specify a volume type")];
  const others = sources.slice(1);
  causes.push(...others.map((key) => forbiddenField(`${field}.${key}`, "may not specify more than 1 volume type")));
  return [...causes, ...sourceCauses(objectAt(volume, sources[0] ?? ""), `${field}.${sources[0] ?? ""}`)];
}

const neededBySource: Readonly<Record<string, string>> = {
  secret: "secretName",
  configMap: "name",
  persistentVolumeClaim: "claimName",
  hostPath: "path",
};

function sourceCauses(source: JsonObject, field: string): Cause[] {
  const needed = neededBySource[field.slice(field.lastIndexOf(".") + 1)];
  if (needed === undefined || (textAt(source, needed) ?? "") !== "") return [];
  return [required(`${field}.${needed}`)];
}

const CHANGEABLE = "pod updates may not change fields other than `spec.containers[*].image`, " +
  "`spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations` (only additions to existing " +
  "tolerations) or `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** A pod that exists keeps nearly everything. */
function podChangeCauses(spec: JsonObject, before: JsonObject): Cause[] {
  const [now, then] = [listAt(spec, "containers"), listAt(before, "containers")];
  if (now.length !== then.length) {
    return [forbiddenField("spec.containers", "pod updates may not add or remove containers")];
  }
  const causes = now.flatMap((container, at) =>
    (textAt(container, "image") ?? "") === "" ? [required(`spec.containers[${at}].image`)] : []
  );
  const deadline = numberAt(spec, "activeDeadlineSeconds");
  if (deadline !== undefined && deadline <= 0) {
    causes.push(
      invalidValue("spec.activeDeadlineSeconds", String(deadline), "must be between 1 and 2147483647, inclusive"),
    );
  }
  const tolerations = listAt(spec, "tolerations");
  const lost = listAt(before, "tolerations").some((each) => !tolerations.some((kept) => sameJson(kept, each)));
  if (lost) {
    causes.push(
      forbiddenField("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"),
    );
  }
  if (!sameJson(fixedPart(spec), fixedPart(before))) causes.push(forbiddenField("spec", CHANGEABLE));
  return causes;
}

function fixedPart(spec: JsonObject): JsonObject {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, nodeName: _node, ...rest } = spec;
  const withoutImages = (list: string) =>
    listAt(spec, list).map((each) => (isObject(each) ? { ...each, image: "" } : each));
  return { ...rest, containers: withoutImages("containers"), initContainers: withoutImages("initContainers") };
}
