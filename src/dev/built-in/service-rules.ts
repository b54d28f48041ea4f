// What a Service may not be.

import { isList, isObject, type JsonObject, listAt, numberAt, objectAt, textAt, textsAt, valueAt } from "../json.ts";
import { type Cause, invalidValue, required } from "../kube/status.ts";
import { forbiddenField, unsupported } from "../structural/cause.ts";
import { goQuote } from "../structural/go-value.ts";
import { duplicateCause, textCauses } from "./causes.ts";
import {
  ipMistakes,
  isCidr,
  labelMistakes,
  portNameMistakes,
  portNumberMistakes,
  qualifiedNameMistakes,
  subdomainMistakes,
} from "./formats.ts";
import { labelsCauses } from "./label-rules.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const AFFINITIES = ["ClientIP", "None"];
const MOST_SECONDS = 86400; // the longest client affinity, a day

/** Everything that is wrong with a Service. @param previous the stored one, when there is one */
export function serviceCauses(service: JsonObject, previous: JsonObject | undefined): Cause[] {
  const spec = objectAt(service, "spec");
  const type = textAt(spec, "type") ?? "ClusterIP";
  const headless = textAt(spec, "clusterIP") === "None";
  return [
    ...missingParts(spec, type, headless),
    ...portListCauses(spec, type),
    ...(spec["selector"] === undefined ? [] : labelsCauses("spec.selector", textsAt(spec, "selector"))),
    ...affinityCauses(spec),
    ...(TYPES.includes(type) ? [] : [unsupported("spec.type", type, TYPES)]),
    ...addressCauses(spec, type),
    ...externalCauses(spec, type),
    ...(previous === undefined ? [] : changeCauses(spec, objectAt(previous, "spec"))),
  ];
}

function missingParts(spec: JsonObject, type: string, headless: boolean): Cause[] {
  if (type !== "ExternalName") {
    return listAt(spec, "ports").length === 0 && !headless ? [required("spec.ports")] : [];
  }
  const name = textAt(spec, "externalName") ?? "";
  if (name === "") return [required("spec.externalName")];
  return textCauses("spec.externalName", name.replace(/\.$/, ""), subdomainMistakes);
}

function portListCauses(spec: JsonObject, type: string): Cause[] {
  const ports = listAt(spec, "ports");
  const names = new Set<string>();
  const numbers = new Set<string>();
  const causes = ports.flatMap((port, at) => portCauses(port, `spec.ports[${at}]`, { named: ports.length > 1, names }));
  const nodePorts = ports.flatMap((port, at) => nodePortCauses(port, `spec.ports[${at}].nodePort`, type));
  for (const [at, port] of ports.entries()) {
    const key = `${numberAt(port, "port") ?? 0}/${textAt(port, "protocol") ?? ""}`;
    if (numbers.has(key)) causes.push(duplicateCause(`spec.ports[${at}]`, goServicePort(port)));
    numbers.add(key);
  }
  return [...causes, ...nodePorts];
}

function portCauses(
  port: unknown,
  field: string,
  { named, names }: { readonly named: boolean; readonly names: Set<string> },
): Cause[] {
  const name = textAt(port, "name") ?? "";
  const causes: Cause[] = [];
  if (name === "" && named) causes.push(required(`${field}.name`));
  else if (name !== "") {
    causes.push(...textCauses(`${field}.name`, name, labelMistakes));
    if (names.has(name)) causes.push(duplicateCause(`${field}.name`, goQuote(name)));
    names.add(name);
  }
  causes.push(...numberCauses(`${field}.port`, numberAt(port, "port") ?? 0));
  const protocol = textAt(port, "protocol") ?? "";
  if (protocol === "") causes.push(required(`${field}.protocol`));
  else if (!PROTOCOLS.includes(protocol)) causes.push(unsupported(`${field}.protocol`, protocol, PROTOCOLS));
  causes.push(...portOrNameCauses(`${field}.targetPort`, valueAt(port, "targetPort")));
  const application = textAt(port, "appProtocol");
  if (application !== undefined) causes.push(...textCauses(`${field}.appProtocol`, application, qualifiedNameMistakes));
  return causes;
}

function nodePortCauses(port: unknown, field: string, type: string): Cause[] {
  const node = numberAt(port, "nodePort") ?? 0;
  if (node === 0) return [];
  return type === "ClusterIP" ? [forbiddenField(field, "may not be used when `type` is 'ClusterIP'")] : [];
}

/** A port's number. */
export function numberCauses(field: string, port: number): Cause[] {
  return portNumberMistakes(port).map((wanted) => invalidValue(field, String(port), wanted));
}

/** A port by number or name. */
export function portOrNameCauses(field: string, port: unknown): Cause[] {
  if (typeof port === "string") return textCauses(field, port, portNameMistakes);
  return typeof port === "number" ? numberCauses(field, port) : [];
}

/** A port as the validation prints one that occurs twice: its number and protocol alone. */
function goServicePort(port: unknown): string {
  const protocol = textAt(port, "protocol") ?? "";
  return `core.ServicePort{Name:"", Protocol:${goQuote(protocol)}, AppProtocol:(*string)(nil), ` +
    `Port:${numberAt(port, "port") ?? 0}, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}`;
}

function affinityCauses(spec: JsonObject): Cause[] {
  const affinity = textAt(spec, "sessionAffinity") ?? "None";
  if (!AFFINITIES.includes(affinity)) return [unsupported("spec.sessionAffinity", affinity, AFFINITIES)];
  const config = spec["sessionAffinityConfig"];
  if (affinity === "None") {
    const why = "must not be set when session affinity is None";
    return isObject(config) ? [forbiddenField("spec.sessionAffinityConfig", why)] : [];
  }
  const seconds = numberAt(config, "clientIP", "timeoutSeconds") ?? 0;
  if (seconds > 0 && seconds <= MOST_SECONDS) return [];
  const field = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
  return [invalidValue(field, String(seconds), `must be greater than 0 and less than ${MOST_SECONDS}`)];
}

function addressCauses(spec: JsonObject, type: string): Cause[] {
  if (type === "ExternalName") {
    const why = "may not be set when `type` is 'ExternalName'";
    return textAt(spec, "clusterIP") === undefined ? [] : [forbiddenField("spec.clusterIPs", why)];
  }
  const single = textAt(spec, "clusterIP") ?? "";
  if (single === "None" && (type === "LoadBalancer" || type === "NodePort")) {
    return [invalidValue("spec.clusterIPs[0]", `"None"`, `may not be set to 'None' for ${type} services`)];
  }
  return listAt(spec, "clusterIPs").flatMap((address, at) => {
    const text = String(address);
    return text === "None" || text === "" ? [] : textCauses(`spec.clusterIPs[${at}]`, text, ipMistakes);
  });
}

function externalCauses(spec: JsonObject, type: string): Cause[] {
  const causes = listAt(spec, "externalIPs").flatMap((address, at) =>
    textCauses(`spec.externalIPs[${at}]`, String(address), ipMistakes)
  );
  const ranges = listAt(spec, "loadBalancerSourceRanges").map(String);
  if (ranges.some((range) => !isCidr(range.trim()))) {
    const wanted = "must be a list of IP ranges. For example, 10.240.0.0/24,10.250.0.0/24 ";
    causes.push(invalidValue("spec.LoadBalancerSourceRanges", `[${ranges.join(" ")}]`, wanted.trim()));
  }
  const policy = textAt(spec, "externalTrafficPolicy") ?? "";
  const outside = type === "NodePort" || type === "LoadBalancer";
  if (policy !== "" && !outside && listAt(spec, "externalIPs").length === 0) {
    const why = "may only be set for externally-accessible services";
    causes.push(invalidValue("spec.externalTrafficPolicy", goQuote(policy), why));
  } else if (policy !== "" && policy !== "Cluster" && policy !== "Local") {
    causes.push(unsupported("spec.externalTrafficPolicy", policy, ["Cluster", "Local"]));
  }
  return causes;
}

function changeCauses(spec: JsonObject, before: JsonObject): Cause[] {
  const [old, now] = [listAt(before, "clusterIPs"), listAt(spec, "clusterIPs")];
  const stays = textAt(before, "type") !== "ExternalName" && textAt(spec, "type") !== "ExternalName";
  if (!stays || old.length === 0 || old[0] === now[0]) return [];
  const shown = `[]string{${(isList(now) ? now : []).map((each) => goQuote(String(each))).join(", ")}}`;
  return [invalidValue("spec.clusterIPs[0]", shown, "may not change once set")];
}
