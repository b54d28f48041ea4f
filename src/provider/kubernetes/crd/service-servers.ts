// A Service, its port and its type → the servers behind it.

import type { Server } from "../../../config/dynamic.ts";
import type { FieldPath } from "../../../schema/path.ts";
import { hintFor } from "../../../schema/suggest.ts";
import { serversOf, serverUrl } from "./endpoints.ts";
import type { ProblemText } from "./parse.ts";
import type { PlacedRef } from "./placed-ref.ts";
import { authorise } from "./reference.ts";
import type { EndpointSlice, ServicePort, ServiceSpec } from "./schema-core.ts";
import { traefikGroups } from "./schemas.ts";
import type { Translation } from "./translation.ts";

const SCHEMES = ["http", "https", "h2c"] as const;
const HTTPS_PORT = 443;

/** @returns undefined when something is wrong, which has been reported; an empty list when there are no endpoints */
export function serversOfRef(translation: Translation, placed: PlacedRef): readonly Server[] | undefined {
  const { ref, path, referrer } = placed;
  const fail = (field: FieldPath, text: ProblemText) => translation.report(referrer.source, [...path, ...field], text);
  const service = findService(translation, placed);
  if (service === undefined) return undefined;
  const port = portOf(service, ref.port);
  if ("message" in port) return void fail(["port"], port);
  const scheme = ref.scheme ?? schemeOf(port);
  if (!SCHEMES.some((known) => known === scheme)) return void fail(["scheme"], badScheme(scheme));
  if (ref.nodePortLB === true) fail(["nodePortLB"], NODE_PORT_UNSUPPORTED);
  const namespace = ref.namespace ?? referrer.namespace;
  const servers = serversByType(translation, placed, { service, port, scheme, namespace });
  return "message" in servers ? void fail([], servers) : servers;
}

function findService(translation: Translation, placed: PlacedRef): ServiceSpec | undefined {
  const { ref, path, referrer } = placed;
  const target = authorise(
    {
      kind: "Service",
      name: ref.name,
      namespace: ref.namespace,
      path: [...path, "name"],
      namespacePath: [...path, "namespace"],
      crossProvider: false,
    },
    referrer,
    translation.options,
  );
  if (target.type === "refused") {
    translation.problems.push(target.problem);
    return undefined;
  }
  const namespace = ref.namespace ?? referrer.namespace;
  const object = translation.snapshot.get("/Service", namespace, ref.name);
  if (object === undefined) {
    translation.report(referrer.source, [...path, "name"], missingService(translation, placed, namespace));
    return undefined;
  }
  const { value, problems } = translation.parser.service(object);
  translation.problems.push(...problems);
  return value;
}

/** A Service worked out as far as its port and scheme. */
interface Target {
  readonly service: ServiceSpec;
  readonly port: ServicePort;
  readonly scheme: string;
  readonly namespace: string;
}

function serversByType(
  translation: Translation,
  { ref }: PlacedRef,
  { service, port, scheme, namespace }: Target,
): readonly Server[] | ProblemText {
  const { options, snapshot, parser } = translation;
  const single = (host: string) => [{ url: serverUrl(scheme, host, port.port), weight: 1, preservePath: false }];
  if (service.type === "ExternalName") {
    if (!options.allowExternalNameServices) return externalNameRefused(ref.name);
    return service.externalName === undefined || service.externalName === ""
      ? { code: "missing-field", message: `the Service ${JSON.stringify(ref.name)} has no externalName` }
      : single(service.externalName);
  }
  if (ref.nativeLB ?? options.nativeLBByDefault) {
    const ip = service.clusterIP ?? "";
    return ip === "" || ip === "None" ? headlessNative(ref.name) : single(ip);
  }
  const slices: EndpointSlice[] = [];
  for (const object of snapshot.slicesOf(namespace, ref.name)) {
    const { value, problems } = parser.endpointSlice(object);
    translation.problems.push(...problems);
    if (value !== undefined) slices.push(value);
  }
  return serversOf(slices, port, scheme);
}

/** By number or by name; a name made of digits is a number that was quoted. */
function portOf(service: ServiceSpec, wanted: number | string | undefined): ServicePort | ProblemText {
  const ports = service.ports ?? [];
  const known = ports.map((port) => port.name === undefined ? `${port.port}` : `${port.port} (${port.name})`);
  const hint = known.length === 0 ? {} : { hint: `the Service has ${known.join(", ")}` };
  if (wanted === undefined || wanted === 0 || wanted === "") {
    return {
      code: "missing-field",
      message: `"port" is missing: it must be a port number or the name of a port`,
      ...hint,
    };
  }
  const number = typeof wanted === "number" ? wanted : /^[0-9]+$/.test(wanted) ? Number(wanted) : undefined;
  const found = ports.find((port) => typeof wanted === "string" && port.name === wanted) ??
    ports.find((port) => port.port === number);
  if (found !== undefined) return found;
  // An ExternalName Service needs no ports: the route's own number is then the one to dial.
  if (service.type === "ExternalName" && number !== undefined) return { port: number };
  return { code: "missing-port", message: `the Service has no port ${JSON.stringify(wanted)}`, ...hint };
}

function schemeOf(port: ServicePort): string {
  return port.port === HTTPS_PORT || (port.name ?? "").startsWith("https") ? "https" : "http";
}

function missingService(translation: Translation, { ref }: PlacedRef, namespace: string): ProblemText {
  const services = translation.snapshot.list("/Service").map((object) => object.metadata);
  const elsewhere = services.find((service) => service.name === ref.name)?.namespace;
  const isTraefikService = ref.name.includes("@") ||
    traefikGroups.some((group) =>
      translation.snapshot.get(`${group}/TraefikService`, namespace, ref.name) !== undefined
    );
  const near = hintFor(ref.name, services.filter((service) => service.namespace === namespace).map(({ name }) => name));
  const hint = isTraefikService
    ? "did you mean kind: TraefikService?"
    : elsewhere !== undefined
    ? `there is one in the namespace ${JSON.stringify(elsewhere)}`
    : near;
  return {
    code: "missing-service",
    message: `there is no Service ${JSON.stringify(ref.name)} in the namespace ${JSON.stringify(namespace)}`,
    ...(hint !== undefined && { hint }),
  };
}

function externalNameRefused(name: string): ProblemText {
  return {
    code: "external-name",
    message: `the Service ${JSON.stringify(name)} is of type ExternalName, which is not allowed`,
    hint: "set --providers.kubernetescrd.allowExternalNameServices=true to allow it",
  };
}

function headlessNative(name: string): ProblemText {
  return {
    code: "headless-service",
    message: `nativeLB needs a cluster IP, and the Service ${JSON.stringify(name)} is headless`,
    hint: "set nativeLB: false for it",
  };
}

function badScheme(scheme: string): ProblemText {
  const hint = hintFor(scheme, SCHEMES);
  return {
    code: "invalid-value",
    message: `"scheme" must be one of ${SCHEMES.join(", ")}, got ${JSON.stringify(scheme)}`,
    ...(hint !== undefined && { hint }),
  };
}

const NODE_PORT_UNSUPPORTED: ProblemText = {
  severity: "warning",
  code: "unsupported-field",
  message: '"nodePortLB" has no effect yet: requests go to the endpoints',
};
