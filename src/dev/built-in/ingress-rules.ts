// What an Ingress and an IngressClass may not be.

import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt, textsAt } from "../json.ts";
import { type Cause, invalidValue, required } from "../kube/status.ts";
import { forbiddenField, unsupported } from "../structural/cause.ts";
import { goQuote } from "../structural/go-value.ts";
import { immutableCause, textCauses } from "./causes.ts";
import {
  ipMistakes,
  isIpv4,
  isIpv6,
  portNameMistakes,
  serviceNameMistakes,
  subdomainMistakes,
  wildcardMistakes,
} from "./formats.ts";
import { numberCauses } from "./service-rules.ts";

const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
const FORBIDDEN_IN_PATH = ["//", "/./", "/../", "%2f", "%2F"];
const FORBIDDEN_AT_END = ["/..", "/."];
const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

/** Everything that is wrong with an Ingress. */
export function ingressCauses(ingress: JsonObject, previous: JsonObject | undefined): Cause[] {
  const spec = objectAt(ingress, "spec");
  const rules = listAt(spec, "rules");
  const causes: Cause[] = [];
  if (rules.length === 0 && spec["defaultBackend"] === undefined) {
    const wanted = "either `defaultBackend` or `rules` must be specified";
    causes.push(invalidValue("spec", "[]networking.IngressRule(nil)", wanted));
  }
  if (spec["defaultBackend"] !== undefined) {
    causes.push(...backendCauses(spec["defaultBackend"], "spec.defaultBackend"));
  }
  causes.push(...rules.flatMap((rule, at) => ruleCauses(rule, `spec.rules[${at}]`)));
  causes.push(...listAt(spec, "tls").flatMap((entry, at) => tlsCauses(entry, `spec.tls[${at}]`)));
  const name = textAt(spec, "ingressClassName");
  if (name !== undefined) causes.push(...textCauses("spec.ingressClassName", name, subdomainMistakes));
  const annotation = textsAt(ingress, "metadata", "annotations")[CLASS_ANNOTATION];
  if (previous === undefined && name !== undefined && annotation !== undefined) {
    const wanted = "can not be set when the class field is also set";
    causes.push(invalidValue(`annotations.${CLASS_ANNOTATION}`, goQuote(annotation), wanted));
  }
  return [...causes, ...balancerCauses(ingress)];
}

function ruleCauses(rule: unknown, field: string): Cause[] {
  const host = textAt(rule, "host") ?? "";
  const causes: Cause[] = [];
  if (isIpv4(host) || isIpv6(host)) {
    causes.push(invalidValue(`${field}.host`, goQuote(host), "must be a DNS name, not an IP address"));
  } else if (host !== "") causes.push(...hostCauses(`${field}.host`, host));
  const http = objectAt(rule, "http");
  if (!isObject(rule) || rule["http"] === undefined) return causes;
  const paths = listAt(http, "paths");
  if (paths.length === 0) causes.push(required(`${field}.http.paths`));
  return [...causes, ...paths.flatMap((path, at) => pathCauses(path, `${field}.http.paths[${at}]`))];
}

function hostCauses(field: string, host: string): Cause[] {
  return textCauses(field, host, host.includes("*") ? wildcardMistakes : subdomainMistakes);
}

function pathCauses(path: unknown, field: string): Cause[] {
  const type = textAt(path, "pathType");
  const text = textAt(path, "path") ?? "";
  const causes = type === undefined
    ? [required(`${field}.pathType`, "pathType must be specified")]
    : pathTextCauses(type, text, field);
  return [...causes, ...backendCauses(objectAt(path, "backend"), `${field}.backend`)];
}

function pathTextCauses(type: string, path: string, field: string): Cause[] {
  const wrong = (wanted: string) => invalidValue(`${field}.path`, goQuote(path), wanted);
  if (!PATH_TYPES.includes(type)) return [unsupported(`${field}.pathType`, type, PATH_TYPES)];
  const absolute = path.startsWith("/");
  if (type === "ImplementationSpecific") return path === "" || absolute ? [] : [wrong("must be an absolute path")];
  const causes = absolute ? [] : [wrong("must be an absolute path")];
  if (path === "") return causes;
  for (const part of FORBIDDEN_IN_PATH) if (path.includes(part)) causes.push(wrong(`must not contain '${part}'`));
  for (const part of FORBIDDEN_AT_END) if (path.endsWith(part)) causes.push(wrong(`cannot end with '${part}'`));
  return causes;
}

function backendCauses(backend: unknown, field: string): Cause[] {
  const hasService = isObject(backend) && backend["service"] !== undefined;
  const hasResource = isObject(backend) && backend["resource"] !== undefined;
  if (hasService && hasResource) return [invalidValue(field, `""`, "cannot set both resource and service backends")];
  if (hasResource) return resourceCauses(objectAt(backend, "resource"), `${field}.resource`);
  if (!hasService) return [invalidValue(field, `""`, "resource or service backend is required")];
  return serviceBackendCauses(objectAt(backend, "service"), field);
}

function serviceBackendCauses(service: JsonObject, field: string): Cause[] {
  const name = textAt(service, "name") ?? "";
  const causes = name === ""
    ? [required(`${field}.service.name`)]
    : textCauses(`${field}.service.name`, name, serviceNameMistakes);
  const portName = textAt(service, "port", "name") ?? "";
  const number = numberAt(service, "port", "number") ?? 0;
  if (portName !== "" && number !== 0) {
    return [...causes, invalidValue(field, `""`, "cannot set both port name & port number")];
  }
  if (portName !== "") return [...causes, ...textCauses(`${field}.service.port.name`, portName, portNameMistakes)];
  if (number !== 0) return [...causes, ...numberCauses(`${field}.service.port.number`, number)];
  return [...causes, required(field, "port name or number is required")];
}

function resourceCauses(resource: JsonObject, field: string): Cause[] {
  const group = textAt(resource, "apiGroup") ?? "";
  const absent = ["kind", "name"].filter((key) => (textAt(resource, key) ?? "") === "");
  return [
    ...(group === "" ? [] : textCauses(`${field}.apiGroup`, group, subdomainMistakes)),
    ...absent.map((key) => required(`${field}.${key}`)),
  ];
}

function tlsCauses(entry: unknown, field: string): Cause[] {
  const hosts = listAt(entry, "hosts").flatMap((host, at) => hostCauses(`${field}.hosts[${at}]`, String(host)));
  const secret = textAt(entry, "secretName") ?? "";
  return [...hosts, ...(secret === "" ? [] : textCauses(`${field}.secretName`, secret, subdomainMistakes))];
}

function balancerCauses(object: JsonObject): Cause[] {
  return listAt(object, "status", "loadBalancer", "ingress").flatMap((item, at) => {
    const field = `status.loadBalancer.ingress[${at}]`;
    const [ip, host] = [textAt(item, "ip") ?? "", textAt(item, "hostname") ?? ""];
    return [
      ...(ip === ""
        ? []
        : textCauses(`${field}.ip`, ip, (text) => ipMistakes(text).map(() => "must be a valid IP address"))),
      ...(host === "" ? [] : textCauses(`${field}.hostname`, host, subdomainMistakes)),
      ...(isIpv4(host) || isIpv6(host)
        ? [invalidValue(`${field}.hostname`, goQuote(host), "must be a DNS name, not an IP address")]
        : []),
    ];
  });
}

/** A cause with the names that fields have in the first versions of Ingress. */
export function betaIngressCause({ field, message, reason }: Cause): Cause {
  const old = field
    .replace("spec.defaultBackend", "spec.backend")
    .replace(/\.service\.name$/, ".serviceName")
    .replace(/\.service\.port\.(?:number|name)$/, ".servicePort");
  return { field: old, message: message.replace("`defaultBackend`", "`backend`"), reason };
}

const CONTROLLER_LIMIT = 250;

/** Everything that is wrong with an IngressClass. */
export function ingressClassCauses(ingressClass: JsonObject, previous: JsonObject | undefined): Cause[] {
  const controller = textAt(ingressClass, "spec", "controller") ?? "";
  const causes = controllerCauses(controller);
  const parameters = objectAt(ingressClass, "spec")["parameters"];
  if (isObject(parameters)) causes.push(...parameterCauses(parameters, "spec.parameters"));
  const before = textAt(previous, "spec", "controller");
  if (before !== undefined && before !== controller) {
    causes.push(immutableCause("spec.controller", goQuote(controller)));
  }
  return causes;
}

function controllerCauses(controller: string): Cause[] {
  const field = "spec.controller";
  if (controller === "") return [required(field)];
  if (controller.length > CONTROLLER_LIMIT) {
    return [{ reason: "FieldValueTooLong", message: `Too long: may not be longer than ${CONTROLLER_LIMIT}`, field }];
  }
  const slash = controller.indexOf("/");
  if (slash <= 0 || slash === controller.length - 1) {
    return [invalidValue(field, goQuote(controller), `must be a domain-prefixed path (such as "acme.io/foo")`)];
  }
  return textCauses(field, controller.slice(0, slash), subdomainMistakes);
}

function parameterCauses(parameters: JsonObject, field: string): Cause[] {
  const scope = textAt(parameters, "scope");
  const namespace = textAt(parameters, "namespace") ?? "";
  const causes = resourceCauses(parameters, field);
  if (scope === undefined) causes.push(required(`${field}.scope`));
  else if (scope !== "Cluster" && scope !== "Namespace") {
    causes.push(unsupported(`${field}.scope`, scope, ["Cluster", "Namespace"]));
  }
  if (scope === "Namespace" && namespace === "") {
    causes.push(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  }
  if (scope === "Cluster" && parameters["namespace"] !== undefined) {
    causes.push(forbiddenField(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  }
  return causes;
}
