// What a container may not be.

import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt, valueAt } from "../json.ts";
import { type Cause, invalidValue, required } from "../kube/status.ts";
import { forbiddenField, unsupported } from "../structural/cause.ts";
import { goQuote } from "../structural/go-value.ts";
import { duplicateCause, negativeCauses, notFoundCause, textCauses } from "./causes.ts";
import { envNameMistakes, labelMistakes, portNameMistakes, qualifiedNameMistakes } from "./formats.ts";
import { quantityNumber } from "./quantity.ts";
import { numberCauses, portOrNameCauses } from "./service-rules.ts";

const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];
const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"];
const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc"];

/** Everything that is wrong with a container. @param volumes of its pod, by name */
export function containerCauses(container: unknown, field: string, volumes: ReadonlySet<string>): Cause[] {
  const name = textAt(container, "name") ?? "";
  const image = textAt(container, "image") ?? "";
  const causes = name === "" ? [required(`${field}.name`)] : textCauses(`${field}.name`, name, labelMistakes);
  if (image === "") causes.push(required(`${field}.image`));
  else if (image !== image.trim()) {
    causes.push(invalidValue(`${field}.image`, goQuote(image), "must not have leading or trailing whitespace"));
  }
  causes.push(...PROBES.flatMap((probe) => probeCauses(valueAt(container, probe), `${field}.${probe}`)));
  causes.push(...portsCauses(listAt(container, "ports"), `${field}.ports`));
  causes.push(...listAt(container, "env").flatMap((entry, at) => envCauses(entry, `${field}.env[${at}]`)));
  causes.push(...mountsCauses(listAt(container, "volumeMounts"), `${field}.volumeMounts`, volumes));
  causes.push(...resourcesCauses(objectAt(container, "resources"), `${field}.resources`));
  const policy = textAt(container, "imagePullPolicy") ?? "";
  if (policy === "") causes.push(required(`${field}.imagePullPolicy`));
  else if (!PULL_POLICIES.includes(policy)) {
    causes.push(unsupported(`${field}.imagePullPolicy`, policy, PULL_POLICIES));
  }
  return causes;
}

function portsCauses(ports: readonly unknown[], field: string): Cause[] {
  const names = new Set<string>();
  return ports.flatMap((port, at) => {
    const place = `${field}[${at}]`;
    const name = textAt(port, "name") ?? "";
    const causes = name === "" ? [] : textCauses(`${place}.name`, name, portNameMistakes);
    if (name !== "" && names.has(name)) causes.push(duplicateCause(`${place}.name`, goQuote(name)));
    names.add(name);
    const number = numberAt(port, "containerPort") ?? 0;
    if (number === 0) causes.push(required(`${place}.containerPort`));
    else causes.push(...numberCauses(`${place}.containerPort`, number));
    const host = numberAt(port, "hostPort") ?? 0;
    if (host !== 0) causes.push(...numberCauses(`${place}.hostPort`, host));
    const protocol = textAt(port, "protocol") ?? "";
    if (protocol === "") causes.push(required(`${place}.protocol`));
    else if (!PROTOCOLS.includes(protocol)) causes.push(unsupported(`${place}.protocol`, protocol, PROTOCOLS));
    return causes;
  });
}

function envCauses(entry: unknown, field: string): Cause[] {
  const name = textAt(entry, "name") ?? "";
  const causes = name === "" ? [required(`${field}.name`)] : textCauses(`${field}.name`, name, envNameMistakes);
  const source = valueAt(entry, "valueFrom");
  if (!isObject(source)) return causes;
  const kinds = Object.keys(source);
  if ((textAt(entry, "value") ?? "") !== "") {
    causes.push(invalidValue(`${field}.valueFrom`, `""`, "may not be specified when `value` is not empty"));
  }
  if (kinds.length === 0) {
    causes.push(invalidValue(
      `${field}.valueFrom`,
      `""`,
      "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
    ));
  } else if (kinds.length > 1) {
    causes.push(invalidValue(`${field}.valueFrom`, `""`, "may not have more than one field specified at a time"));
  }
  for (const kind of ["configMapKeyRef", "secretKeyRef"]) {
    if (source[kind] === undefined) continue;
    if ((textAt(source, kind, "key") ?? "") === "") causes.push(required(`${field}.valueFrom.${kind}.key`));
  }
  return causes;
}

function mountsCauses(mounts: readonly unknown[], field: string, volumes: ReadonlySet<string>): Cause[] {
  const paths = new Set<string>();
  return mounts.flatMap((mount, at) => {
    const place = `${field}[${at}]`;
    const [name, path] = [textAt(mount, "name") ?? "", textAt(mount, "mountPath") ?? ""];
    const causes: Cause[] = [];
    if (name === "") causes.push(required(`${place}.name`));
    else if (!volumes.has(name)) causes.push(notFoundCause(`${place}.name`, name));
    if (path === "") causes.push(required(`${place}.mountPath`));
    if (paths.has(path)) causes.push(invalidValue(`${place}.mountPath`, goQuote(path), "must be unique"));
    paths.add(path);
    return causes;
  });
}

function probeCauses(probe: unknown, field: string): Cause[] {
  if (!isObject(probe)) return [];
  const handlers = HANDLERS.filter((handler) => probe[handler] !== undefined);
  const causes: Cause[] = handlers.length === 0 ? [required(field, "must specify a handler type")] : [];
  causes.push(
    ...handlers.slice(1).map((handler) =>
      forbiddenField(`${field}.${handler}`, "may not specify more than 1 handler type")
    ),
  );
  const port = valueAt(probe, handlers[0] ?? "", "port");
  if (port !== undefined) causes.push(...portOrNameCauses(`${field}.${handlers[0]}.port`, port));
  for (
    const count of ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
  ) {
    causes.push(...negativeCauses(`${field}.${count}`, numberAt(probe, count)));
  }
  const successes = numberAt(probe, "successThreshold") ?? 1;
  if (!field.endsWith(".readinessProbe") && successes !== 1) {
    causes.push(invalidValue(`${field}.successThreshold`, String(successes), "must be 1"));
  }
  return causes;
}

function resourcesCauses(resources: JsonObject, field: string): Cause[] {
  const [limits, requests] = [objectAt(resources, "limits"), objectAt(resources, "requests")];
  const causes: Cause[] = [];
  for (const [list, values] of [["limits", limits], ["requests", requests]] as const) {
    for (const [name, value] of Object.entries(values)) {
      causes.push(...textCauses(`${field}.${list}`, name, qualifiedNameMistakes));
      if (quantityNumber(value) < 0) {
        const wanted = "must be greater than or equal to 0";
        causes.push(invalidValue(`${field}.${list}[${name}]`, goQuote(String(value)), wanted));
      }
    }
  }
  for (const [name, value] of Object.entries(requests)) {
    if (limits[name] === undefined || quantityNumber(value) <= quantityNumber(limits[name])) continue;
    causes.push(
      invalidValue(`${field}.requests`, goQuote(String(value)), `must be less than or equal to ${name} limit`),
    );
  }
  return causes;
}
